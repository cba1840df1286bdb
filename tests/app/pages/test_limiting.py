"""Restricting and objecting on pages, by the API, and in the room of staff."""

import pytest
from flask import Flask

from app.limiting import make_objection, restrict_processing
from app.staff import StaffRole, add_staff
from app.transaction import House
from consent.access import accesses
from consent.limits import Ground
from rights.objection import About
from rights.request import Channel
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser, Page
from tests.people import PASSWORD, Person, work

BANNER = {
    "en": "Processing of your data is restricted",
    "de": "Die Verarbeitung Ihrer Daten ist eingeschränkt",
}


def on_duty(house: House, app: Flask, alias: str, role: StaffRole = StaffRole.PRIVACY) -> Browser:
    add_staff(house, alias, role, PASSWORD)
    browser = Browser(app)
    page = browser.open("/staff")
    browser.send(page.form("/staff/sign-in"), alias=alias, password=PASSWORD)
    return browser


def weigh(browser: Browser, reference: str, action: str, reasons: str = "") -> Page:
    page = browser.open(f"/staff/limits/{reference}")
    return browser.send(page.form(f"/staff/limits/{reference}"), action=action, reasons=reasons)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_restriction_is_said_on_every_personal_page_until_it_is_ended_there(
    browser: Browser, ada: Person, language: str
) -> None:
    browser.sign_in(ada)
    page = browser.open(f"/rights/restrict?lang={language}")
    assert BANNER[language] not in page.text

    done = browser.send(page.form("/rights/restrict"), ground="18-1-a", statement="Meine Zahl ist falsch.")

    assert BANNER[language] in done.text
    assert all(BANNER[language] in browser.open(at).text for at in ("/score", "/imports", "/account"))
    ended = browser.send(done.form("/rights/restrict/end"))
    assert BANNER[language] not in ended.text


def test_a_ground_there_is_not_and_too_many_words_are_refused_beside_the_field(
    browser: Browser, ada: Person
) -> None:
    browser.sign_in(ada)
    page = browser.open("/rights/restrict")

    refused = browser.send(page.form("/rights/restrict"), ground="21-1", statement="a" * 1001)

    assert refused.status == 422
    assert "Please choose one of these reasons." in refused.text
    assert "Please keep to the length" in refused.text


def test_an_objection_stops_at_once_and_can_be_taken_back(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)
    page = browser.open("/rights/object")

    done = browser.send(page.form("/rights/object"), about="statistics", statement="")
    back = browser.send(done.form("/rights/object/end"), about="statistics")

    assert "You objected to some processing" in done.text
    assert "You objected to some processing" not in back.text


def test_staff_weigh_in_their_room_in_twos_and_the_person_sees_who_looked(
    app: Flask, sqlite_house: House, ada: Person
) -> None:
    reference = make_objection(sqlite_house, ada.subject_id, About.SCORE, "I stopped posting", Channel.PAGE)
    anna, bert = (on_duty(sqlite_house, app, alias) for alias in ("anna", "bert"))

    opened = anna.open(f"/staff/limits/{reference}")
    empty = weigh(anna, reference, "override")
    proposed = weigh(anna, reference, "override", "A court asks for it.")
    alone = weigh(anna, reference, "confirm")
    together = weigh(bert, reference, "confirm")

    assert "I stopped posting" in opened.text
    assert (empty.status, alone.status, together.status) == (422, 403, 200)
    assert "another person must confirm" in proposed.text
    assert "A court asks for it." in proposed.text
    assert "Nothing stands still any more." in together.text
    with sqlite_house.open_reading_vault() as vault:
        looked = {(one.role, one.alias, one.fields) for one in accesses(vault, ada.subject_id)}
    assert ("staff", "anna", "rights_request.content") in looked


def test_staff_announce_the_end_of_a_restriction_and_wait(
    app: Flask, sqlite_house: House, ada: Person
) -> None:
    restrict_processing(sqlite_house, ada.subject_id, Ground.UNLAWFUL, "", Channel.PAGE)
    anna = on_duty(sqlite_house, app, "anna")
    reference = next(
        str(given["href"])
        for tag, given in anna.open("/staff/limits").tags
        if "/staff/limits/" in str(given.get("href"))
    ).rpartition("/")[2]

    announced = weigh(anna, reference, "announce", "The processing is lawful.")
    work(sqlite_house)

    assert "The mail to the person is on its way." in announced.text
    assert "It can be ended from 4 December 2026" in anna.open(f"/staff/limits/{reference}").text
    assert weigh(anna, reference, "lift").status == 409


@pytest.mark.parametrize("role", [StaffRole.REVIEWER, StaffRole.MODEL, StaffRole.AUDITOR])
def test_other_roles_do_not_come_in(app: Flask, sqlite_house: House, role: StaffRole) -> None:
    browser = on_duty(sqlite_house, app, "carl", role)

    assert browser.open("/staff/limits").status == 403


def test_programs_restrict_and_object_too(app: Flask, ada: Person) -> None:
    api = Api(app)
    api.sign_in(ada.address)

    restricted = api("POST", "/rights/restriction", {"ground": "18-1-c", "statement": ""})
    objected = api("POST", "/rights/objections", {"about": "statistics", "statement": "no"})
    standing = api("GET", "/rights/limits").json
    ended = [
        api("DELETE", f"/rights/{what}").status_code for what in ("restriction", "objections/statistics")
    ]

    assert (restricted.status_code, objected.status_code) == (200, 201)
    assert [one["ground"] for one in standing["restricted"]] == ["18-1-c"]
    assert standing["objected"] == ["statistics"]
    assert ended == [204, 204]
    assert api("GET", "/rights/limits").json["restricted"] == []
    assert api("DELETE", "/rights/objections/nothing").status_code == 404
