"""The application over a house, and a browser at it."""

import pytest
from flask import Flask

from app.transaction import House
from app.web import create_app
from tests.app.pages.browsing import Browser
from tests.people import Person, give_consent


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    return create_app(sqlite_house)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def ada_consenting(sqlite_house: House, ada: Person) -> Person:
    """Somebody whose X data may serve a score."""
    give_consent(sqlite_house, ada)
    return ada
