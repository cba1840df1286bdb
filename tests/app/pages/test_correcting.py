"""Correcting on pages and by the API: the form, the mark beside the figure, the room of staff."""

import pytest
from flask import Flask

from app.staff import StaffRole
from app.transaction import House
from sources.activity import Platform
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser, Page
from tests.app.pages.test_limiting import on_duty
from tests.people import Person, import_archive, work, x_zip

ASKED = {
    "platform": "x",
    "metric": "followers",
    "week": "",
    "value": "90000",
    "statement": "Zählt nur einen Tag <b>2022</b>.",
}


@pytest.fixture
def ada_scored(sqlite_house: House, browser: Browser, ada_consenting: Person) -> Person:
    import_archive(sqlite_house, ada_consenting, Platform.X, x_zip())
    browser.sign_in(ada_consenting)
    return ada_consenting


def ask(browser: Browser, **other: str) -> Page:
    page = browser.open("/rights/correct?metric=followers")
    return browser.send(page.form("/rights/correct"), None, **(ASKED | other))


def test_a_figure_is_disputed_marked_decided_and_said_to_be_corrected(
    app: Flask, sqlite_house: House, browser: Browser, ada_scored: Person
) -> None:
    before = browser.open("/score")
    assert 'href="/rights/correct?metric=followers"' in before.html
    assert 'href="/rights/review"' in before.html

    receipt = ask(browser)
    reference = receipt.path.rpartition("/")[2]
    marked = browser.open("/score")
    anna = on_duty(sqlite_house, app, "anna")
    listed = anna.open("/staff/corrections")
    opened = anna.open(f"/staff/corrections/{reference}")
    anna.send(opened.form(f"/staff/corrections/{reference}"), value="90000", reasons="Sie haben recht.")
    work(sqlite_house)

    assert "Disputed. X, followers: 12 should be 90,000" in marked.text
    assert "<b>2022</b>" not in marked.html
    assert reference in listed.text
    assert "Zählt nur einen Tag" in opened.text
    german = browser.open("/score?lang=de").text
    assert "zählt 90.000 statt 12" in german
    assert "Bestritten." not in german


def test_what_cannot_be_disputed_is_refused_beside_the_field_or_with_its_reason(
    browser: Browser, ada_scored: Person
) -> None:
    unusable = ask(browser, week="2026-W99", value="-1", statement="a" * 1001)
    unknown = ask(browser, metric="listed")
    same = ask(browser, value="12")

    assert unusable.status == 422
    assert "Please write the week like 2026-W05." in unusable.text
    assert "Please enter a whole number of at least 0." in unusable.text
    assert (unknown.status, same.status) == (422, 422)
    assert "The record holds no such figure" in unknown.text
    assert "The figure has this value already." in same.text


def test_only_the_privacy_role_comes_into_the_room(app: Flask, sqlite_house: House) -> None:
    assert on_duty(sqlite_house, app, "carl", StaffRole.MODEL).open("/staff/corrections").status == 403


def test_programs_dispute_too_and_correct_their_language(app: Flask, ada_scored: Person) -> None:
    api = Api(app)
    api.sign_in(ada_scored.address)
    asked = {**ASKED, "week": None, "value": 90000}

    made = api("POST", "/rights/rectifications", asked)
    unknown = api("POST", "/rights/rectifications", {**asked, "metric": "views_received"})
    (listed,) = api("GET", "/rights/rectifications").json["rectifications"]
    language = api("PUT", "/account/language", {"language": "de"})

    assert (made.status_code, unknown.status_code, language.status_code) == (201, 422, 204)
    assert (listed["present"], listed["asked"], listed["standing"]) == (12, 90000, "open")
    assert api("GET", "/account").json["language"] == "de"


def test_the_language_of_mails_is_corrected_on_the_account_page(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)
    page = browser.open("/account")

    done = browser.send(page.form("/account/language"), language="de")

    assert "Mails are in this language from now on." in done.text
    assert '<option value="de" selected>' in done.html
