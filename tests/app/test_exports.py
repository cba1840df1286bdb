"""A copy is fetched once, in the session that asked, in time; whatever goes wrong leaves its request open."""

import os
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from app.erasing import erase_account
from app.exports import (
    ExportRunning,
    ExportUnknown,
    Fetched,
    ask_for_copy,
    exports,
    fetch_copy,
    find_export,
    sweep_copies,
)
from app.jobs import JobState
from app.sessions import SessionKind, SignedIn, begin_session, find_session
from app.transaction import House
from app.worker import Worker
from audit.entry import parse
from audit.stored import StoredLog
from consent.limits import Ground, LimitKind, limit
from rights.request import Channel, RequestState, Right, open_request, requests_of
from tests.people import CollectingMailer, Person, new_person, work
from vault.errors import DomainError

MINUTES = timedelta(minutes=1)


def sign_in(house: House, person: Person) -> SignedIn:
    with house.open_vault("subject") as vault:
        token = begin_session(vault, person.subject_id, SessionKind.PAGE)
    session = find_session(house, token, SessionKind.PAGE)
    assert session is not None
    return session


def asked(house: House, session: SignedIn):
    copy_id = ask_for_copy(house, session, Right.ACCESS, Channel.PAGE)
    work(house)
    return copy_id


def read(fetched: Fetched) -> bytes:
    with fetched.reader as reader:
        return reader.readall() or b""


def files(house: House) -> list[Path]:
    return list((house.config.spool / "copies").glob("*"))


def states(house: House, person: Person) -> list[RequestState]:
    with house.open_reading_vault() as vault:
        return [request.state for request in requests_of(vault, person.subject_id)]


def actions(house: House) -> list[str]:
    with house.open_reading_vault("auditor") as vault:
        log = StoredLog(vault.connection)
        return [parse(body).action.value for body, _ in log.entries(0, log.size)]


def test_a_copy_is_fetched_once_and_that_fulfils_the_request(house, person):
    session = sign_in(house, person)
    copy_id = ask_for_copy(house, session, Right.PORTABILITY, Channel.PAGE)
    assert find_export(house, session, copy_id).state is JobState.QUEUED
    work(house)
    assert states(house, person) == [RequestState.RECEIVED]
    (sealed,) = files(house)
    assert person.address.encode() not in sealed.read_bytes()
    assert b"PK\x03\x04" not in sealed.read_bytes()

    fetched = fetch_copy(house, session, copy_id)
    gone = files(house)
    content = read(fetched)

    assert gone == []
    assert len(content) == fetched.bytes
    assert zipfile.ZipFile(BytesIO(content)).testzip() is None
    assert states(house, person) == [RequestState.FULFILLED]
    with pytest.raises(ExportUnknown):
        fetch_copy(house, session, copy_id)
    assert exports(house, session) == ()
    done = actions(house)
    assert [name for name in done if name.startswith(("export.", "rights."))] == [
        "rights.requested",
        "export.made",
        "export.fetched",
        "rights.answered",
    ]


def test_another_session_another_person_and_a_late_one_find_nothing(house, clock):
    person, other = new_person(house), new_person(house, "bob@example.org")
    session = sign_in(house, person)
    copy_id = asked(house, session)

    for stranger in (sign_in(house, person), sign_in(house, other)):
        with pytest.raises(ExportUnknown):
            fetch_copy(house, stranger, copy_id)
        with pytest.raises(ExportUnknown):
            find_export(house, stranger, copy_id)
    clock.advance(15 * MINUTES)
    with pytest.raises(ExportUnknown):
        fetch_copy(house, session, copy_id)

    assert len(files(house)) == 1
    Worker(house, CollectingMailer()).tidy_if_due()
    assert files(house) == []
    assert states(house, person) == [RequestState.RECEIVED]  # nobody got anything: it is still owed
    again = asked(house, session)
    read(fetch_copy(house, session, again))
    assert states(house, person) == [RequestState.FULFILLED]


def test_after_erasure_there_is_nothing_to_fetch_and_no_file(house, person):
    session = sign_in(house, person)
    copy_id = asked(house, session)

    erase_account(house, person.subject_id)

    assert files(house) == []
    with pytest.raises(DomainError) as refused:
        fetch_copy(house, session, copy_id)
    assert refused.value.slug in ("export-unknown", "subject-unknown")


def test_asking_twice_is_one_copy_and_asking_anew_replaces_the_one_before(sqlite_house, person):
    session = sign_in(sqlite_house, person)

    first = ask_for_copy(sqlite_house, session, Right.ACCESS, Channel.PAGE)
    assert ask_for_copy(sqlite_house, session, Right.ACCESS, Channel.PAGE) == first
    with pytest.raises(ExportRunning):
        ask_for_copy(sqlite_house, sign_in(sqlite_house, person), Right.ACCESS, Channel.PAGE)
    work(sqlite_house)
    second = asked(sqlite_house, session)

    assert len(files(sqlite_house)) == 1
    with pytest.raises(ExportUnknown):
        fetch_copy(sqlite_house, session, first)
    read(fetch_copy(sqlite_house, session, second))
    assert states(sqlite_house, person) == [RequestState.FULFILLED]


def test_a_demand_in_words_is_not_answered_by_a_copy(sqlite_house, person):
    session = sign_in(sqlite_house, person)
    with sqlite_house.open_vault("subject") as vault:
        open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE, "who called me in May?")

    read(fetch_copy(sqlite_house, session, asked(sqlite_house, session)))

    assert sorted(states(sqlite_house, person)) == [RequestState.FULFILLED, RequestState.RECEIVED]


def test_a_failed_job_leaves_the_request_open_and_no_file(sqlite_house, person, clock):
    session = sign_in(sqlite_house, person)
    ask_for_copy(sqlite_house, session, Right.ACCESS, Channel.PAGE)
    blocked = sqlite_house.config.spool / "copies"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("")  # no folder can be made here

    for _ in range(5):
        work(sqlite_house)
        clock.advance(timedelta(hours=1))

    (seen,) = exports(sqlite_house, session)
    assert (seen.state, seen.problem) == (JobState.FAILED, "job-abandoned")
    assert states(sqlite_house, person) == [RequestState.RECEIVED]


def test_whoever_restricted_processing_still_gets_a_copy(sqlite_house, person):
    session = sign_in(sqlite_house, person)
    with sqlite_house.open_vault("subject") as vault:
        limit(vault, person.subject_id, LimitKind.RESTRICTED, Ground.UNLAWFUL)

    assert read(fetch_copy(sqlite_house, session, asked(sqlite_house, session)))


def test_what_a_crash_left_is_swept_and_what_is_on_its_way_is_not(sqlite_house, clock):
    folder = sqlite_house.config.spool / "copies"
    folder.mkdir(parents=True)
    old, fresh = folder / f"{uuid4().hex}.part", folder / f"{uuid4().hex}.upload"
    for path, age in ((old, 2 * 3600), (fresh, 60)):
        path.write_bytes(b"sealed")
        os.utime(path, (clock.now.timestamp() - age,) * 2)

    assert sweep_copies(sqlite_house) == 1
    assert files(sqlite_house) == [fresh]
