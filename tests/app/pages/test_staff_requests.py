"""The queue: what staff see of people, what they may do, and what people see of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from app.jobs import MOST_MAIL_ATTEMPTS
from app.requests import take_in
from app.staff import StaffRole, add_staff
from app.web import create_app
from app.worker import Worker
from consent.access import accesses
from rights.request import Channel, Right, find_by_reference
from tests.app.pages.browsing import Browser
from tests.people import PASSWORD, CollectingMailer, new_person, work

WORDS = "Where do you have my lighthouse from?"


def on_duty(house, alias):
    add_staff(house, alias, StaffRole.PRIVACY, PASSWORD)
    browser = Browser(create_app(house))
    browser.send(browser.open("/staff").form("/staff/sign-in"), alias=alias, password=PASSWORD)
    return browser


def ask(house, person, right=Right.ACCESS):
    with house.open_vault("subject") as vault:
        return take_in(vault, person.subject_id, right, Channel.PAGE, WORDS).reference


def step(browser, reference, name, **filled):
    page = browser.open(f"/staff/requests/{reference}")
    return browser.send(page.form(f"/staff/requests/{reference}/{name}"), **filled)


def refusal(**other):
    slots = {"reason": "A12-manifestly-excessive", "part": "No copy.", "fact": "It is the tenth today."}
    return (
        slots
        | {"authority_name": "CNIL", "authority_url": "https://www.cnil.fr/", "remedy": "Go on."}
        | other
    )


def test_the_list_names_nobody_and_opening_one_is_shown_to_its_person(house, person):
    reference = ask(house, person)
    anna = on_duty(house, "anna")

    listed = anna.open("/staff/requests")
    opened = anna.open(f"/staff/requests/{reference}")

    assert reference in listed.text
    assert person.address not in listed.html + opened.html
    assert ("lighthouse" in listed.text, "lighthouse" in opened.text) == (False, True)
    with house.open_reading_vault() as vault:
        seen = [event for event in accesses(vault, person.subject_id) if event.alias == "anna"]
    assert [event.fields for event in seen] == ["rights_request.content subject.account"]


def test_who_is_on_duty_signs_out_from_every_staff_page_and_is_not_asked_to_join(sqlite_house):
    anna = on_duty(sqlite_house, "anna")

    page = anna.open("/staff/requests")
    anna.send(page.form("/staff/sign-out"))

    assert "/join" not in page.html
    assert 'href="/staff"' in page.html
    assert anna.open("/staff/requests").form("/staff/sign-in") is not None


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_answer_reaches_the_person_with_its_parts_the_authority_and_a_mail(sqlite_house, language):
    person = new_person(sqlite_house, language=language)
    reference = ask(sqlite_house, person)
    work(sqlite_house)
    anna, mailer, browser = (
        on_duty(sqlite_house, "anna"),
        CollectingMailer(),
        Browser(create_app(sqlite_house)),
    )

    step(anna, reference, "take-up")
    step(anna, reference, "ask", words="Which lighthouse?")
    browser.sign_in(person)
    page = browser.open(f"/rights/requests/{reference}?lang={language}")
    assert "Which lighthouse?" in page.text
    browser.send(page.form(f"{page.path}/reply"), words="The red one.")
    step(anna, reference, "answer", part_1="the lighthouse", outcome_1="not-held", words="There is none.")
    work(sqlite_house, mailer)

    closed = browser.open(f"/rights/requests/{reference}")
    for said in ("The red one.", "There is none.", "the lighthouse", "https://www.bfdi.bund.de/"):
        assert said in closed.text
    assert {"en": "cost you nothing", "de": "kostet Sie nichts"}[language] in closed.text
    assert [reference in subject for _, subject, _ in mailer.sent] == [True, True]
    assert not any("lighthouse" in text for _, _, text in mailer.sent)


def test_a_refusal_needs_every_slot_and_a_second_person(sqlite_house, person):
    reference = ask(sqlite_house, person)
    anna, berta = on_duty(sqlite_house, "anna"), on_duty(sqlite_house, "berta")

    for lacking in ({"fact": ""}, {"authority_url": ""}, {"remedy": ""}, {"reason": "too-much-work"}):
        assert step(anna, reference, "propose-refusal", **refusal(**lacking)).status == 422
    proposed = step(anna, reference, "propose-refusal", **refusal())
    alone = anna.client.post(
        f"/staff/requests/{reference}/confirm-refusal",
        data={"csrf_token": proposed.forms[-1].fields["csrf_token"]},
    )
    confirmed = step(berta, reference, "confirm-refusal")

    assert "somebody else must confirm" in proposed.text
    assert alone.status_code == 403
    assert "refused" in confirmed.text
    browser = Browser(create_app(sqlite_house))
    browser.sign_in(person)
    letter = browser.open(f"/rights/requests/{reference}").text
    assert "It is the tenth today." in letter
    assert "https://www.cnil.fr/" in letter


def test_an_extension_on_day_32_is_refused_and_what_was_typed_stays(sqlite_house, clock):
    clock.now = datetime(2027, 1, 31, 9, tzinfo=UTC)
    reference = ask(sqlite_house, new_person(sqlite_house))
    anna = on_duty(sqlite_house, "anna")
    clock.now = datetime(2027, 3, 4, 9, tzinfo=UTC)
    anna.send(anna.open("/staff").form("/staff/sign-in"), alias="anna", password=PASSWORD)

    page = step(anna, reference, "extend", reason="complexity", words="It takes longer.")

    assert page.status == 409
    assert "within the first month only" in page.text
    assert "It takes longer." in page.text
    assert "overdue" in page.text


def test_a_letter_counts_from_its_day_and_an_unknown_address_leaves_nothing(house, person):
    anna = on_duty(house, "anna")
    form = anna.open("/staff/requests/enter").form("/staff/requests/enter")
    letter = {"right": "access", "received_on": "2026-11-10", "words": "By letter."}

    known = anna.send(form, address=person.address, **letter)
    unknown = anna.send(form, address="nobody@example.org", **letter)
    future = anna.send(form, address=person.address, **letter | {"received_on": "2026-11-21"})

    assert "10 December 2026" in known.text
    assert "No account belongs to it" in unknown.text
    assert "gehört kein Konto" in unknown.text
    assert future.status == 422
    assert anna.open("/staff/requests").html.count("<tr>") == 2


def test_other_roles_and_strangers_stay_outside(sqlite_house):
    add_staff(sqlite_house, "max", StaffRole.MODEL, PASSWORD)
    browser = Browser(create_app(sqlite_house))
    assert browser.open("/staff/requests").path == "/staff/sign-in"

    browser.send(browser.open("/staff").form("/staff/sign-in"), alias="max", password=PASSWORD)

    assert browser.open("/staff/requests").status == 403
    assert browser.open("/staff/requests/R-00000000").status == 403


class NoServer(CollectingMailer):
    """A mail server that is never there."""

    def send(self, address: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().send(address, subject, text, headers)
        raise ConnectionRefusedError


def test_a_failed_job_leaves_its_request_open_and_marks_it(sqlite_house, clock):
    reference = ask(sqlite_house, new_person(sqlite_house))  # its receipt is to be mailed

    for _ in range(MOST_MAIL_ATTEMPTS + 1):
        work(sqlite_house, NoServer())
        clock.advance(timedelta(hours=9))

    with sqlite_house.open_reading_vault() as vault:
        request = find_by_reference(vault, reference)
        assert request is not None
        assert (request.is_open, request.escalation) == (True, "job-failed")
    assert "a job of it failed" in on_duty(sqlite_house, "anna").open("/staff/requests").text


def test_what_is_late_is_written_into_the_log_once_and_names_nobody(sqlite_house, clock):
    reference = ask(sqlite_house, new_person(sqlite_house))
    worker = Worker(sqlite_house, CollectingMailer())
    clock.now = datetime(2026, 12, 22, tzinfo=UTC)

    with capture_logs() as lines:
        worker.tidy_if_due()
        clock.now = datetime(2026, 12, 23, tzinfo=UTC)
        worker.tidy_if_due()

    assert [line["event"] for line in lines if line["event"].startswith("request_")] == ["request_overdue"]
    assert reference not in str(lines)
