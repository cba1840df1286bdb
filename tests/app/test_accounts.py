"""Accounts: the same answer and the same work, whether an address is known or not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import passwords
from app.accounts import (
    AddressInvalid,
    AddressUnconfirmed,
    ConfirmationInvalid,
    CredentialsWrong,
    account_of,
    confirm,
    join,
    purge_unconfirmed,
    reauthenticate,
    sign_in,
)
from app.passwords import PasswordUnfit
from app.sessions import SessionKind, SignedIn, find_session, sign_out
from rights.retention import purge
from tests.cheap_passwords import AS_SERVED
from tests.people import PASSWORD, new_person, work
from vault.subject import AgeBand, Subject

ADDRESS = "ada@example.org"


def subjects(house) -> int:
    with house.open_reading_vault("system") as vault:
        return vault.session.scalar(select(func.count()).select_from(Subject)) or 0


def test_an_account_is_sealed_and_its_person_can_read_it(house, monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", AS_SERVED)
    person = new_person(house, ADDRESS, "de")

    account = account_of(house, person.subject_id)

    assert (account.address, account.language) == (ADDRESS, "de")
    assert account.credential.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with house.open_reading_vault("system") as vault:
        assert b"argon2" not in vault.session.scalar(select(Subject.account))


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@", "@example.org", "a b@example.org", "a@b", "x" * 250 + "@e.org"]
)
def test_what_is_no_address_is_refused_and_nothing_is_kept(sqlite_house, address):
    with pytest.raises(AddressInvalid):
        join(sqlite_house, address, PASSWORD, "en", AgeBand.ADULT)

    assert subjects(sqlite_house) == 0


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257, "Ada.Lovelace@Example.org"])
def test_a_weak_password_is_refused_and_nothing_is_kept(sqlite_house, password):
    with pytest.raises(PasswordUnfit):
        join(sqlite_house, "ada.lovelace@example.org", password, "en", AgeBand.ADULT)

    assert subjects(sqlite_house) == 0


def test_joining_with_a_known_address_changes_nothing_and_tells_only_its_owner(house):
    person = new_person(house, ADDRESS)

    join(house, ADDRESS, "another long password", "en", AgeBand.ADULT)

    ((to, subject, text),) = work(house).sent
    assert (to, subjects(house)) == (ADDRESS, 1)
    assert "already have an account" in subject
    assert "/confirm" not in text
    assert sign_in(house, ADDRESS, PASSWORD, SessionKind.PAGE)
    assert house.keystore.find_subject(ADDRESS) == person.subject_id


def test_an_unconfirmed_account_gives_way_so_nobody_can_sit_on_an_address(house):
    join(house, ADDRESS, "the squatter's password", "en", AgeBand.ADULT)
    squatters = work(house).last_token()

    join(house, ADDRESS, PASSWORD, "en", AgeBand.ADULT)
    token = work(house).last_token()

    with pytest.raises(ConfirmationInvalid):
        confirm(house, squatters)
    confirm(house, token)
    assert sign_in(house, ADDRESS, PASSWORD, SessionKind.PAGE)
    assert subjects(house) == 1


def test_an_unconfirmed_address_cannot_sign_in_and_only_the_right_password_learns_why(house):
    join(house, ADDRESS, PASSWORD, "en", AgeBand.ADULT)

    with pytest.raises(AddressUnconfirmed):
        sign_in(house, ADDRESS, PASSWORD, SessionKind.PAGE)
    with pytest.raises(CredentialsWrong):
        sign_in(house, ADDRESS, "a wrong long password", SessionKind.PAGE)


def test_a_confirmation_link_works_once_and_for_a_day(house, clock):
    join(house, ADDRESS, PASSWORD, "en", AgeBand.ADULT)
    token = work(house).last_token()
    clock.advance(timedelta(hours=23))
    confirm(house, token)

    with pytest.raises(ConfirmationInvalid):
        confirm(house, token)
    join(house, "grace@example.org", PASSWORD, "en", AgeBand.ADULT)
    late = work(house).last_token()
    clock.advance(timedelta(hours=24))
    with pytest.raises(ConfirmationInvalid):
        confirm(house, late)


def test_an_address_never_confirmed_is_forgotten_after_a_day(house, clock):
    join(house, ADDRESS, PASSWORD, "en", AgeBand.ADULT)
    clock.advance(timedelta(hours=25))

    assert purge_unconfirmed(house) == 1

    assert subjects(house) == 0
    assert house.keystore.find_subject(ADDRESS) is None


@pytest.mark.parametrize(
    ("address", "password"), [(ADDRESS, "a wrong long password"), ("eve@example.org", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(sqlite_house, address, password):
    new_person(sqlite_house, ADDRESS)

    with pytest.raises(CredentialsWrong) as refused:
        sign_in(sqlite_house, address, password, SessionKind.PAGE)

    assert refused.value.detail == "The address or the password is wrong."


def test_a_session_opens_only_its_own_face_and_ends_when_signed_out(house, person):
    token = sign_in(house, person.address, PASSWORD, SessionKind.PAGE)

    session = found_session(house, token)

    assert session.subject_id == person.subject_id
    assert find_session(house, token, SessionKind.API) is None
    assert find_session(house, token[:-1] + "x", SessionKind.PAGE) is None
    sign_out(house, session.session_id)
    assert find_session(house, token, SessionKind.PAGE) is None


def test_a_session_is_fresh_for_ten_minutes_and_again_after_the_password(house, person, clock):
    token = sign_in(house, person.address, PASSWORD, SessionKind.PAGE)
    assert found_session(house, token).is_fresh

    clock.advance(timedelta(minutes=11))
    stale = found_session(house, token)
    with pytest.raises(CredentialsWrong):
        reauthenticate(house, stale, "a wrong long password")
    reauthenticate(house, stale, PASSWORD)

    assert not stale.is_fresh
    assert found_session(house, token).is_fresh


def test_a_session_ends_after_a_day_unused_and_after_a_fortnight_in_any_case(house, person, clock):
    idle = sign_in(house, person.address, PASSWORD, SessionKind.PAGE)
    used = sign_in(house, person.address, PASSWORD, SessionKind.PAGE)

    for _ in range(27):
        clock.advance(timedelta(hours=12))
        assert find_session(house, used, SessionKind.PAGE)

    assert find_session(house, idle, SessionKind.PAGE) is None
    clock.advance(timedelta(hours=12))
    assert find_session(house, used, SessionKind.PAGE) is None
    with house.open_vault("system") as vault:
        assert purge(vault)["web_session"] == 2


def found_session(house, token: str) -> SignedIn:
    found = find_session(house, token, SessionKind.PAGE)
    assert found is not None
    return found
