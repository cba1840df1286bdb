"""The auditor's room: who may open it, what it shows, its looks in the log, and its signed report."""

import json
from datetime import timedelta

import pytest

from app.audit_room import PAGE, Look, Reason
from app.audit_room_report import KIND
from app.demo_audit import break_a_rule
from app.staff import StaffRole, add_staff
from app.transaction import House
from audit.entry import Action, parse
from audit.jws import keys_of_jwks, open_jws
from audit.log import StoredLog
from tests.app.pages.browsing import Browser, Page
from tests.conftest import SettableClock
from tests.people import Person

PASSWORD = "eleven quiet lamps"
ROOM = ("", "/entries", "/life", "/rules", "/sample", "/figures", "/report")


def sign_in(browser: Browser, house: House, role: StaffRole = StaffRole.AUDITOR) -> Page:
    add_staff(house, f"someone-{role}", role, PASSWORD)
    page = browser.open("/staff/sign-in")
    return browser.send(page.form("/staff/sign-in"), alias=f"someone-{role}", password=PASSWORD)


@pytest.fixture
def auditor(browser: Browser, sqlite_house: House) -> Browser:
    assert "/audit" in sign_in(browser, sqlite_house).html
    return browser


def looks(house: House) -> list[str | None]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    return [one.scope for one in entries if one.action is Action.AUDIT_LOOKED]


def reference_of(house: House, person: Person) -> str:
    with house.open_reading_vault("system") as vault:
        return vault.reference(person.subject_id, b"subject").hex()


def test_no_other_role_of_the_staff_opens_any_page_of_the_room(browser, sqlite_house):
    sign_in(browser, sqlite_house, StaffRole.PRIVACY)

    assert {browser.open(f"/audit{end}").status for end in ROOM} == {403}
    assert looks(sqlite_house) == []


def test_the_room_asks_for_the_password_again_after_ten_minutes(auditor, clock: SettableClock):
    clock.advance(timedelta(minutes=11))

    asked = auditor.open("/audit/rules")
    wrong = auditor.send(asked.form("/staff/confirm-password"), password="another one altogether")
    opened = auditor.send(wrong.form("/staff/confirm-password"), password=PASSWORD)

    assert (asked.path, wrong.status) == ("/staff/confirm-password", 401)
    assert (opened.path, opened.status) == ("/audit/rules", 200)


def test_every_look_is_an_entry_of_the_log_and_names_nobody(auditor, ada, sqlite_house):
    for end in ROOM:
        page = auditor.open(f"/audit{end}")
        assert page.status == 200, end
        assert ada.address not in page.html
        assert reference_of(sqlite_house, ada) not in page.html, end

    assert looks(sqlite_house) == [
        look.scope() for look in (Look.HEALTH, Look.SEARCH, Look.RULES, Look.FIGURES, Look.REPORT)
    ]


def test_a_life_is_shown_for_a_reason_of_the_list_which_the_log_keeps(auditor, ada, sqlite_house):
    form = auditor.open("/audit/life").form("/audit/life")
    reference = reference_of(sqlite_house, ada)

    without = auditor.send(form, reference=reference, reason="")
    curious = auditor.send(form, reference=reference, reason="curiosity")
    shown = auditor.send(form, reference=reference, reason="complaint")

    assert (without.status, curious.status, shown.status) == (422, 422, 200)
    assert "account.confirmed" in shown.text
    assert reference not in without.html
    assert looks(sqlite_house) == [Look.LIFE.scope(Reason.COMPLAINT)]


def test_a_violation_is_found_with_its_rule_and_leads_to_the_life_it_is_in(auditor, ada, sqlite_house):
    break_a_rule(sqlite_house, ada.subject_id)
    sqlite_house.sign_checkpoint()

    rules = auditor.open("/audit/rules")
    links = [given.get("href") or "" for _, given in rules.tags]
    link = next(address for address in links if address.startswith("/audit/life?"))
    life = auditor.send(auditor.open(link).form("/audit/life"), reason="violation")

    assert "Whole, but a rule is broken." in rules.text
    assert "no-consent · violations: 1" in rules.text
    assert "research.train" in life.text
    assert "for which no consent was given before" in life.text


def test_entries_are_found_by_action_period_scope_and_outcome_page_by_page(auditor, ada, sqlite_house):
    break_a_rule(sqlite_house, ada.subject_id)
    today = sqlite_house.clock().date()

    found = auditor.open(
        f"/audit/entries?action=record.read&scope=research&outcome=done&since={today}&until={today}"
    )
    earlier = auditor.open(f"/audit/entries?until={today - timedelta(days=4000)}")
    for _ in range(PAGE):
        auditor.open("/audit/figures")
    second = auditor.open("/audit/entries?action=audit.looked&page=2")

    assert "1 found, page 1 of 1" in found.text
    assert "0 found" in earlier.text
    assert "page 2 of 2" in second.text
    assert auditor.open("/audit/entries?since=yesterday").status == 422


def test_a_report_is_signed_and_checked_with_the_published_key(auditor, ada, sqlite_house):
    break_a_rule(sqlite_house, ada.subject_id)
    sqlite_house.sign_checkpoint()

    page = auditor.open("/audit/report")
    token = auditor.send(page.form("/audit/report")).html.strip()
    keys = keys_of_jwks(auditor.open("/.well-known/audit-keys.json").html)
    said = json.loads(open_jws(token, KIND, keys).payload)

    assert (said["state"], said["violation_count"]) == ("violated", len(said["violations"]))
    assert "no-consent" in {one["rule"] for one in said["violations"]}
    assert said["done"]["consents"] == "<10"
    assert reference_of(sqlite_house, ada) not in json.dumps(said)


def test_samples_are_drawn_for_a_reason_and_a_changed_log_is_called_broken(auditor, ada, sqlite_house):
    form = auditor.open("/audit/sample").form("/audit/sample")
    drawn = auditor.send(form, reason="plan")
    assert looks(sqlite_house) == [Look.SAMPLE.scope(Reason.PLAN)]
    sqlite_house.sign_checkpoint()
    with sqlite_house.data.begin() as raw:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log_entry'"
        for (name,) in raw.exec_driver_sql(triggers).fetchall():
            raw.exec_driver_sql(f"DROP TRIGGER {name}")
        raw.exec_driver_sql("UPDATE log_entry SET body = CAST('{}' AS BLOB) WHERE index_ = 1")

    health = auditor.open("/audit")

    assert "Disclosures drawn: 0" in drawn.text
    assert "Broken: the stored log is not the one that was signed." in health.text
