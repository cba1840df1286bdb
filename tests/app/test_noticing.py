"""Notices to recipients: sent until answered, signed, by one worker at a time, and staff learn of silence."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from app.consents import end_consent
from app.erasing import erase_account
from app.limiting import end_own_restrictions, restrict_processing
from app.noticing import SIGNATURE, send_due_notices, token_of
from app.outgoing import MOST_BYTES, Outgoing
from app.staff import StaffRole, add_staff
from app.web import create_app
from app.worker import Worker
from audit.entry import parse
from audit.jws import keys_of_jwks, open_jws
from audit.stored import StoredLog
from consent.decision import expire
from consent.limits import Ground
from consent.record import Decision, EndReason
from rights.notice import KIND, Answer, NoticeState, RecipientNotice, notices_about
from rights.request import Channel
from tests.app.pages.browsing import Browser
from tests.listening import Listener, Received, listening, say
from tests.people import PASSWORD, CollectingMailer, Person, new_person
from tests.rights.copying import copy_of, lines
from tests.rights.copying import opened as opened_copy
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient, stop_sharing

DAY = timedelta(days=1)


@pytest.fixture
def brand() -> Iterator[Listener]:
    """A recipient's server that carries out what it is told."""
    with listening() as listener:
        listener.answers = lambda handler: say(handler, 200, b'{"request_status": "completed"}')
        yield listener


def sharing_person(house, brand: Listener) -> Person:
    person = new_person(house)
    new_recipient(house, url=f"{brand.url}/notices")
    agree_to_share(house, person.subject_id)
    hand_over(house, person.subject_id, BRAND, SHARE, VALUES)
    return person


def restrict(house, person: Person) -> None:
    restrict_processing(house, person.subject_id, Ground.UNLAWFUL, "", Channel.PAGE)


def tidy(house) -> None:
    Worker(house, CollectingMailer()).tidy_if_due()


def notices(house) -> list[RecipientNotice]:
    with house.open_reading_vault("system") as vault:
        return list(vault.session.scalars(select(RecipientNotice).order_by(RecipientNotice.created_at)))


def actions(house) -> list[str]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        return [str(parse(body).action) for body, _ in log.entries(0, log.size)]


def verified(house, received: Received) -> dict[str, object]:
    """The notice as its recipient checks it: the signature is over the very body, by the published key."""
    published = create_app(house).test_client().get("/.well-known/notice-keys.json").text
    detached = received.headers[SIGNATURE.lower()]
    body = house.notice_signer.sign(received.body, "json").split(".")[1]
    opened = open_jws(detached.replace("..", f".{body}."), KIND, keys_of_jwks(published))
    assert opened.payload == received.body
    read: dict[str, object] = json.loads(received.body)
    return read


def test_a_notice_is_sent_signed_and_never_again_once_it_was_carried_out(house, clock, brand):
    person = sharing_person(house, brand)
    restrict(house, person)

    with capture_logs() as lines:
        tidy(house)
        clock.advance(DAY)
        tidy(house)

    (received,) = brand.received
    told = verified(house, received)
    (notice,) = notices(house)
    assert (received.method, received.path) == ("POST", "/notices")
    assert (told["subject_request_type"], told["subject_request_id"]) == ("restriction", str(notice.id))
    assert told["subject_identities"] == [
        {"identity_type": "controller_customer_id", "identity_value": notice.pseudonym}
    ]
    assert (notice.state, notice.answer, notice.attempts) == ("acknowledged", "completed", 1)
    assert [action for action in actions(house) if action.startswith("notice")] == [
        "notice.sent",
        "notice.acknowledged",
    ]
    assert [line for line in lines if line["event"].startswith("notice")] == [
        {"event": "notice_sent", "kind": "restriction", "problem": "completed", "log_level": "info"}
    ]
    for personal in (person.address, str(person.subject_id), *VALUES.values()):
        assert personal not in received.body.decode()


