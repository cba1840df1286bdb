"""The auditor's room: who may open it, what it shows, its looks in the log, and its signed report."""

import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from click.testing import CliRunner, Result

from app.audit_room import PAGE, Look, Reason
from app.audit_room_figures import ComplianceFigures, Figure
from app.audit_room_health import DAYS, Day, Health, State, Verified
from app.audit_room_report import (
    JSON_NAME,
    LISTED,
    PDF_NAME,
    TOKEN_NAME,
    bundled,
    check_report,
    report,
    report_signer,
)
from app.audit_room_tally import Counted, Took
from app.cli import klarwert
from app.demo_audit import break_a_rule
from app.language import WORDS
from app.staff import StaffRole, add_staff
from app.transaction import House
from audit.entry import Action, Entry, parse
from audit.jws import keys_of_jwks
from audit.stored import StoredLog, held_about
from audit.verify import VerifyReport
from audit.violation import Rule, Violation, Wrong
from explain.wording import Language, say_day
from tests.app.pages.browsing import Browser, Page
from tests.conftest import SettableClock
from tests.people import Person

ROOT = Path(__file__).parents[3]
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
    return [one.scope for one in looks_in(house)]


def looked_at(house: House) -> list[str | None]:
    return [one.subject_ref for one in looks_in(house)]


def looks_in(house: House) -> list[Entry]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    return [one for one in entries if one.action is Action.AUDIT_LOOKED]


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
    assert looked_at(sqlite_house) == [reference]


def test_a_look_at_a_life_names_whose_it_was_and_nothing_that_the_log_does_not_know(
    auditor, ada, sqlite_house
):
    reference = reference_of(sqlite_house, ada)
    by_entry = auditor.open("/audit/life?entry=1").form("/audit/life")
    typed = auditor.open("/audit/life").form("/audit/life")

    auditor.send(by_entry, reason="plan")
    auditor.send(typed, reference="ab" * 32, reason="plan")

    assert looked_at(sqlite_house) == [reference, None]
    with sqlite_house.open_reading_vault() as vault:
        *_, last = held_about(vault.session, bytes.fromhex(reference))
    assert parse(last.body).action is Action.AUDIT_LOOKED


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
    assert "wofür zuvor keine Einwilligung erteilt war" in auditor.open("/audit/rules?lang=de").text


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


def taken(auditor: Browser, language: str = "en") -> bytes:
    page = auditor.open(f"/audit/report?lang={language}")
    sent = {"csrf_token": page.form("/audit/report").fields["csrf_token"]}
    answer: bytes = auditor.client.post("/audit/report", data=sent).data
    return answer


def zipped(auditor: Browser, language: str = "en") -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(taken(auditor, language))) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def text_of(pdf: bytes) -> str:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    return " ".join(" ".join(pages).split())


def test_a_report_is_signed_and_checked_with_the_published_key(auditor, ada, sqlite_house):
    break_a_rule(sqlite_house, ada.subject_id)
    sqlite_house.sign_checkpoint()

    bundle = taken(auditor)
    keys = keys_of_jwks(auditor.open("/.well-known/audit-keys.json").html)
    said = check_report(bundle, keys).said

    assert (said["state"], said["violation_count"]) == ("violated", len(said["violations"]))
    assert "no-consent" in {one["rule"] for one in said["violations"]}
    assert said["done"]["consents"] == "<10"
    assert said["rules"]["no-consent"] == 1
    assert reference_of(sqlite_house, ada) not in json.dumps(said)


