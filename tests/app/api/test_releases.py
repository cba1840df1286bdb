"""Releases of points cards, for everybody: no sign-in, nobody in them."""

from datetime import timedelta

from app.releasing import release_card
from app.transaction import House
from model.card import load_card
from tests.app.api.speaking import Api
from tests.app.releasing_people import scored_people
from tests.conftest import SettableClock
from tests.model.test_release import kinder_card


def test_the_first_release_followed_none(stranger: Api) -> None:
    (first,) = stranger("GET", "/card/releases").json["releases"]

    assert (first["number"], first["digest"]) == (1, load_card().digest)
    assert first["distribution"] is None


def test_an_announced_card_is_there_at_once_with_how_far_it_moves_scores(
    sqlite_house: House, stranger: Api, clock: SettableClock
) -> None:
    scored_people(sqlite_house, 12)

    release_card(sqlite_house, kinder_card(), timedelta(days=14))

    newest, _ = stranger("GET", "/card/releases").json["releases"]
    assert newest["digest"] == kinder_card().digest
    assert newest["effective_at"] == (clock.now + timedelta(days=14)).isoformat()
    (only,) = newest["distribution"].pop("bins")
    assert newest["distribution"] == {"k": 10, "people": 10}
    assert only["people"] == 10


def test_a_release_over_few_people_tells_nothing_of_them(sqlite_house: House, stranger: Api) -> None:
    scored_people(sqlite_house, 3)

    release_card(sqlite_house, kinder_card(), timedelta(days=14))

    newest, _ = stranger("GET", "/card/releases").json["releases"]
    assert newest["distribution"] == {"k": 10, "people": None, "bins": []}
