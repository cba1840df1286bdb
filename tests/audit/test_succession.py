"""A log that ends with its key, and the one that goes on: bound, served, proven and verified together."""

import re
from base64 import b64decode
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from time import sleep

import pytest
from sqlalchemy.orm import Session

from app.erasing import certificate_of, erase_account, finish_erasures, replay_ledger
from app.log_rotating import rotate_log_key
from app.publishing import find_log_file
from app.receipts import match_of, match_to_json, own_log_receipts
from app.setup import open_checked
from app.transaction import open_house
from app.web import create_app
from audit.binding import binding, is_bound
from audit.checkpoint import Checkpoint
from audit.entry import Action, parse
from audit.errors import Flaw, LogBroken, LogClosed, LogStillWritten
from audit.export import write_tiles
from audit.log import append
from audit.proof import check_proof
from audit.stored import StoredLog
from audit.succession import close_log, next_origin, open_successor
from audit.verify import main, verify_export
from consent.receipt import make_receipts
from consent.reconciliation import reconcile
from rights.erasure import CertificateInvalid, verify_certificate
from tests.people import CollectingMailer, give_consent, new_person, withdraw_consent


def fill(house, entries: int) -> None:
    with house.open_vault("system") as vault:
        for _ in range(entries):
            append(vault, Action.RETENTION_PURGED)


def exported(house, directory, number=None):
    note = house.sign_checkpoint()
    with Session(house.data) as session:
        log = StoredLog(session, number)
        note, key = log.closing() or (note, house.log_key)
        write_tiles(log, directory, note, key)
    return directory


@pytest.fixture
def rotated(house, clock):
    """A person with a consent, receipts of it, then another key; and the house under it."""
    person = new_person(house)
    give_consent(house, person)
    fill(house, 300)
    with house.open_reading_vault() as vault:
        (kept,) = make_receipts(vault, person.subject_id, house.issuer())
    rotate_log_key(house.config, clock)
    with closing(open_house(house.config, clock)) as successor:
        yield person, kept.token, successor


def test_the_successor_binds_the_older_log_and_both_verify(house, rotated, tmp_path):
    _, _, successor = rotated
    fill(successor, 300)
    older, newer = exported(successor, tmp_path / "1", 1), exported(successor, tmp_path / "2")

    before = verify_export(older, vkey=house.log_key)
    after = verify_export(newer, vkey=successor.log_key, previous=older)

    assert (before.origin, after.origin) == ("127.0.0.1/klarwert-log/1", "127.0.0.1/klarwert-log/2")
    assert after.size == 301
    with Session(successor.data) as session:
        assert parse(StoredLog(session, 1).entry(before.size - 1)).action is Action.LOG_CLOSED
    (older / "checkpoint").write_text((tmp_path / "2" / "checkpoint").read_text())
    (older / "log.vkey").write_text((tmp_path / "2" / "log.vkey").read_text())
    with pytest.raises(LogBroken):
        verify_export(newer, previous=older)


def test_an_auditors_checkpoint_of_the_older_log_goes_on_in_the_newer_one(rotated, tmp_path):
    _, _, successor = rotated
    older, newer = exported(successor, tmp_path / "1", 1), exported(successor, tmp_path / "2")
    state = tmp_path / "state"
    state.write_text((older / "checkpoint").read_text())

    alone = main([str(newer), "--state", str(state), "--structure"])
    chained = main([str(newer), "--state", str(state), "--structure", "--previous", str(older)])

    assert (alone, chained) == (1, 0)
    assert state.read_text() == (newer / "checkpoint").read_text()


def test_a_log_that_binds_another_history_is_no_successor(rotated, tmp_path):
    _, _, successor = rotated
    with Session(successor.data) as session:
        opening = parse(StoredLog(session).entry(0))
        closed = StoredLog(session, 1).closing()
    older = older_checkpoint(closed[0] if closed is not None else "")

    assert is_bound(opening, older)
    assert not is_bound(opening, replace(older, root=bytes(32)))
    assert not is_bound(opening, replace(older, size=older.size + 1))
    assert not is_bound(replace(opening, object=binding(replace(older, origin="x"), 1)), older)


def older_checkpoint(note: str) -> Checkpoint:
    origin, size, root = note.splitlines()[:3]
    return Checkpoint(origin, int(size), b64decode(root))


def test_what_the_older_log_holds_of_a_person_is_proven_as_before(house, rotated):
    person, token, successor = rotated
    withdraw_consent(successor, person)

    with successor.open_reading_vault() as vault:
        logged = own_log_receipts(vault, person.subject_id, successor.issuer())
        receipts = make_receipts(vault, person.subject_id, successor.issuer())
    said = match_to_json(match_of(successor, token), successor.log_key)

    keys = {1: house.log_key, 2: successor.log_key}
    texts = [(one.proof.to_text(), keys[one.log_number]) for one in logged if one.proof is not None]
    proven = [check_proof(text, key).entry.action for text, key in texts]
    assert proven == ["consent.withdrawn", "consent.given"]
    assert all(receipt.is_covered for receipt in receipts)
    assert [entry["closed_key"] for entry in said["entries"]] == [house.log_key, None]
    with successor.open_reading_vault("system") as vault:
        assert list(reconcile(vault)) == []


