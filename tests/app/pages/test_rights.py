"""The page of rights, and one's own requests."""

import pytest

from tests.app.pages.browsing import Browser
from tests.people import CollectingMailer, new_person, work

WORDS = "Please send me what you hold about my lighthouse"


def ask(browser: Browser, right: str = "access"):
    return browser.send(browser.open("/rights").form("/rights/requests"), right=right, words=WORDS)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_request_gets_a_reference_a_day_and_a_mail_that_does_not_say_what_it_is_about(
    sqlite_house, browser, language
):
    person = new_person(sqlite_house, language=language)
    browser.sign_in(person)
    mailer = CollectingMailer()

    page = ask(browser)
    work(sqlite_house, mailer)

    ((address, subject, text),) = mailer.sent
    reference = page.path.rpartition("/")[2]
    assert (address, reference in subject, reference in text) == (person.address, True, True)
    assert ("21 December 2026" if language == "en" else "21. Dezember 2026") in text
    assert "lighthouse" not in subject + text
    assert WORDS in page.text
    assert reference in browser.open("/rights").text


def test_the_person_writes_more_and_takes_the_request_back(browser, ada):
    browser.sign_in(ada)
    page = ask(browser)

    said = browser.send(page.form(f"{page.path}/reply"), words="It stands on a rock.")
    gone = browser.send(said.form(f"{page.path}/withdraw"))

    assert "It stands on a rock." in said.text
    assert "withdrawn by you" in gone.text
    assert "complain to a supervisory authority" in gone.text
    assert [form.action for form in gone.forms] == ["/sign-out"]


def test_somebody_elses_request_is_unknown(sqlite_house, app, browser, ada):
    browser.sign_in(ada)
    path = ask(browser).path
    other = Browser(app)
    other.sign_in(new_person(sqlite_house, "bob@example.org"))

    assert other.open(path).status == 404


def test_an_empty_request_is_sent_back_with_what_is_lacking(browser, ada):
    browser.sign_in(ada)

    page = browser.send(browser.open("/rights").form("/rights/requests"), right="access", words="")

    assert page.status == 422
    assert "Please write something" in page.text


def test_only_pages_that_are_there_are_linked(app, browser, ada):
    browser.sign_in(ada)
    page = browser.open("/rights")
    served = app.url_map.bind("")

    links = [given["href"] for tag, given in page.tags if tag == "a"]

    assert "/account/erase" in links
    assert [link for link in links if link.startswith("/rights/") and not served.test(link, "GET")] == []


def test_the_password_is_asked_for_once_more_and_leads_back(browser, ada):
    browser.sign_in(ada)
    form = browser.open("/confirm-password?next=/consents").form("/confirm-password")

    wrong = browser.send(form, password="not the password at all")
    right = browser.send(form, password=ada.password)

    assert (wrong.status, right.path) == (401, "/consents")
    foreign = browser.open("/confirm-password?next=https://evil.example").form("/confirm-password")
    assert foreign.fields["next"] == "/rights"
