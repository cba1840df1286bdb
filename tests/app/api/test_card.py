"""The points card for programs."""

from datetime import timedelta

from app.releasing import release_card
from app.transaction import House
from model.card import COMMITTED_CARD, card_from_bytes, load_card
from tests.app.api.speaking import Api
from tests.model.making import changed_card


def test_anybody_gets_the_card_in_force_to_the_byte(stranger: Api) -> None:
    answer = stranger("GET", "/card")

    assert answer.data == COMMITTED_CARD.read_bytes().strip()
    assert answer.headers["ETag"] == f'"{load_card().digest}"'


def test_a_released_card_takes_its_place(sqlite_house: House, stranger: Api) -> None:
    other = card_from_bytes(changed_card(lambda card: card.update(version="3")))
    release_card(sqlite_house, other, timedelta(0))

    answer = stranger("GET", "/card")

    assert answer.json["digest"] == other.digest


def test_a_query_nobody_asked_for_is_refused(stranger: Api) -> None:
    answer = stranger("GET", "/card?digest=x")

    assert answer.status_code == 422