@pytest.mark.parametrize(
    ("language", "title", "broken"),
    [
        ("en", "Auditor’s report", "under research.train, for which"),
        ("de", "Prüfbericht über das", "für research.train, wofür"),
    ],
)
def test_the_pdf_of_a_report_says_in_text_what_its_json_says(
    auditor, ada, sqlite_house, language, title, broken
):
    break_a_rule(sqlite_house, ada.subject_id)
    for end in ("/figures",) * 12 + ("/rules",):
        auditor.open(f"/audit{end}")
    sqlite_house.sign_checkpoint()

    files = zipped(auditor, language)
    pdf, said = files[PDF_NAME], json.loads(files[JSON_NAME])
    read, text = pypdf.PdfReader(io.BytesIO(pdf)), text_of(pdf)

    assert read.metadata is not None
    assert title in (read.metadata.title or "")
    root: dict[str, Any] = dict(read.root_object)
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == (language, True)
    assert read.xmp_metadata is not None
    assert "pdfuaid:part" in read.xmp_metadata.stream.get_data().decode()
    assert said["pdf"]["language"] == language
    assert all(part in text for part in (title, said["origin"], *said["checkpoint"].split()[:3]))
    (wrong,) = [one["index"] for one in said["violations"] if one["rule"] == "no-consent"]
    assert f"{wrong}: record.read {broken}" in text
    for part, prefix in (("done", "count_"), ("answered_within", "took_")):
        for name, count in said[part].items():
            row = f"{WORDS.say(f'audit.{prefix}{name}', Language(language))} {count}"
            assert text.count(row) >= 2, "once in the plot, once in its table"
    last, run = said["days"][-1], said["verifications"][-1]
    assert f"{say_day(date.fromisoformat(last['day']), Language(language))} {last['added']}" in text
    assert f"{run['runs']} {run['size']} {run['published']} {run['minutes']} " in text
    assert reference_of(sqlite_house, ada) not in text
    assert ada.address not in text


def test_one_changed_byte_of_a_report_is_found_wherever_it_is(auditor, tmp_path):
    files = zipped(auditor)
    keys = tmp_path / "keys.json"
    keys.write_text(auditor.open("/.well-known/audit-keys.json").html, encoding="utf-8")

    def checked(changed: str) -> Result:
        path = tmp_path / "report.zip"
        with zipfile.ZipFile(path, "w") as file:
            for name, content in files.items():
                at = len(content) // 2
                flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
                file.writestr(name, flipped if name == changed else content)
        return CliRunner().invoke(klarwert, ["audit", "report", str(path), "--keys", str(keys)])

    whole = checked("")
    changed = [checked(name) for name in files]

    assert (whole.exit_code, list(files)) == (0, [PDF_NAME, JSON_NAME, TOKEN_NAME])
    assert "The report holds: made at" in whole.output
    assert [one.exit_code for one in changed] == [1, 1, 1]
    assert {str(type(one.exception).__name__) for one in changed} == {"SignatureInvalid"}


def test_the_longest_report_still_fits_into_its_signature():
    worst = Violation(
        Rule.SIGNAL_IGNORED,
        1 << 50,
        Wrong.SIGNAL,
        {"action": "rights.refusal-confirmed", "scope": "x" * 100, "entry": 1 << 50},
        (1 << 50, 1 << 50),
        "f" * 64,
    )
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    days = [Day(at.date() - timedelta(days=n), 10**9, 10**12, 10**6) for n in range(DAYS)]
    found = VerifyReport("o" * 60, 10**12, "r" * 44, True, None, True, (), 10**6, (worst,) * 1000)
    health = Health("o" * 60, 10**12, 10**12, at, None, days, Verified(State.VIOLATED, found))
    figures = ComplianceFigures([Figure(one, 10**9) for one in Counted], [Figure(one, 10**9) for one in Took])
    run = {"day": "2026-11-20", "runs": 10**6, "size": 10**12, "published": 10**12, "minutes": 10**6}
    runs = [{**run, "state": "violated", "violations": 10**6}] * DAYS
    witness = {"name": "w" * 60, "size": 10**12, "at": at.isoformat(), "problem": "connection"}
    said = report(health, figures, "c" * 2000, at, {"witnesses": [witness] * 9, "verifications": runs})

    checked = check_report(bundled(said, b"%PDF", "en", report_signer(bytes(32))))

    assert (len(checked.said["violations"]), checked.said["violation_count"]) == (LISTED, 10**6)


def test_a_report_is_checked_by_hand_as_the_documentation_says(auditor, tmp_path):
    zipfile.ZipFile(io.BytesIO(taken(auditor))).extractall(tmp_path)
    (tmp_path / "audit-keys.json").write_text(auditor.open("/.well-known/audit-keys.json").html)
    said = (ROOT / "docs/verifying.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", said, re.DOTALL)

    def checked() -> int:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    whole = checked()
    pdf = tmp_path / PDF_NAME
    pdf.write_bytes(pdf.read_bytes().replace(b"%%EOF", b"%%EOX"))

    assert (whole, checked()) == (0, 1)


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
    assert "An entry and its leaf hash do not belong together. First bad entry: 1." in health.text
    assert "Erster falscher Eintrag: 1." in text_of(zipped(auditor, "de")[PDF_NAME])
