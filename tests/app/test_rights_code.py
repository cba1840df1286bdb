"""Rights for people who cannot sign in: the code, what it opens, and suspended people from end to end."""

import re
from datetime import timedelta

import pytest

from app.accounts import join
from app.cli_account import REASONS
from app.rights_code import MOST_CODES, MOST_TRIES, RightsCodeWrong, redeem_code, request_code
from app.sessions import SessionKind, find_session
from app.suspending import SuspensionReason, reinstate, suspend
from app.web import create_app
from audit.entry import parse
from audit.tables import LogEntry
from tests.app.api.speaking import Api
from tests.app.pages.browsing import Browser
from tests.people import PASSWORD, CollectingMailer, new_person, work
from vault.errors import SubjectUnknown
from vault.subject import AgeBand


def mailed_code(house):
    """The code of the newest mail; every mail but that of a code is left out."""
    mailer = work(house, CollectingMailer())
    found = [re.findall(r"\b\d{4} \d{4}\b", text) for _, _, text in mailer.sent]
    return found[-1][0] if found else None


def ask_by_page(browser, address):
    page = browser.open("/rights/without-sign-in")
    return browser.send(page.form("/rights/without-sign-in"), address=address)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_suspended_person_is_refused_at_the_door_and_served_by_the_code(house, language):
    person = new_person(house, language=language)
    browser = Browser(create_app(house))
    browser.sign_in(person, f"/sign-in?lang={language}")
    suspend(house, person.address, SuspensionReason.SECURITY)

    assert browser.open("/account").path == "/sign-in"
    refused = browser.sign_in(person)
    assert refused.status == 403
    assert {"en": "Account is suspended", "de": "Konto ist gesperrt"}[language] in refused.text
    assert "/rights/without-sign-in" in refused.html

    sent = ask_by_page(browser, person.address)
    page = browser.send(sent.form("/rights/without-sign-in/code"), code=mailed_code(house))
    assert page.path == "/rights"
    asked = browser.send(page.form("/rights/requests"), right="access", words="All of it.")
    assert {"en": "with a code by mail", "de": "mit einem Code per E-Mail"}[language] in asked.text
    assert [browser.open(path).path for path in ("/score", "/account", "/imports")] == ["/sign-in"] * 3

    erasing = browser.open("/account/erase").form("/account/erase")
    assert browser.send(erasing).status == 200
    assert house.keystore.find_subject(person.address) is None


def test_the_answer_is_the_same_for_a_stranger_somebody_unconfirmed_and_a_member(sqlite_house, person):
    join(sqlite_house, "late@example.org", PASSWORD, "en", AgeBand.ADULT)
    work(sqlite_house)
    browser = Browser(create_app(sqlite_house))
    addresses = (person.address, "late@example.org", "nobody@example.org")

    answers = [ask_by_page(browser, address) for address in addresses]
    wrong = [
        browser.send(answer.form("/rights/without-sign-in/code"), code="0000 0000") for answer in answers
    ]

    assert {answer.status for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert {page.status for page in wrong} == {401}
    assert len({page.text for page in wrong}) == 1
    assert [address for address, _, _ in work(sqlite_house, CollectingMailer()).sent] == [person.address]


def test_a_code_holds_once_for_a_quarter_of_an_hour_and_five_tries(house, person, clock):
    def redeem(code):
        return redeem_code(house, person.address, code, SessionKind.RIGHTS)

    request_code(house, person.address)
    first = mailed_code(house)
    for _ in range(MOST_TRIES):
        with pytest.raises(RightsCodeWrong):
            redeem("12345678" if first != "1234 5678" else "87654321")
    with pytest.raises(RightsCodeWrong):
        redeem(first)

    request_code(house, person.address)
    second = mailed_code(house)
    clock.advance(timedelta(minutes=14))
    token = redeem(second.replace(" ", ""))
    with pytest.raises(RightsCodeWrong):
        redeem(second)
    session = find_session(house, token, SessionKind.RIGHTS)
    assert session is not None
    assert session.is_fresh
    clock.advance(timedelta(minutes=31))
    assert find_session(house, token, SessionKind.RIGHTS) is None

    request_code(house, person.address)
    third = mailed_code(house)
    clock.advance(timedelta(minutes=15))
    with pytest.raises(RightsCodeWrong):
        redeem(third)


def test_no_more_than_three_codes_are_sent_in_an_hour(sqlite_house, person, clock):
    for _ in range(MOST_CODES + 2):
        request_code(sqlite_house, person.address)
    assert len(work(sqlite_house, CollectingMailer()).sent) == MOST_CODES

    clock.advance(timedelta(hours=1))
    request_code(sqlite_house, person.address)
    assert mailed_code(sqlite_house) is not None


def test_the_api_serves_a_suspended_person_with_a_token_for_rights_alone(sqlite_house, person):
    api = Api(create_app(sqlite_house))
    suspend(sqlite_house, person.address, SuspensionReason.MISUSE)
    assert api.sign_in(person.address).json["type"] == "/problems/account-suspended"

    assert api("POST", "/sessions/codes", {"address": person.address}).status_code == 202
    assert api("POST", "/sessions/codes", {"address": "nobody@example.org"}).status_code == 202
    opened = api("POST", "/sessions/by-code", {"address": person.address, "code": mailed_code(sqlite_house)})
    api.token = opened.json["token"]

    assert api("GET", "/account").status_code == 200
    assert api("GET", "/score").status_code == 401
    assert api("DELETE", "/account", {"password": ""}).status_code == 200


def test_suspending_and_reinstating_stand_in_the_log_with_the_reason(house, person):
    suspend(house, person.address, SuspensionReason.COURT_ORDER)
    reinstate(house, person.address)

    with house.open_reading_vault() as vault:
        entries = [parse(entry.body) for entry in vault.session.query(LogEntry).order_by(LogEntry.index)]
    assert [(entry.action, entry.scope) for entry in entries[-2:]] == [
        ("account.suspended", "account/court-order"),
        ("account.reinstated", "account"),
    ]
    browser = Browser(create_app(house))
    assert browser.sign_in(person).status == 200
    with pytest.raises(SubjectUnknown):
        suspend(house, "nobody@example.org", SuspensionReason.MISUSE)


def test_the_command_line_names_every_reason():
    assert set(REASONS) == {reason.value for reason in SuspensionReason}