def test_both_logs_are_served(house, rotated):
    _, _, successor = rotated
    client = create_app(successor).test_client()

    assert client.get("/log/log.vkey").text == f"{successor.log_key}\n"
    assert client.get("/log/1/log.vkey").text == f"{house.log_key}\n"
    assert client.get("/log/1/checkpoint").text == house.high_water.read()
    assert client.get("/log/1/tile/entries/000").status_code == 200
    assert client.get("/log/2/checkpoint").status_code == 404  # it is not closed; it lies at /log/
    assert find_log_file(successor, None, "tile/entries/000.p/1") is not None


def test_a_process_that_was_left_running_writes_nothing_any_more(house, rotated):
    with pytest.raises(LogClosed), house.open_vault("system") as vault:
        append(vault, Action.RETENTION_PURGED)

    assert sorted(path.name for path in house.config.secrets.glob("log*")) == ["log-2.key"]


def test_a_rotation_that_stopped_before_its_first_checkpoint_is_finished_by_the_next_start(
    sqlite_house, clock
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.log_rotating.open_successor", crash_after(open_successor))
        with pytest.raises(KeyboardInterrupt):
            rotate_log_key(sqlite_house.config, clock)
    rotate_log_key(sqlite_house.config, clock)

    with closing(open_checked(sqlite_house.config)) as successor:
        assert successor.log_number == 2
        assert [path.name for path in sqlite_house.config.secrets.glob("log*")] == ["log-2.key"]


def crash_after(step):
    def crashing(*given):
        step(*given)
        raise KeyboardInterrupt  # before the commit

    return crashing


@pytest.mark.parametrize(
    ("step", "logged_in"),
    [("erase_rows", 2), ("forget_id", 1)],  # nothing erased yet; all but what proves it
)
def test_an_erasure_that_a_crash_left_before_a_rotation_is_finished_and_certified_after_it(
    house, clock, step, logged_in
):
    person, mailer = new_person(house), CollectingMailer()
    give_consent(house, person)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"app.erasing.{step}", crash)
        with pytest.raises(KeyboardInterrupt):
            erase_account(house, person.subject_id, mailer)

    rotate_log_key(house.config, clock)
    with closing(open_house(house.config, clock)) as successor:
        keys = {1: house.log_key, 2: successor.log_key}
        finished = finish_erasures(successor, mailer=mailer), finish_erasures(successor, mailer=mailer)
        replay_ledger(successor)
        link = re.search(r"/erased/(\S+)", mailer.sent[-1][2])
        certificate = certificate_of(successor, link[1] if link else "") or ""
        held = [(number, one) for number in keys for one in actions_of(successor, number)]

    assert finished == (1, 0)
    assert [number for number, action in held if action == "account.erased"] == [logged_in]
    assert (1, "erasure.begun") in held
    assert verify_certificate(certificate, log_key=keys[logged_in]) == clock()
    with pytest.raises(CertificateInvalid):
        verify_certificate(certificate, log_key=keys[3 - logged_in])


def crash(*_):
    raise KeyboardInterrupt


def actions_of(house, number: int) -> list[str]:
    with Session(house.data) as session:
        log = StoredLog(session, number)
        return [str(parse(body).action) for body, _ in log.entries(0, log.size)]


def test_a_log_that_somebody_still_writes_to_is_not_closed(sqlite_house, clock):
    with sqlite_house.open_vault("operator") as vault:
        close_log(vault)
    note = sqlite_house.sign_checkpoint()
    fill(sqlite_house, 1)
    clock.advance(timedelta(seconds=1))

    with pytest.raises(LogStillWritten), sqlite_house.open_vault("operator") as vault:
        open_successor(vault, note, sqlite_house.log_key)


def test_who_waits_for_the_log_while_it_is_closed_does_not_write_into_it(house):
    with house.open_vault("operator") as vault:
        close_log(vault)
    note, refused = house.sign_checkpoint(), list[bool]()

    def write() -> None:
        try:
            fill(house, 1)
        except LogClosed:
            refused.append(True)

    with house.open_vault("operator") as vault:
        open_successor(vault, note, house.log_key)
        waiting = Thread(target=write)
        waiting.start()
        sleep(0.3)  # until it stands at the lock
    waiting.join()

    with Session(house.data) as session:
        assert refused == [True]
        assert StoredLog(session, 1).size == house.high_water.open(note).size
        assert StoredLog(session).size == 1


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("a.example/log/1", "a.example/log/2"),
        ("a.example/log/9", "a.example/log/10"),
        ("a.example", "a.example/2"),
    ],
)
def test_a_successor_is_named_by_the_next_number(name, after):
    assert next_origin(name) == next_origin(name, 1) == after
    assert next_origin("a.example/log/1", 2) == "a.example/log/3"


def test_an_export_says_where_a_log_is_no_successor(rotated, tmp_path):
    _, _, successor = rotated
    newer, older = exported(successor, tmp_path / "2"), exported(successor, tmp_path / "1", 1)

    with pytest.raises(LogBroken) as broken:
        verify_export(older, previous=newer)

    assert broken.value.flaw is Flaw.SUCCESSION
