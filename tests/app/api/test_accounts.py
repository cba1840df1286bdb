"""Joining, confirming and signing in: nobody learns who is a member."""

from datetime import datetime, timedelta

import pytest

from app.accounts import join, sign_in
from app.security import cookie_name
from app.sessions import SESSION_LASTS, SessionKind
from app.transaction import House
from tests.app.api.speaking import Api
from tests.conftest import SettableClock
from tests.people import PASSWORD, Person, work
from vault.subject import AgeBand


def test_joining_answers_the_same_for_a_known_and_an_unknown_address(stranger: Api, person: Person) -> None:
    known, unknown = stranger.join(person.address), stranger.join("nobody@example.org")

    assert (known.status_code, known.data) == (unknown.status_code, unknown.data) == (202, b"")
    assert sorted(known.headers.keys()) == sorted(unknown.headers.keys())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"age": "17"}, "age"),
        ({"age": 18}, "age"),
        ({"age": None}, "age"),
        ({"language": "fr"}, "language"),
        ({"password": 123456789012}, "password"),
        ({"password": None}, "password"),
        ({"address": None}, "address"),
        ({"address": ["ada@example.org"]}, "address"),
        ({"address": "ada\x00@example.org"}, "address"),
        ({"nickname": "ada"}, "nickname"),
    ],
)
def test_a_field_that_is_not_as_documented_is_named(
    stranger: Api, wrong: dict[str, object], field: str
) -> None:
    answer = stranger.join("ada@example.org", **wrong)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_text_that_no_encoding_can_hold_is_refused(stranger: Api) -> None:
    body = b'{"address": "\\ud800@example.org", "password": "three words and more"}'

    answer = stranger("POST", "/sessions", data=body, content_type="application/json")

    assert answer.json["errors"] == {"address": ["Not a valid utf-8 string."]}


def test_an_address_or_a_password_that_will_not_do_is_refused_by_the_domain(stranger: Api) -> None:
    no_address, short = stranger.join("not an address"), stranger.join("ada@example.org", password="short")

    assert no_address.json["type"] == "/problems/address-invalid"
    assert (short.json["type"], short.json["least"]) == ("/problems/password-unfit", 12)


def test_a_confirmation_token_works_once(sqlite_house: House, stranger: Api) -> None:
    stranger.join("new@example.org")
    token = work(sqlite_house).last_token()

    first = stranger("POST", "/accounts/confirmation", {"token": token})
    second = stranger("POST", "/accounts/confirmation", {"token": token})

    assert (first.status_code, second.status_code) == (204, 410)


def test_a_wrong_password_and_an_unknown_address_answer_the_same(stranger: Api, person: Person) -> None:
    wrong = stranger.sign_in(person.address, "another long password")
    unknown = stranger.sign_in("nobody@example.org")

    assert wrong.status_code == 401
    assert wrong.data == unknown.data
    assert "WWW-Authenticate" in wrong.headers


def test_an_unconfirmed_address_is_said_only_to_who_knows_the_password(
    sqlite_house: House, stranger: Api
) -> None:
    join(sqlite_house, "new@example.org", PASSWORD, "en", AgeBand.ADULT)

    assert stranger.sign_in("new@example.org").json["type"] == "/problems/address-unconfirmed"
    assert stranger.sign_in("new@example.org", "another long password").status_code == 401


def test_a_session_says_when_it_ends_and_ends_then(
    stranger: Api, person: Person, clock: SettableClock
) -> None:
    begun = clock()
    answer = stranger.sign_in(person.address)

    ends_at = datetime.fromisoformat(answer.json["expires_at"])
    assert ends_at == begun + SESSION_LASTS
    for _ in range(14):
        assert stranger("GET", "/account").status_code == 200
        clock.advance(timedelta(hours=23, minutes=59))
    clock.now = ends_at
    assert stranger("GET", "/account").status_code == 401


def test_a_token_no_longer_holds_after_signing_out(api: Api) -> None:
    assert api("DELETE", "/sessions/current").status_code == 204

    assert api("GET", "/account").status_code == 401


def test_the_cookie_of_a_page_opens_nothing(sqlite_house: House, stranger: Api, person: Person) -> None:
    token = sign_in(sqlite_house, person.address, person.password, SessionKind.PAGE)
    cookie = f"{cookie_name(sqlite_house.config, 'session')}={token}"

    by_cookie = stranger("GET", "/account", headers={"Cookie": cookie})
    as_bearer = stranger("GET", "/account", headers={"Authorization": f"Bearer {token}"})

    assert (by_cookie.status_code, as_bearer.status_code) == (401, 401)


def test_giving_the_password_again_needs_the_right_one(api: Api, person: Person) -> None:
    again = "/sessions/current/reauthentication"

    assert api("POST", again, {"password": person.password}).status_code == 204
    assert api("POST", again, {"password": "another long password"}).status_code == 401


def test_an_account_is_erased_only_with_the_password(api: Api) -> None:
    assert api("DELETE", "/account", {"password": "another long password"}).status_code == 401
    assert api("DELETE", "/account", {}).status_code == 422

    assert api("GET", "/account").status_code == 200


def test_guessing_is_slowed_down(stranger: Api) -> None:
    tries = [stranger.sign_in("nobody@example.org").status_code for _ in range(21)]

    assert tries == [401] * 20 + [429]
