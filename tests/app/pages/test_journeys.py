"""Each journey of a person, by the forms on the pages alone: no script, both languages."""

import json
from html import unescape
from typing import Any

import pytest

from app.transaction import House
from rights.erasure import verify_certificate
from sources.activity import Platform
from tests.app.pages.browsing import Browser, FormOnPage, Page
from tests.conftest import SettableClock
from tests.making import create, outbox, zip_of
from tests.people import (
    CollectingMailer,
    Person,
    give_consent,
    import_archive,
    mastodon_zip,
    new_person,
    upload_archive,
    work,
    x_zip,
)

SAID = {
    "en": {
        "off": "Off",
        "none": "Not computed yet",
        "band": "Probably between",
        "wrong": "Address or password is wrong",
    },
    "de": {
        "off": "Aus",
        "none": "Noch nicht berechnet",
        "band": "Wahrscheinlich zwischen",
        "wrong": "Adresse oder Passwort stimmt nicht",
    },
}
PASSWORD = "a long enough password"


def consent_form(page: Page, scope: str = "score.compute/x") -> FormOnPage:
    return page.form("/consents", scope=scope)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_person_goes_from_joining_to_an_explained_score_and_back_to_nothing(
    sqlite_house: House, browser: Browser, language: str
) -> None:
    said = SAID[language]
    joined = browser.open(f"/join?lang={language}")
    assert f'<html lang="{language}">' in joined.html

    sent = browser.send(joined.form("/join"), address="eva@example.org", password=PASSWORD, age="18-plus")
    assert sent.path == "/join/sent"
    mailer = work(sqlite_house, CollectingMailer())
    confirming = browser.open(f"/confirm?token={mailer.last_token()}")
    signing = browser.send(confirming.form("/confirm"))
    home = browser.send(signing.form("/sign-in"), address="eva@example.org", password=PASSWORD)
    assert (home.status, home.path) == (200, "/")
    assert said["none"] in browser.open("/score").text

    consents = browser.open("/consents")
    assert consents.text.count(said["off"]) >= 2
    given = browser.send(consent_form(consents), decision="given")
    assert given.status == 200
    watched = browser.send(browser.open("/imports").form("/imports/x"), archive=x_zip())
    assert watched.path.startswith("/imports/")
    assert any(tag == "progress" for tag, _ in watched.tags)
    work(sqlite_house)
    assert 'value="100"' in browser.open(watched.path).html
    score = browser.open("/score")
    assert said["band"] in score.text
    assert browser.open("/history").html.count("<tbody><tr>") == 1

    withdrawn = browser.send(consent_form(browser.open("/consents")), decision="withdrawn")
    assert withdrawn.status == 200
    assert said["band"] not in browser.open("/score").text
    work(sqlite_house)
    assert said["none"] in browser.open("/score").text

    erased = browser.send(browser.open("/account/erase").form("/account/erase"), password=PASSWORD)
    assert erased.status == 200
    again = browser.send(
        browser.open("/sign-in").form("/sign-in"), address="eva@example.org", password=PASSWORD
    )
    assert again.status == 401
    assert said["wrong"] in again.text


def test_the_certificate_on_the_page_verifies_offline(
    browser: Browser, ada: Person, clock: SettableClock
) -> None:
    browser.sign_in(ada)

    erased = browser.send(browser.open("/account/erase").form("/account/erase"), password=ada.password)

    note = unescape(erased.html.split("<pre", 1)[1].split(">", 1)[1].split("</pre>")[0])
    assert verify_certificate(note) == clock.now
    assert any(given.get("download") for tag, given in erased.tags if tag == "a")


def test_erasing_with_a_wrong_password_erases_nothing(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)

    refused = browser.send(
        browser.open("/account/erase").form("/account/erase"), password="not the right one"
    )

    assert refused.status == 401
    assert ada.address in browser.open("/account").text


def test_the_page_before_erasing_says_what_goes_and_what_stays(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)

    page = browser.open("/account/erase")

    assert "The account: address, password hash" in page.text
    assert "The audit log" in page.text
    assert "proof that processing was lawful" in page.text


def test_joining_answers_a_known_address_like_an_unknown_one(browser: Browser, ada: Person) -> None:
    answers = [
        browser.send(browser.open("/join").form("/join"), address=address, password=PASSWORD, age="18-plus")
        for address in (ada.address, "nobody@example.org")
    ]

    assert answers[0].html == answers[1].html
    assert answers[0].status == answers[1].status == 200


@pytest.mark.parametrize(
    ("filled", "field"),
    [
        ({"address": "no address", "password": PASSWORD, "age": "16-17"}, "address"),
        ({"address": "eva@example.org", "password": "Kürbis", "age": "16-17"}, "password"),
        ({"address": "eva@example.org", "password": PASSWORD}, "age"),
    ],
)
def test_an_unusable_field_is_named_beside_itself_and_the_password_is_not_sent_back(
    browser: Browser, filled: dict[str, Any], field: str
) -> None:
    page = browser.send(browser.open("/join").form("/join"), **filled)

    assert page.status == 422
    assert f'id="{field}-error"' in page.html
    assert f'value="{filled["address"]}"' in page.html
    assert filled["password"] not in page.html


