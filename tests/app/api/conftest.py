"""The API over a real house, and somebody who has joined and signed in."""

import pytest
from flask import Flask

from app.transaction import House
from app.web import create_app
from tests.app.api.speaking import Api
from tests.people import Person, new_person


@pytest.fixture
def app(sqlite_house: House) -> Flask:
    return create_app(sqlite_house)


@pytest.fixture
def stranger(app: Flask) -> Api:
    """Nobody in particular: no token."""
    return Api(app)


@pytest.fixture
def person(sqlite_house: House) -> Person:
    return new_person(sqlite_house)


@pytest.fixture
def api(app: Flask, person: Person) -> Api:
    """Somebody signed in."""
    signed_in = Api(app)
    signed_in.sign_in(person.address)
    return signed_in