def test_whatever_else_is_answered_leaves_it_due_after_a_longer_rest(sqlite_house, clock, brand):
    restrict(sqlite_house, sharing_person(sqlite_house, brand))
    answers = {
        "http-500": lambda handler: say(handler, 500, b""),
        "http-302": lambda handler: say(handler, 302, b"", Location=brand.url),
        "answer": lambda handler: say(handler, 200, b"<html>Welcome!</html>"),
        "size": lambda handler: say(handler, 200, bytes(MOST_BYTES + 1)),
        "time": lambda _handler: brand.over.wait(5),
    }

    rests, failures = [], []
    for answer in answers.values():
        brand.answers = answer
        send_due_notices(sqlite_house, Outgoing(may_loop=True, all_seconds=0.3))
        (notice,) = notices(sqlite_house)
        send_due_notices(sqlite_house)  # not due
        rests.append((notice.due_at - clock()) / timedelta(minutes=1))
        failures.append(notice.last_failure)
        clock.now = notice.due_at
    brand.answers = lambda handler: say(handler, 202, b'{"request_status": "in_progress"}')
    send_due_notices(sqlite_house)

    (notice,) = notices(sqlite_house)
    assert failures == list(answers)
    assert rests == [1, 2, 4, 8, 16]
    assert len(brand.received) == notice.attempts == 6
    assert (notice.state, notice.answer, notice.last_failure) == ("sent", "in_progress", None)


def test_two_workers_do_not_send_the_same_notice_at_the_same_time(house, brand):
    restrict(house, sharing_person(house, brand))
    asked, go_on = threading.Event(), threading.Event()

    def answer(handler):
        asked.set()
        go_on.wait(5)
        say(handler, 200, b'{"request_status": "completed"}')

    brand.answers = answer
    other = threading.Thread(target=send_due_notices, args=(house,))

    other.start()
    assert asked.wait(5)
    send_due_notices(house)
    go_on.set()
    other.join()

    assert len(brand.received) == 1
    assert [notice.state for notice in notices(house)] == [NoticeState.ACKNOWLEDGED]


def test_a_recipient_that_does_not_answer_does_not_hold_up_the_others(sqlite_house, brand):
    person = sharing_person(sqlite_house, brand)
    brand.answers = lambda handler: say(handler, 503, b"")
    for _ in range(3):
        restrict(sqlite_house, person)
        end_own_restrictions(sqlite_house, person.subject_id)

    send_due_notices(sqlite_house)
    assert len(brand.received) == 1
    send_due_notices(sqlite_house)
    assert len(brand.received) == 2


def test_a_callback_with_the_token_acknowledges_once_and_nothing_else_is_told(sqlite_house, brand):
    restrict(sqlite_house, sharing_person(sqlite_house, brand))
    brand.answers = lambda handler: say(handler, 202, b'{"request_status": "pending"}')
    send_due_notices(sqlite_house)
    told = json.loads(brand.received[0].body)
    client = create_app(sqlite_house).test_client()

    def call(status, token=told["status_callback_token"], path=None):
        bearer = {"Authorization": f"Bearer {token}"}
        path = path or told["status_callback_url"].partition("127.0.0.1:8000")[2]
        return client.post(path, json={"request_status": status}, headers=bearer)

    unknown = uuid4()
    refused = [
        call("completed", token="wrong"),
        call("completed", token=token_of(sqlite_house, unknown)),
        call("completed", path=f"/api/v1/notices/{unknown}/acknowledgement"),
        call(
            "completed",
            token=token_of(sqlite_house, unknown),
            path=f"/api/v1/notices/{unknown}/acknowledgement",
        ),
        client.post(
            told["status_callback_url"].partition("127.0.0.1:8000")[2], json={"request_status": "completed"}
        ),
    ]
    taken = [call("in_progress"), call("completed"), call("completed")]

    assert {(one.status_code, one.text) for one in refused} == {(410, refused[0].text)}
    assert [one.status_code for one in taken] == [204, 204, 410]
    assert [(one.state, one.answer) for one in notices(sqlite_house)] == [("acknowledged", "completed")]
    assert actions(sqlite_house).count("notice.acknowledged") == 1


