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
from tests.conftest import SettableClock, opened_copy
from tests.installations import Original
from tests.people import ADA, Person, who_joined


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
    """A copy of a house that Ada has joined where a test is about her, and has signed in if it needs that."""
    if "api" in request.fixturenames:
        original = request.getfixturevalue("ada_signed_in").original
    else:
        name = "prepared_sqlite_with_ada" if "person" in request.fixturenames else "prepared_sqlite"
        original = request.getfixturevalue(name)
    yield from opened_copy(original, tmp_path, clock)


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    return create_app(sqlite_house)


@pytest.fixture
def stranger(app: Flask) -> Api:
    """Nobody in particular: no token."""
    return Api(app)


@pytest.fixture
def person(sqlite_house: House) -> Person:
    return who_joined(sqlite_house)


@pytest.fixture
def api(app: Flask, ada_signed_in: SignedIn) -> Api:
    """Ada, signed in."""
    return Api(app, ada_signed_in.token)