def test_opening_the_link_of_the_mail_confirms_nothing(sqlite_house: House, browser: Browser) -> None:
    browser.send(
        browser.open("/join").form("/join"), address="eva@example.org", password=PASSWORD, age="18-plus"
    )
    token = work(sqlite_house, CollectingMailer()).last_token()

    browser.open(f"/confirm?token={token}")

    page = browser.send(
        browser.open("/sign-in").form("/sign-in"), address="eva@example.org", password=PASSWORD
    )
    assert page.status == 403
    assert "Address not confirmed" in page.text


def test_a_used_link_says_so(browser: Browser, ada: Person) -> None:
    page = browser.send(browser.open("/confirm?token=used-before").form("/confirm"))

    assert page.status == 410
    assert "Link no longer valid" in page.text


def test_signing_in_leads_to_the_page_that_was_wanted(browser: Browser, ada: Person) -> None:
    page = browser.sign_in(ada, wanted="/history")

    assert page.path == "/history"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil"])
def test_signing_in_never_leads_to_another_site(browser: Browser, ada: Person, elsewhere: str) -> None:
    page = browser.open(f"/sign-in?next={elsewhere}")

    assert page.form("/sign-in").fields["next"] == "/"
    refused = browser.send(page.form("/sign-in"), address=ada.address, password=ada.password, next=elsewhere)
    assert refused.status == 422


def test_signing_out_ends_the_session_on_the_server_too(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)
    kept = browser.client.get_cookie("klarwert_session")
    assert kept is not None

    page = browser.send(browser.open("/account").form("/sign-out"))

    browser.client.set_cookie("klarwert_session", kept.value)
    assert page.path == "/sign-in"
    assert browser.open("/account").path == "/sign-in"


def test_a_decision_on_an_outdated_page_is_refused_and_shows_the_present_state(
    sqlite_house: House, browser: Browser, ada: Person
) -> None:
    browser.sign_in(ada)
    outdated = browser.open("/consents")
    give_consent(sqlite_house, ada)

    page = browser.send(consent_form(outdated), decision="given")

    assert page.status == 409
    assert "Consent has changed meanwhile" in page.text
    assert consent_form(page).buttons == [("decision", "withdrawn")]


def test_a_decision_about_other_words_is_refused(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)

    page = browser.send(consent_form(browser.open("/consents")), decision="given", notice_sha256="0" * 64)

    assert page.status == 422
    assert "Unknown notice" in page.text
    assert ("decision", "given") in consent_form(page).buttons


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "says nothing about you"), ("de", "sagt also nichts")]
)
def test_data_without_any_figure_to_score_are_said_to_be_so(
    browser: Browser, sqlite_house: House, ada: Person, language: str, sentence: str
) -> None:
    give_consent(sqlite_house, ada, Platform.MASTODON)
    without_counters = zip_of({"outbox.json": outbox([create(1), create(2)])})
    import_archive(sqlite_house, ada, Platform.MASTODON, without_counters)
    browser.sign_in(ada)

    page = browser.open(f"/score?lang={language}")

    assert sentence in page.text


def test_two_networks_split_the_points_and_the_table_adds_up_to_the_score(
    sqlite_house: House, browser: Browser, ada_consenting: Person
) -> None:
    give_consent(sqlite_house, ada_consenting, Platform.MASTODON)
    import_archive(sqlite_house, ada_consenting, Platform.X, x_zip(likes=40))
    import_archive(sqlite_house, ada_consenting, Platform.MASTODON, mastodon_zip(likes=9))
    browser.sign_in(ada_consenting)

    page = browser.open("/score")

    table = page.html.split("<caption>Points per criterion</caption>")[1].split("</table>")[0]
    cells = [cell.split("</td>")[0] for cell in table.split('<td class="amount">')[1:]]
    amounts = [float(cell) for cell in cells[::2] if cell != "–"]
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1])
    assert "part-mastodon" in page.html
    assert "part-x" in page.html


def test_the_state_of_an_import_is_told_to_scripts_too(browser: Browser, ada_consenting: Person) -> None:
    browser.sign_in(ada_consenting)
    watched = browser.send(browser.open("/imports").form("/imports/x"), archive=x_zip())

    state = json.loads(browser.open(f"{watched.path}/state").html)

    assert state == {
        "is_over": False,
        "percent": 0,
        "state": "queued",
        "text": "Uploaded and sealed. Waiting to be read.",
    }


def test_a_refused_archive_says_why_in_the_language_of_the_page(
    sqlite_house: House, browser: Browser, ada_consenting: Person
) -> None:
    browser.sign_in(ada_consenting)
    watched = browser.send(browser.open("/imports").form("/imports/x"), archive=b"no archive")
    work(sqlite_house)

    page = browser.open(f"{watched.path}?lang=de")

    assert "Archiv ist nicht lesbar." in page.text
    assert "weder ein zip" in page.text


def test_somebody_elses_import_is_not_there(
    sqlite_house: House, browser: Browser, ada_consenting: Person
) -> None:
    other = new_person(sqlite_house, "other@example.org")
    give_consent(sqlite_house, other)
    job_id = upload_archive(sqlite_house, other, Platform.X, x_zip())
    browser.sign_in(ada_consenting)

    pages = [browser.open(f"/imports/{job_id}"), browser.open(f"/imports/{job_id}/state")]

    assert {page.status for page in pages} == {404}
