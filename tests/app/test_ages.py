"""Ages: asked neutrally, kept as a band, below 16 not at all; and what depends on them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import account_of
from app.ages import DeclaredAge, TurnedAway, declare_age, require_old_enough
from app.transaction import House
from app.web import create_app
from consent.decision import give
from consent.errors import TooYoung
from consent.gate import require_permit
from consent.notice import notice
from consent.purpose import ACCOUNT, Purpose, Scope
from consent.record import history
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser
from tests.people import PASSWORD, work
from vault.subject import AgeBand, Subject, read_account, require_subject

MATCH = Scope(Purpose.PERK_MATCH)
ADDRESS = "eva@example.org"


def turned_away(house: House) -> dict[str, int]:
    with house.open_reading_vault("system") as vault:
        return {row.month: row.people for row in vault.session.scalars(select(TurnedAway))}


def people(house: House) -> int:
    with house.open_reading_vault("system") as vault:
        return len(vault.session.scalars(select(Subject.id)).all())


def test_the_question_has_three_answers_and_none_is_chosen(sqlite_house):
    page = Browser(create_app(sqlite_house)).open("/join")

    asked = [given for tag, given in page.tags if tag == "input" and given.get("name") == "age"]
    assert [given["value"] for given in asked] == [age.value for age in DeclaredAge]
    assert not any("checked" in given for given in asked)


@pytest.mark.parametrize("language", ["en", "de"])
def test_whoever_is_younger_than_16_leaves_a_number_and_nothing_else(sqlite_house, language):
    browser = Browser(create_app(sqlite_house))
    form = browser.open(f"/join?lang={language}").form("/join")

    page = browser.send(form, address=ADDRESS, password=PASSWORD, age="under-16")

    assert (page.status, page.path) == (200, "/join/too-young")
    assert ADDRESS not in page.html
    assert {"en": "we would rather wait", "de": "warten lieber"}[language] in page.text
    assert turned_away(sqlite_house) == {"2026-11": 1}
    assert people(sqlite_house) == 0
    assert sqlite_house.keystore.find_subject(ADDRESS) is None
    assert work(sqlite_house).sent == []


def test_the_api_turns_the_same_people_away_in_the_same_way(sqlite_house):
    api = Api(create_app(sqlite_house))

    answer = api.join(ADDRESS, age="under-16")

    assert (answer.status_code, answer.json["least"]) == (403, 16)
    assert answer.json["type"] == "/problems/too-young"
    assert (people(sqlite_house), turned_away(sqlite_house)) == (0, {"2026-11": 1})


def test_months_are_counted_apart(house, clock):
    for days in (0, 1, 20):
        clock.advance(timedelta(days=days))
        with pytest.raises(TooYoung):
            require_old_enough(house, DeclaredAge.UNDER_SIXTEEN)

    assert turned_away(house) == {"2026-11": 2, "2026-12": 1}


def test_the_band_is_kept_sealed_and_nothing_more_of_the_age(sqlite_house):
    browser = Browser(create_app(sqlite_house))

    browser.send(browser.open("/join").form("/join"), address=ADDRESS, password=PASSWORD, age="16-17")

    subject_id = sqlite_house.keystore.find_subject(ADDRESS)
    assert account_of(sqlite_house, subject_id).age_band is AgeBand.SIXTEEN


def test_an_account_of_before_says_nothing_and_counts_as_not_adult(sqlite_house, person):
    with sqlite_house.open_vault("subject") as vault:
        permit = require_permit(vault, person.subject_id, ACCOUNT)
        subject = require_subject(vault, person.subject_id)
        account = read_account(vault, permit, subject)
        before = {"address": account.address, "credential": account.credential, "language": "en"}
        subject.row_version += 1
        subject.account = vault.seal(permit, subject.cell("account"), json.dumps(before).encode())

    assert account_of(sqlite_house, person.subject_id).age_band is AgeBand.UNKNOWN
    with pytest.raises(TooYoung), sqlite_house.open_vault("subject") as vault:
        give(vault, person.subject_id, notice(MATCH, "en"))


def test_a_declared_age_gives_nothing_and_a_lower_one_ends_what_needs_the_higher(house, person):
    with house.open_vault("subject") as vault:
        give(vault, person.subject_id, notice(MATCH, "en"))

    declare_age(house, person.subject_id, AgeBand.SIXTEEN)
    declare_age(house, person.subject_id, AgeBand.ADULT)

    with house.open_reading_vault() as vault:
        records = history(vault, person.subject_id)
    assert [record.decision for record in records] == ["given", "invalidated"]
    assert records[-1].reason == "too-young"


def test_page_and_api_declare_an_age(sqlite_house, person):
    app = create_app(sqlite_house)
    browser, api = Browser(app), Api(app)
    browser.sign_in(person)
    api.sign_in(person.address)

    page = browser.send(browser.open("/account").form("/account/age"), age_band="16-17")
    by_page = api("GET", "/account").json["age_band"]
    answer = api("PUT", "/account/age", {"age_band": "18-plus"})

    assert "Nothing was turned on" in page.text
    assert (by_page, answer.status_code) == ("16-17", 204)
    assert api("GET", "/account").json["age_band"] == "18-plus"
    assert api("PUT", "/account/age", {"age_band": "under-16"}).status_code == 422
