"""The API over a real house, and somebody who has joined and signed in."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app.transaction import House, open_house
from app.web import create_app
from tests.app.api.speaking import Api
from tests.conftest import SettableClock, opened_copy, original_for
from tests.installations import Original
from tests.people import ADA


@dataclass(frozen=True)
class SignedIn:
    """A house that Ada has joined and where she has signed in."""

    original: Original
    token: str


@pytest.fixture(scope="session")
def ada_signed_in(tmp_path_factory, prepared_sqlite_with_ada: Original) -> Iterator[SignedIn]:
    with prepared_sqlite_with_ada.copied(tmp_path_factory.mktemp("signed-in") / "home") as config:
        with closing(open_house(config, SettableClock())) as opened:
            ada = Api(create_app(opened))
            ada.sign_in(ADA)
        assert ada.token is not None
        yield SignedIn(Original(prepared=config), ada.token)


@pytest.fixture
def sqlite_house(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    """Where a test is about Ada signed in, a copy of a house in which she is."""
    is_signed_in = "api" in request.fixturenames
    original = request.getfixturevalue("ada_signed_in").original if is_signed_in else None
    yield from opened_copy(original or original_for(request, "sqlite"), tmp_path, clock)


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    return create_app(sqlite_house)


@pytest.fixture
def stranger(app: Flask) -> Api:
    """Nobody in particular: no token."""
    return Api(app)


@pytest.fixture
def api(app: Flask, ada_signed_in: SignedIn) -> Api:
    """Ada, signed in."""
    return Api(app, ada_signed_in.token)
