"""A log whose database was put back from an older copy: succeeded by one that says what is lost."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app.cli import klarwert
from app.config import Config
from app.log_rotating import rotate_log_key, succeed_log
from app.receipts import own_log_receipts
from app.setup import open_checked
from app.transaction import House, open_house
from audit.binding import find_restore
from audit.checkpoint import Checkpoint
from audit.entry import Action, parse
from audit.errors import EntryLost, Flaw, LogBroken, LogContinues, LogForked, LogRolledBack
from audit.export import write_tiles
from audit.log import append
from audit.proof import check_proof
from audit.stored import StoredLog
from audit.succession import is_restored
from audit.verify import verify_export
from rights.erasure_ledger import ErasureLedger
from tests.conftest import SettableClock
from tests.installations import Databases, Original
from tests.killing import points_passed
from tests.people import Person, give_consent, new_person, withdraw_consent

RESTORED, SIGNED = 300, 310
PROMISES = ["--kek-days", "99999", "--retention-days", "99999"]  # the clock of tests stands years apart
POINTS = int(os.environ.get("KLARWERT_KILL_POINTS", "4"))  # others in every run


def fill(house: House, until: int) -> None:
    with Session(house.data) as session:
        size = StoredLog(session).size
    with house.open_vault("system") as vault:
        for _ in range(until - size):
            append(vault, Action.RETENTION_PURGED)
    house.sign_checkpoint()


def exported(house: House, directory: Path, number: int | None = None) -> Path:
    note = house.sign_checkpoint()
    with Session(house.data) as session:
        log = StoredLog(session, number)
        write_tiles(log, directory, *(log.closing() or (note, house.log_key)))
    return directory


def opening_of(house: House, number: int | None = None):
    with Session(house.data) as session:
        return parse(StoredLog(session, number).entry(0))


def audited(*arguments: object) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(klarwert, ["audit", "verify", *map(str, arguments), "--json", *PROMISES])
    return result.exit_code, json.loads(result.output.splitlines()[-1])


@dataclass
class PutBack:
    """An installation whose databases are of before the last ten entries; what others kept of those."""

    config: Config
    clock: SettableClock
    old_key: str
    person: Person
    mirror: Path  # an export of the log as it was signed last
    state: Path  # an auditor's checkpoint of it
    receipt: str  # a proof of an entry that is lost
    kept_receipt: str  # and of one that is not
    databases: Original

    def succeed(self) -> House:
        succeed_log(self.config, self.clock)
        return open_house(self.config, self.clock)


@contextmanager
def restored_to(backup: Original, signed: Config, home: Path) -> Iterator[Config]:
    """A copy of the backup, under the mark, the keys and the erasure ledger of what went on after it."""
    with backup.copied(home) as config:
        for place in ("high-water", "erasures"):
            shutil.rmtree(config.home / place)
            shutil.copytree(signed.home / place, config.home / place)
        yield config


@pytest.fixture
def put_back(request, house, engine_name, tmp_path, clock) -> Iterator[PutBack]:
    databases = request.getfixturevalue("postgresql") if engine_name == "postgresql" else None
    yield from put_back_from(house, databases, tmp_path, clock)


@pytest.fixture
def sqlite_put_back(sqlite_house, tmp_path, clock) -> Iterator[PutBack]:
    yield from put_back_from(sqlite_house, None, tmp_path, clock)


def put_back_from(
    house: House, databases: Databases | None, tmp_path: Path, clock: SettableClock
) -> Iterator[PutBack]:
    clock.advance(timedelta(days=3650))  # the log was opened by the real one
    person = new_person(house)
    give_consent(house, person)
    fill(house, RESTORED)
    house.close()
    with Original(databases, house.config).copied(tmp_path / "backup") as backup:
        withdraw_consent(house, person)
        fill(house, SIGNED)
        with house.open_reading_vault() as vault:
            proofs = own_log_receipts(vault, person.subject_id, house.issuer())
        mirror = exported(house, tmp_path / "mirror")
        state = tmp_path / "state"
        shutil.copy(mirror / "checkpoint", state)
        clock.advance(timedelta(hours=1))
        house.close()
        original = Original(databases, backup)
        with restored_to(original, house.config, tmp_path / "restored") as config:
            lost, *_, kept = (one.proof.to_text() for one in proofs if one.proof is not None)
            yield PutBack(config, clock, house.log_key, person, mirror, state, lost, kept, original)


def test_what_is_lost_stands_in_the_first_entry_of_the_next_log(put_back):
    with pytest.raises(LogRolledBack):
        open_checked(put_back.config)

    with closing(put_back.succeed()) as successor:
        opening = opening_of(successor)
        with Session(successor.data) as session:
            older = StoredLog(session, 1)
            closing_note, key = older.closing() or ("", "")
            assert is_restored(StoredLog(session))
            assert older.size == RESTORED
    restore = find_restore(opening)

    assert restore is not None
    assert (restore.number, restore.size, restore.signed_size) == (1, RESTORED, SIGNED)
    assert (opening.action, dict(opening.counts)) == ("log.restored", {"rows": RESTORED, "lost": 10})
    assert closing_note.splitlines()[1] == str(RESTORED)
    assert key == put_back.old_key
    mark = put_back.config.high_water
    assert mark.read_text() == put_back.state.read_text()  # the larger one is kept
    assert sorted(path.name for path in put_back.config.secrets.glob("log*")) == ["log-2.key"]
    open_checked(put_back.config).close()
    with pytest.raises(LogContinues):
        succeed_log(put_back.config)


def test_an_auditor_is_told_which_entries_are_lost_by_either_log(sqlite_put_back, tmp_path):
    with closing(sqlite_put_back.succeed()) as successor:
        fill(successor, 300)
        older, newer = exported(successor, tmp_path / "1", 1), exported(successor, tmp_path / "2")
    said = "log 1 was put back from an older copy, as its successor recorded at 2036-11-17T13:00:00Z"

    alone, newest = audited(older, "--state", sqlite_put_back.state), audited(newer)
    told = audited(older, "--state", sqlite_put_back.state, "--later", newer)
    chained = audited(newer, "--previous", older, "--state", sqlite_put_back.state)
    mirrored = audited(newer, "--previous", sqlite_put_back.mirror)

    assert (alone[0], alone[1]["flaw"], alone[1]["index"]) == (1, "consistency", RESTORED)
    for (code, report), index in ((newest, 0), (told, RESTORED), (chained, 0), (mirrored, 0)):
        assert code == 2
        assert [(one["rule"], one["index"]) for one in report["violations"]] == [("entries-lost", index)]
        assert (
            report["violations"][0]["said"] == f"{said}; its entries 300 to 309, which were signed, are lost"
        )
    for _, report in (told, chained):
        assert (report["since_size"], report["is_continued"]) == (SIGNED, False)
    assert (
        sqlite_put_back.state.read_text() == (sqlite_put_back.mirror / "checkpoint").read_text()
    )  # evidence stays
    assert audited(sqlite_put_back.mirror, "--later", newer)[0] == 2


def test_what_is_not_owned_up_to_is_a_broken_log(sqlite_put_back, tmp_path):
    with closing(sqlite_put_back.succeed()) as successor:
        older, newer = exported(successor, tmp_path / "1", 1), exported(successor, tmp_path / "2")
        restore = find_restore(opening_of(successor))
    assert restore is not None
    origin = "127.0.0.1/klarwert-log/1"

    sizes = [restore.admits(Checkpoint(origin, size, restore.signed_root)) for size in (300, 301, 310, 311)]
    other = restore.admits(Checkpoint(origin, SIGNED, bytes(32)))
    assert (
        verify_export(older, later=[older], forms=False).violation_count == 0
    )  # which says nothing of itself
    with pytest.raises(LogBroken) as swapped:
        verify_export(newer, previous=newer)

    assert (sizes, other) == ([False, True, True, False], False)
    assert swapped.value.flaw is Flaw.SUCCESSION


def test_a_receipt_of_a_lost_entry_still_proves_it_and_the_log_is_said_to_have_lost_it(
    sqlite_put_back, tmp_path
):
    with closing(sqlite_put_back.succeed()) as successor:
        older, newer = exported(successor, tmp_path / "1", 1), exported(successor, tmp_path / "2")
    files = [tmp_path / name for name in ("lost", "kept")]
    for file, text in zip(files, (sqlite_put_back.receipt, sqlite_put_back.kept_receipt), strict=True):
        file.write_text(text)
    asked = [
        "receipt",
        "verify",
        "--log-key",
        sqlite_put_back.old_key,
        "--log",
        str(older),
        "--later",
        str(newer),
    ]

    entry = check_proof(sqlite_put_back.receipt, sqlite_put_back.old_key)
    lost, kept = (CliRunner().invoke(klarwert, [*asked, str(file)]) for file in files)

    assert (entry.entry.action, entry.index >= RESTORED) == ("consent.withdrawn", True)
    assert "The proof holds: consent.withdrawn" in lost.output
    assert isinstance(lost.exception, EntryLost)
    assert "its entries 300 to 309, which were signed, are lost" in str(lost.exception)
    assert (kept.exit_code, "still holds it: among the 300 that are left" in kept.output) == (0, True)


def test_the_command_shows_both_logs_and_asks(sqlite_put_back):
    environment = {
        "KLARWERT_HOME": str(sqlite_put_back.config.home),
        "KLARWERT_DATA_URL": sqlite_put_back.config.data_url,
        "KLARWERT_KEYS_URL": sqlite_put_back.config.keys_url,
    }

    def run(*more, answer=None):
        return CliRunner(env=environment).invoke(klarwert, ["audit", "succeed", *more], input=answer)

    refused, done = run(answer="n\n"), run("--yes")

    assert (refused.exit_code, done.exit_code) == (1, 0)
    for said in ("310 entries, root", "300 entries, root", "Its entries 300 to 309 are lost."):
        assert said in refused.output
    assert "publish it: 127.0.0.1/klarwert-log/2+" in done.output


def test_who_was_erased_since_is_erased_again_before_the_next_log_serves(sqlite_put_back, tmp_path):
    """The ledger is not of the backup: it says so, the database does not."""
    ErasureLedger(sqlite_put_back.config.erasures).add(
        sqlite_put_back.person.subject_id, sqlite_put_back.clock().date()
    )

    sqlite_put_back.succeed().close()

    with closing(open_checked(sqlite_put_back.config)) as served, Session(served.data) as session:
        log = StoredLog(session)
        actions = [parse(body).action for body, _ in log.entries(0, log.size)]
        assert actions[:2] == ["log.restored", "erasures.replayed"]
        assert served.keystore.find_subject(sqlite_put_back.person.address) is None


def test_a_database_that_was_written_on_after_it_was_sqlite_put_back_is_succeeded_too_and_stays_a_fork(
    sqlite_put_back, tmp_path
):
    with closing(open_house(sqlite_put_back.config)) as house, house.open_vault("system") as vault:
        for _ in range(20):
            append(vault, Action.RETENTION_PURGED)
    with closing(open_house(sqlite_put_back.config)) as house, pytest.raises(LogForked):
        house.sign_checkpoint()

    with closing(sqlite_put_back.succeed()) as successor:
        older, newer = exported(successor, tmp_path / "1", 1), exported(successor, tmp_path / "2")

    code, report = audited(newer, "--previous", older)
    assert (code, report["violations"][0]["rule"]) == (2, "entries-lost")
    assert "it does not hold the 310 entries that were signed" in report["violations"][0]["said"]
    assert audited(older, "--since", sqlite_put_back.state, "--later", newer)[1]["flaw"] == "consistency"
    assert audited(newer, "--previous", sqlite_put_back.mirror)[1]["flaw"] == "succession"


def test_a_database_from_before_the_last_rotation_is_succeeded_under_a_name_nobody_has_seen(
    sqlite_house, tmp_path, clock
):
    clock.advance(timedelta(days=3650))
    fill(sqlite_house, RESTORED)
    with Original(None, sqlite_house.config).copied(tmp_path / "backup") as backup:
        rotate_log_key(sqlite_house.config, clock)
        with closing(open_house(sqlite_house.config, clock)) as lost:
            fill(lost, 7)
        shutil.copy(sqlite_house.config.secrets / "log-2.key", backup.secrets)
        with restored_to(Original(None, backup), sqlite_house.config, tmp_path / "restored") as config:
            succeed_log(config, clock)
            with closing(open_checked(config)) as successor:
                opening, number, origin = (
                    opening_of(successor),
                    successor.log_number,
                    successor.high_water.name,
                )
                newer = exported(successor, tmp_path / "3")
                older = exported(successor, tmp_path / "1", 1)
                keys = [path.name for path in config.secrets.glob("log*.key")]

    code, report = audited(newer, "--previous", older)
    assert (number, origin) == (3, "127.0.0.1/klarwert-log/3")
    assert dict(opening.counts) == {"rows": RESTORED, "lost": 1 + 7}  # log.closed, and all of log 2
    assert keys == ["log-3.key"]
    assert code == 2
    assert "its entries 300 to 300 and 7 entries of logs after it" in report["violations"][0]["said"]


def test_killed_anywhere_it_is_finished_by_doing_it_again(put_back, engine_name, tmp_path):
    points = POINTS if engine_name == "sqlite" else POINTS // 2  # copies of a database take a second each
    backup, signed = put_back.databases, put_back.config
    with restored_to(backup, signed, tmp_path / "all") as config:
        steps = points_passed(partial(succeed_log, config, put_back.clock), None)
    assert steps > points

    gap = steps / points
    for number in range(points):
        point = 1 + int(number * gap + secrets.randbelow(1000) / 1000 * gap)
        with restored_to(backup, signed, tmp_path / str(number)) as config:
            points_passed(partial(succeed_log, config, put_back.clock), point)
            with suppress(LogContinues):  # only its last bytes were still on the way
                succeed_log(config, put_back.clock)
            with closing(open_checked(config)) as served, Session(served.data) as session:
                assert served.log_number == 2, point
                log = StoredLog(session)
                assert (is_restored(log), log.size) == (True, 1), point
            assert [path.name for path in config.secrets.glob("log*.key*")] == ["log-2.key"], point