def test_silence_for_a_week_is_brought_before_staff_and_the_notice_is_still_sent(sqlite_house, clock, brand):
    person = sharing_person(sqlite_house, brand)
    brand.answers = lambda handler: say(handler, 404, b"")
    restrict(sqlite_house, person)
    tidy(sqlite_house)

    clock.advance(6 * DAY)
    tidy(sqlite_house)
    assert [one.state for one in notices(sqlite_house)] == ["pending"]
    clock.advance(DAY)
    with capture_logs() as lines:
        tidy(sqlite_house)
        tidy(sqlite_house)

    (notice,) = notices(sqlite_house)
    assert (notice.state, notice.attempts, notice.last_failure) == ("escalated", 3, "http-404")
    assert actions(sqlite_house).count("notice.escalated") == 1
    assert [one["event"] for one in lines].count("notices_unacknowledged") == 1


def withdrawn(house, person: Person, _clock) -> None:
    stop_sharing(house, person.subject_id)


def expired(house, _person: Person, clock) -> None:
    clock.advance(4000 * DAY)
    with house.open_vault("system") as vault:
        expire(vault)


def revoked(house, person: Person, _clock) -> None:
    end_consent(house, "anna", person.address, SHARE, Decision.REVOKED, EndReason.MISUSE)


@pytest.mark.parametrize("end", [withdrawn, expired, revoked])
def test_however_a_consent_to_share_ends_who_had_something_under_it_is_told_to_erase_it(
    house, clock, brand, end
):
    person = sharing_person(house, brand)

    end(house, person, clock)
    send_due_notices(house)

    told = verified(house, brand.received[0])
    assert told["subject_request_type"] == "erasure"
    assert (told["scope"], told["fields"]) == (str(SHARE), ["handles", "score-band"])
    with house.open_reading_vault() as vault:
        (one,) = notices_about(vault, person.subject_id)
    assert (one.recipient, one.kind, one.answer) == ("Rosengarten GmbH", "erasure", Answer.COMPLETED)


def test_who_was_given_nothing_is_told_nothing_and_an_erasure_tells_once(sqlite_house, brand):
    person = new_person(sqlite_house)
    new_recipient(sqlite_house, url=brand.url)
    agree_to_share(sqlite_house, person.subject_id)
    stop_sharing(sqlite_house, person.subject_id)
    assert notices(sqlite_house) == []

    agree_to_share(sqlite_house, person.subject_id)
    hand_over(sqlite_house, person.subject_id, BRAND, SHARE, VALUES)
    erase_account(sqlite_house, person.subject_id)
    send_due_notices(sqlite_house)

    (received,) = brand.received
    told = verified(sqlite_house, received)
    assert (told["subject_request_type"], told["scope"], told["fields"]) == ("erasure", None, [])


def test_staff_send_it_again_or_note_what_they_were_told_under_their_alias(sqlite_house, clock, brand):
    person = sharing_person(sqlite_house, brand)
    brand.answers = lambda handler: say(handler, 404, b"")
    restrict(sqlite_house, person)
    tidy(sqlite_house)
    clock.advance(7 * DAY)
    tidy(sqlite_house)
    add_staff(sqlite_house, "anna", StaffRole.PRIVACY, PASSWORD)
    anna = Browser(create_app(sqlite_house))
    anna.send(anna.open("/staff").form("/staff/sign-in"), alias="anna", password=PASSWORD)
    (late,) = notices(sqlite_house)
    room = f"/staff/notices/{late.id}"

    listed, opened = anna.open("/staff/notices"), anna.open(room)
    anna.send(opened.form(f"{room}/again"))
    send_due_notices(sqlite_house)
    unsaid = anna.send(anna.open(room).form(f"{room}/confirm"), how="")
    empty = anna.send(unsaid.form(f"{room}/confirm"), how="telephone")

    assert "Rosengarten GmbH" in listed.text
    assert "refused, with the status 404" in listed.text
    assert late.pseudonym not in listed.html + opened.html
    assert (unsaid.status, len(brand.received)) == (422, 3)
    assert "Nothing waits here." in empty.text
    (noted,) = notices(sqlite_house)
    assert (noted.state, noted.by_hand, noted.confirmed_by) == ("acknowledged", "telephone", "anna")
    assert anna.open(room).status == 404
    with sqlite_house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    assert [one.actor for one in entries if one.action == "notice.acknowledged"] == ["staff"]
    copied = lines(opened_copy(copy_of(sqlite_house, person))["recipients/notices.jsonl"])
    assert [(one["recipient"], one["kind"], one["confirmed_by_hand"]) for one in copied] == [
        ("Rosengarten GmbH", "restriction", "telephone")
    ]
