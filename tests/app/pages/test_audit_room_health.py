"""How the log was over time: the verifier's runs are kept; witnesses, with what they cosigned last."""

from datetime import timedelta

from sqlalchemy import select

from app.audit_room_health import State, Verified
from app.demo_audit import break_a_rule
from app.publishing import witnesses
from app.transaction import House
from app.verifying import LogVerification, Verifier, find_last, keep_run, verified_days, verify_if_due
from app.web import create_app
from app.worker import Worker
from rights.retention import purge
from tests.app.pages.browsing import Browser
from tests.app.pages.test_audit_room import PASSWORD, sign_in
from tests.app.test_witnessing import carry, grow, witnessed
from tests.conftest import SettableClock
from tests.people import CollectingMailer
from tests.witnessing import witness_of

AS_COPIED = State.VIOLATED  # the installation that tests copy was opened later than their clock says


def runs(house: House) -> list[LogVerification]:
    with house.open_reading_vault("system") as vault:
        return list(vault.session.scalars(select(LogVerification).order_by(LogVerification.made_at)))


def tamper(house: House) -> None:
    with house.data.begin() as raw:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log_entry'"
        for (name,) in raw.exec_driver_sql(triggers).fetchall():
            raw.exec_driver_sql(f"DROP TRIGGER {name}")
        raw.exec_driver_sql("UPDATE log_entry SET body = CAST('{}' AS BLOB) WHERE index_ = 1")


def test_the_worker_verifies_the_log_once_a_day_and_keeps_what_it_found(house, clock: SettableClock):
    grow(house, 3)
    worker = Worker(house, CollectingMailer())

    for hours in (0, 1, 22, 2):
        clock.advance(timedelta(hours=hours))
        worker.tidy_if_due()
    found = runs(house)

    assert [(one.made_by, one.state) for one in found] == [(Verifier.WORKER, AS_COPIED)] * 2
    assert found[1].made_at - found[0].made_at == timedelta(hours=25)
    assert [one.published_size for one in found] == [one.size for one in found]
    assert [one.violation_count for one in found] == [1, 1]


def test_a_day_says_the_worst_that_was_found_on_it_and_runs_end_with_their_term(
    sqlite_house, clock: SettableClock
):
    grow(sqlite_house, 2)
    keep_run(sqlite_house, Verified(State.WHOLE), Verifier.ROOM)
    verify_if_due(sqlite_house)
    keep_run(sqlite_house, Verified(State.WHOLE), Verifier.ROOM)
    clock.advance(timedelta(days=1))
    tamper(sqlite_house)
    verify_if_due(sqlite_house)

    days = verified_days(sqlite_house)
    clock.advance(timedelta(days=400))
    with sqlite_house.open_vault("system") as vault:
        gone = purge(vault)["log_verification"]

    assert [(one.runs, one.state, one.violation_count) for one in days] == [
        (3, AS_COPIED, 1),
        (1, State.BROKEN, None),
    ]
    assert (gone, runs(sqlite_house)) == (4, [])


def test_the_room_keeps_its_runs_and_draws_them_with_a_table_that_says_the_same(
    browser: Browser, sqlite_house, clock: SettableClock
):
    sign_in(browser, sqlite_house)
    sqlite_house.sign_checkpoint()
    for end in ("", "/rules", "/figures"):
        browser.open(f"/audit{end}")
    clock.advance(timedelta(days=1))
    tamper(sqlite_house)
    again = browser.open("/staff/sign-in").form("/staff/sign-in")
    browser.send(again, alias="someone-auditor", password=PASSWORD)
    browser.open("/audit")

    page = browser.open("/audit")

    assert [one.made_by for one in runs(sqlite_house)] == [Verifier.ROOM] * 4
    assert [(one.runs, one.state) for one in verified_days(sqlite_house)] == [
        (2, AS_COPIED),
        (2, State.BROKEN),
    ]
    assert "Verifications over time" in page.text
    assert [given["class"] for tag, given in page.tags if tag == "circle"][:2] == ["mark broken"] * 2


def test_the_room_shows_every_witness_with_what_it_cosigned_last_and_when(sqlite_house, clock: SettableClock):
    with (
        witness_of(sqlite_house.log_key, "w.example/0", int(clock().timestamp())) as well,
        witness_of(sqlite_house.log_key, "w.example/1", int(clock().timestamp())) as down,
    ):
        house = witnessed(sqlite_house, well, down, needed=1)
        grow(house, 2)
        carry(house)
        down.is_down = True
        grow(house, 3)
        carry(house)
        seen = witnesses(house)
        browser = Browser(create_app(house))
        sign_in(browser, house)
        page = browser.open("/audit")

    assert [(one.name, one.size, one.problem) for one in seen] == [("w0", 6, None), ("w1", 3, "http-503")]
    assert {one.at for one in seen} == {clock().replace(microsecond=0)}
    moment = f"{clock():%-d %B %Y, %H:%M} UTC"
    assert f"w0 6 {moment}" in page.text
    assert f"w1 3 {moment} 3 did not cosign: http-503" in page.text


def test_a_log_too_long_for_a_run_leaves_no_row(sqlite_house):
    keep_run(sqlite_house, Verified(State.OFFLINE), Verifier.WORKER)

    assert runs(sqlite_house) == []


def test_of_a_log_too_long_for_a_page_the_room_tells_what_the_worker_found_last(
    browser: Browser, ada, sqlite_house
):
    break_a_rule(sqlite_house, ada.subject_id)
    sqlite_house.sign_checkpoint()
    verify_if_due(sqlite_house)
    browser.client.application.config["AUDIT_WITHIN"] = 1
    sign_in(browser, sqlite_house)

    rules = browser.open("/audit/rules")
    links = [given.get("href") or "" for _, given in rules.tags]
    (run,) = runs(sqlite_house)

    assert "this is what the service found on" in rules.text
    assert "no-consent · violations: 1" in rules.text
    assert [link for link in links if link.startswith("/audit/life?entry=")]
    with sqlite_house.open_reading_vault("system") as vault:
        assert vault.reference(ada.subject_id, b"subject").hex() not in (run.found or "")


def test_what_a_run_found_is_kept_of_the_last_run_only_and_reads_as_it_was(
    sqlite_house, clock: SettableClock
):
    grow(sqlite_house, 2)
    verify_if_due(sqlite_house)
    clock.advance(timedelta(days=1))
    verify_if_due(sqlite_house)

    kept = find_last(sqlite_house)

    assert [one.found is not None for one in runs(sqlite_house)] == [False, True]
    assert kept is not None
    assert kept.report is not None
    assert (kept.state, kept.as_of, kept.report.size) == (AS_COPIED, clock(), runs(sqlite_house)[1].size)
