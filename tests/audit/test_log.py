"""The log in the database: appended with what it records, provable, and any change is found and named."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.cli import klarwert
from app.config import SettingInvalid, read_config
from app.setup import open_checked
from app.transaction import open_house
from audit.entry import Action, parse
from audit.errors import LogBroken, LogForked, LogRolledBack, MarkMissing, MarkPresent
from audit.export import write_tiles
from audit.log import append
from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion
from audit.stored import StoredLog
from audit.verify import main as verify
from audit.verify import verify_export
from tests.people import give_consent, new_person
from vault.errors import SubjectUnknown


def fill(house, entries: int) -> None:
    with house.open_vault("system") as vault:
        for _ in range(entries):
            append(vault, Action.RETENTION_PURGED)


def stored(house) -> list[bytes]:
    with Session(house.data) as session:
        log = StoredLog(session)
        return [body for body, _ in log.entries(0, log.size)]


def export(house, directory: Path) -> Path:
    note = house.sign_checkpoint()
    with Session(house.data) as session:
        write_tiles(StoredLog(session), directory, note, house.log_key)
    return directory


def test_a_new_log_says_that_it_was_opened(house):
    (entry,) = map(parse, stored(house))

    assert entry.action is Action.LOG_OPENED


def test_an_entry_commits_with_what_it_records_or_not_at_all(house):
    before = stored(house)

    with pytest.raises(SubjectUnknown), house.open_vault("system") as vault:
        fail_after_appending(vault)

    assert stored(house) == before


def test_a_reading_transaction_cannot_write_to_the_log(house):
    with pytest.raises(RuntimeError), house.open_reading_vault("worker") as vault:
        append(vault, Action.RETENTION_PURGED)

    assert len(stored(house)) == 1


@pytest.mark.parametrize("entries", [1, 254, 255, 256, 600])
def test_every_entry_is_proved_against_the_signed_root(house, entries):
    fill(house, entries)

    checkpoint = house.high_water.open(house.sign_checkpoint())

    bodies = stored(house)
    assert checkpoint.size == len(bodies) == entries + 1
    with Session(house.data) as session:
        source = StoredLog(session).source()
        for index in {0, 1, entries // 2, entries - 1, entries}:
            proof = inclusion_proof(source, index, checkpoint.size)
            verify_inclusion(leaf_hash(bodies[index]), index, checkpoint.size, proof, checkpoint.root)


def test_writers_at_the_same_time_leave_no_gap_and_no_index_twice(house):
    def write() -> None:
        for _ in range(5):
            fill(house, 3)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(stored(house)) == 1 + 4 * 5 * 3
    house.sign_checkpoint()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_entry SET body = leaf_hash",
        "DELETE FROM log_entry",
        "UPDATE log_subtree SET hash = hash",
        "DELETE FROM log_subtree",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(house, change):
    fill(house, 300)

    with pytest.raises(DBAPIError, match="append-only"), house.open_vault("operator") as vault:
        vault.session.execute(text(change))


def test_an_entry_holds_no_personal_data(house):
    person = new_person(house, "ada.lovelace@example.org")
    give_consent(house, person)

    everything = b"".join(stored(house))

    for trace in ("lovelace", "example.org", str(person.subject_id), person.subject_id.hex):
        assert trace.encode() not in everything


def test_an_export_verifies_and_continues_the_one_before(house, tmp_path):
    fill(house, 300)
    earlier = house.sign_checkpoint()
    fill(house, 300)

    directory = export(house, tmp_path / "export")

    report = verify_export(directory, vkey=house.log_key, since=earlier)
    assert (report.size, report.since_size) == (601, 301)


@pytest.mark.parametrize("column", ["body", "leaf_hash"])
@pytest.mark.parametrize("index", [0, 1, 255, 256, 299])
def test_one_flipped_byte_in_any_row_is_found_and_named(sqlite_house, tmp_path, capsys, column, index):
    fill(sqlite_house, 299)
    sqlite_house.sign_checkpoint()

    flip(sqlite_house, "log_entry", column, f"index_ = {index}")

    assert export_and_verify(sqlite_house, tmp_path / "export") == 1
    assert f"First bad index: {index}." in capsys.readouterr().out


def test_a_flipped_subtree_hash_is_found_and_named(sqlite_house, tmp_path, capsys):
    fill(sqlite_house, 600)
    sqlite_house.sign_checkpoint()

    flip(sqlite_house, "log_subtree", "hash", "index_ = 1")

    assert export_and_verify(sqlite_house, tmp_path / "export") == 1
    assert "First bad index: 256." in capsys.readouterr().out


def test_a_deleted_row_is_found_and_named(sqlite_house, tmp_path, capsys):
    fill(sqlite_house, 20)
    sqlite_house.sign_checkpoint()

    tamper(sqlite_house, "DELETE FROM log_entry WHERE index_ = 7")

    assert export_and_verify(sqlite_house, tmp_path / "export") == 1
    assert "First bad index: 7." in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM log_entry WHERE index_ = 605",
        "UPDATE log_entry SET leaf_hash = zeroblob(32) WHERE index_ = 600",
        "UPDATE log_subtree SET hash = zeroblob(32) WHERE index_ = 1",
    ],
)
def test_rows_that_do_not_come_to_what_the_head_says_are_not_signed_over(sqlite_house, change):
    fill(sqlite_house, 599)
    sqlite_house.sign_checkpoint()
    fill(sqlite_house, 6)

    tamper(sqlite_house, change)

    with pytest.raises(LogForked):
        sqlite_house.sign_checkpoint()


def test_a_rolled_back_log_is_refused(sqlite_house):
    fill(sqlite_house, 5)
    kept = copy_of(sqlite_house)
    fill(sqlite_house, 5)
    sqlite_house.sign_checkpoint()

    restore(sqlite_house, kept)

    with pytest.raises(LogRolledBack) as refused:
        sqlite_house.sign_checkpoint()
    assert refused.value.facts == {"signed_size": 11, "stored_size": 6}


def test_another_history_is_refused(sqlite_house):
    fill(sqlite_house, 5)
    kept = copy_of(sqlite_house)
    fill(sqlite_house, 5)
    sqlite_house.sign_checkpoint()

    restore(sqlite_house, kept)
    fill(sqlite_house, 6)

    with pytest.raises((LogForked, LogBroken)):
        sqlite_house.sign_checkpoint()


def test_the_command_line_exports_and_verifies(sqlite_house, tmp_path):
    environment = {"KLARWERT_HOME": str(sqlite_house.config.home)}
    fill(sqlite_house, 3)
    run = CliRunner().invoke

    exported = run(klarwert, ["audit", "export", str(tmp_path / "export")], env=environment)
    verified = run(klarwert, ["audit", "verify", str(tmp_path / "export"), "--structure"])

    assert (exported.exit_code, verified.exit_code) == (0, 0)
    assert "4 entries" in exported.output


def fail_after_appending(vault) -> None:
    append(vault, Action.RETENTION_PURGED)
    raise SubjectUnknown


def export_and_verify(house, directory: Path) -> int:
    environment = {"KLARWERT_HOME": str(house.config.home)}
    result = CliRunner().invoke(klarwert, ["audit", "export", str(directory)], env=environment)
    assert result.exit_code == 0, result.output
    return verify([str(directory)])


def flip(house, table: str, column: str, where: str) -> None:
    with house.data.connect() as connection:
        value = connection.scalar(text(f"SELECT {column} FROM {table} WHERE {where}"))
    altered = bytearray(value)
    altered[len(altered) // 2] ^= 1
    tamper(house, f"UPDATE {table} SET {column} = x'{altered.hex()}' WHERE {where}")


def tamper(house, statement: str) -> None:
    """What the owner of the file can do: drop the guards and change the log."""
    raw = house.data.raw_connection()
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement)
    raw.close()


def copy_of(house) -> bytes:
    raw = house.data.raw_connection()
    copy: bytes = raw.driver_connection.serialize()
    raw.close()
    return copy


def restore(house, kept: bytes) -> None:
    """Put an older copy of the database file back."""
    house.data.dispose()
    path = Path(house.data.url.database)
    for sidecar in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        sidecar.unlink(missing_ok=True)
    path.write_bytes(kept)


def test_a_lost_mark_is_refused_until_an_operator_vouches_for_the_log(sqlite_house):
    fill(sqlite_house, 3)
    sqlite_house.sign_checkpoint()
    sqlite_house.config.high_water.unlink()
    environment = {"KLARWERT_HOME": str(sqlite_house.config.home)}

    with pytest.raises(MarkMissing, match="klarwert audit adopt"):
        sqlite_house.sign_checkpoint()
    adopted = CliRunner().invoke(klarwert, ["audit", "adopt", "--yes"], env=environment)

    assert adopted.exit_code == 0, adopted.output
    assert parse(stored(sqlite_house)[-1]).action is Action.LOG_ADOPTED
    assert sqlite_house.high_water.open(sqlite_house.sign_checkpoint()).size == 5
    with pytest.raises(MarkPresent):
        sqlite_house.adopt_log()


def test_the_log_keeps_its_name_when_the_service_moves(sqlite_house):
    moved = {
        "KLARWERT_HOME": str(sqlite_house.config.home),
        "KLARWERT_PUBLIC_URL": "https://klarwert.example",
        "KLARWERT_CONTROLLER": "Klarwert e. V.",
        "KLARWERT_CONTROLLER_ADDRESS": "Musterweg 1, 10115 Berlin",
        "KLARWERT_CONTROLLER_CONTACT": "privacy@klarwert.example",
    }

    with closing(open_checked(read_config(moved))) as house:
        assert house.log_origin == sqlite_house.log_origin == "127.0.0.1/klarwert-log/1"
    with pytest.raises(SettingInvalid, match="KLARWERT_LOG_ORIGIN"):
        open_house(read_config(moved | {"KLARWERT_LOG_ORIGIN": "klarwert.example/other"}))
