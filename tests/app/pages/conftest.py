"""The application over a house, and a browser at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.transaction import House
from app.web import create_app
from tests.app.pages.browsing import Browser
from tests.conftest import SettableClock, opened_copy
from tests.people import Person, give_consent, who_joined


@pytest.fixture
def sqlite_house(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    """Where a test is about Ada, the copy of a house that she has joined."""
    original = "prepared_sqlite_with_ada" if "ada" in request.fixturenames else "prepared_sqlite"
    yield from opened_copy(request.getfixturevalue(original), tmp_path, clock)


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    return create_app(sqlite_house)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def ada(sqlite_house: House) -> Person:
    """Somebody who has joined and confirmed."""
    return who_joined(sqlite_house)


@pytest.fixture
def ada_consenting(sqlite_house: House, ada: Person) -> Person:
    """Somebody whose X data may serve a score."""
    give_consent(sqlite_house, ada)
    return ada
