"""The consents as people meet them: equal answers, a no that is remembered, newer words, and the way out."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.transaction import House
from app.web import create_app
from consent.purpose import REASK_AFTER
from consent.record import history
from sources.activity import Platform
from tests.app.pages.browsing import Browser, FormOnPage, Page
from tests.conftest import SettableClock
from tests.consent.registers import with_newer_text
from tests.people import Person, give_consent, work


def consent_form(page: Page, scope: str = "score.compute/x") -> FormOnPage:
    return page.form("/consents", scope=scope)


def test_a_no_is_remembered_changes_nothing_and_is_not_asked_about_again(
    sqlite_house: House, browser: Browser, ada: Person, clock: SettableClock
) -> None:
    browser.sign_in(ada)
    assert "First: your decision" in browser.open("/").text

    page = browser.send(consent_form(browser.open("/consents")), decision="refused")

    assert "Your no is recorded" in page.text
    assert consent_form(page).fields["seen"] == "1"
    assert consent_form(page).buttons == [("decision", "given"), ("decision", "refused")]
    assert "First: your decision" not in browser.open("/").text
    clock.advance(REASK_AFTER)
    browser.sign_in(ada)
    assert "First: your decision" in browser.open("/").text


def test_looking_and_leaving_is_no_decision(sqlite_house: House, browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)

    for page in ("/consents", "/", "/consents"):
        browser.open(page)

    with sqlite_house.open_reading_vault() as vault:
        assert history(vault, ada.subject_id) == []


def test_withdrawing_takes_as_many_requests_as_giving(browser: Browser, ada: Person) -> None:
    browser.sign_in(ada)
    taken = {}

    for decision in ("given", "withdrawn"):
        opened = browser.open("/consents")
        sent = browser.send(consent_form(opened), decision=decision)
        assert sent.status == 200
        taken[decision] = opened.requests + sent.requests

    assert taken["withdrawn"] <= taken["given"]


def test_words_that_ask_for_more_are_shown_with_both_answers_and_the_way_out(
    sqlite_house: House, ada: Person, tmp_path: Path
) -> None:
    give_consent(sqlite_house, ada)
    newer = replace(sqlite_house, notices=with_newer_text(tmp_path, more="handles"))
    browser = Browser(create_app(newer))
    browser.sign_in(ada)

    page = browser.open("/consents")
    refused = browser.send(consent_form(page), decision="refused")
    given = browser.send(consent_form(refused), decision="given")

    answers = [("decision", "given"), ("decision", "refused"), ("decision", "withdrawn")]
    assert consent_form(page).buttons == consent_form(refused).buttons == answers
    assert "There is a new text that asks for more." in page.text
    assert "What is new." in page.text
    assert consent_form(given).buttons == [("decision", "withdrawn")]


def test_words_that_ask_for_nothing_more_are_told_and_ask_nothing(
    sqlite_house: House, ada: Person, tmp_path: Path
) -> None:
    give_consent(sqlite_house, ada)
    browser = Browser(create_app(replace(sqlite_house, notices=with_newer_text(tmp_path))))
    browser.sign_in(ada)

    page = browser.open("/consents")

    assert "You need do nothing; your consent goes on." in page.text
    assert consent_form(page).buttons == [("decision", "withdrawn")]


def test_giving_refusing_and_withdrawing_have_the_same_buttons(
    sqlite_house: House, browser: Browser, ada: Person
) -> None:
    browser.sign_in(ada)
    give_consent(sqlite_house, ada, Platform.MASTODON)

    page = browser.open("/consents")

    looks = {
        (given.get("class"), given.get("type"))
        for tag, given in page.tags
        if tag == "button" and given.get("name")
    }
    assert looks == {("choice", "submit")}
    assert not [given for tag, given in page.tags if tag == "input" and "checked" in given]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Yes, all the same", "No, it stays off", "News by mail", "asks us not to share", "keeps off"),
        ),
        ("de", ("Ja, trotzdem", "Nein, es bleibt aus", "Neuigkeiten per Mail", "bittet", "Deshalb ist aus")),
    ],
)
def test_a_signal_against_an_older_yes_is_shown_with_two_equal_answers(
    sqlite_house: House, browser: Browser, ada: Person, language: str, words: tuple[str, ...]
) -> None:
    browser.sign_in(ada)
    browser.send(consent_form(browser.open("/consents"), "mail.news"), decision="given")
    token = work(sqlite_house).last_token()
    browser.send(browser.open(f"/mail/confirm?token={token}").form("/mail/confirm"))
    on = browser.open("/consents")

    page = browser.open(f"/consents?lang={language}", **{"Sec-GPC": "1"})
    again = browser.send(consent_form(page, "mail.news"), decision="despite-signal")
    token = work(sqlite_house).last_token()
    browser.send(browser.open(f"/mail/confirm?token={token}").form("/mail/confirm"))

    assert consent_form(on, "mail.news").buttons == [("decision", "withdrawn")]
    both = [("decision", "despite-signal"), ("decision", "withdrawn")]
    assert consent_form(page, "mail.news").buttons == both
    assert all(said in page.text for said in words)
    assert consent_form(again, "mail.news").buttons == [
        ("decision", "despite-signal"),
        ("decision", "refused"),
    ]
    confirmed = browser.open("/consents", **{"Sec-GPC": "1"})
    assert consent_form(confirmed, "mail.news").buttons == [("decision", "withdrawn")]


def test_keeping_it_off_is_one_click_and_a_withdrawal(
    sqlite_house: House, browser: Browser, ada: Person
) -> None:
    browser.sign_in(ada)
    browser.send(consent_form(browser.open("/consents"), "mail.news"), decision="given")
    token = work(sqlite_house).last_token()
    browser.send(browser.open(f"/mail/confirm?token={token}").form("/mail/confirm"))

    page = browser.open("/consents", **{"Sec-GPC": "1"})
    kept = browser.send(consent_form(page, "mail.news"), decision="withdrawn")
    plain_yes = browser.send(consent_form(kept, "mail.news"), decision="given")

    assert "Your consent is withdrawn." in kept.text
    assert consent_form(kept, "mail.news").buttons == [
        ("decision", "despite-signal"),
        ("decision", "refused"),
    ]
    assert (plain_yes.status, "The browser asks not to share" in plain_yes.text) == (403, True)
