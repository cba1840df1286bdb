"""Group commit on SQLite: whoever was answered finds it again after a power cut, and waits with others."""

import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.web import create_app
from audit.entry import Action
from audit.log import append, integrate
from audit.stored import StoredLog
from consent.purpose import ACCOUNT
from vault.destruction import order_destruction
from vault.durability import DiskFailed, Durability


class Disk:
    """What a power cut would leave of one database: its files as they were when the last `fsync` began."""

    def __init__(self, database: Path) -> None:
        self._files = (database, database.with_name(f"{database.name}-wal"))
        self._fsync = os.fsync
        self.images: list[tuple[bytes, bytes]] = []

    def fsync(self, file: int) -> None:
        database, wal = (path.read_bytes() for path in self._files)
        self._fsync(file)
        if os.path.sameopenfile(file, self._opened_wal()):
            self.images.append((database, wal))

    def entries(self, image: int, folder: Path) -> set[bytes]:
        """The bodies of the log in one of the images, read as after a restart."""
        place = folder / f"{image}.sqlite3"
        for path, content in zip((place, Path(f"{place}-wal")), self.images[image], strict=True):
            path.write_bytes(content)
        with closing(sqlite3.connect(place)) as connection:
            return {body for (body,) in connection.execute("SELECT body FROM log_entry")}

    def count(self, table: str, folder: Path) -> int:
        """The rows of a table that the last image has."""
        self.entries(len(self.images) - 1, folder)
        with closing(sqlite3.connect(folder / f"{len(self.images) - 1}.sqlite3")) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def _opened_wal(self) -> int:
        if not hasattr(self, "_wal"):
            self._wal = os.open(self._files[1], os.O_RDONLY)
        return self._wal


@pytest.fixture
def disk(sqlite_house, monkeypatch) -> Disk:
    made = Disk(Path(sqlite_house.data.url.database))
    monkeypatch.setattr(os, "fsync", made.fsync)
    return made


def test_whoever_was_answered_finds_it_again_after_a_power_cut(sqlite_house, disk, tmp_path):
    answered: list[tuple[bytes, int]] = []

    def write() -> None:
        for _ in range(5):
            with sqlite_house.open_vault("system") as vault:
                body = append(vault, Action.RETENTION_PURGED)
            answered.append((body, len(disk.images)))

    together(write, 4)

    kept = [disk.entries(image, tmp_path) for image in range(len(disk.images))]
    assert len(answered) == 20
    assert all(body in kept[images - 1] for body, images in answered)


def test_what_is_signed_survives_a_power_cut_even_where_somebody_else_still_waits(
    sqlite_house, disk, tmp_path
):
    with sqlite_house._vault(sqlite_house.writing_data, "system") as vault:
        committed = append(vault, Action.RETENTION_PURGED)
        integrate(vault)
        vault.connection.commit()  # another thread, on its way to the disk

    signed = sqlite_house.high_water.open(sqlite_house.sign_checkpoint())

    assert committed in disk.entries(-1 % len(disk.images), tmp_path)
    with Session(sqlite_house.data) as session:
        assert signed.size == StoredLog(session).size


def test_a_power_cut_never_leaves_a_key_destroyed_without_its_order(sqlite_house, disk, tmp_path, person):
    scope = str(ACCOUNT)
    with sqlite_house._vault(sqlite_house.writing_data, "system") as vault:
        order_destruction(vault, person.subject_id, scope)
        vault.flush()
        vault.connection.commit()  # another thread, on its way to the disk
    orders_on_disk: list[int] = []

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DELETE FROM wrapped_dek"):
            orders_on_disk.append(disk.count("key_destruction", tmp_path))

    event.listen(sqlite_house.keystore.engine, "before_cursor_execute", look)
    sqlite_house.destroy_ordered_keys()

    assert orders_on_disk == [1]


def test_those_who_wait_at_the_same_time_wait_for_one_fsync(tmp_path, monkeypatch):
    durability, calls, may_end = Durability(tmp_path / "x.sqlite3"), [], threading.Event()
    (tmp_path / "x.sqlite3-wal").touch()
    real = os.fsync

    def slow(file: int) -> None:
        may_end.wait()
        real(file)
        calls.append(file)

    monkeypatch.setattr(os, "fsync", slow)

    writers = [threading.Thread(target=durability.make) for _ in range(6)]
    for writer in writers:
        writer.start()
    while durability.asked < 6:
        pass
    may_end.set()
    for writer in writers:
        writer.join()

    assert len(calls) == 2  # the first one's own, and one for all who came meanwhile


def test_a_disk_that_fails_once_is_not_believed_again(sqlite_house, tmp_path):
    (tmp_path / "x.sqlite3-wal").symlink_to("/dev/null")  # what fsync(2) refuses
    failing = {"klarwert_durability": Durability(tmp_path / "x.sqlite3")}
    broken = replace(
        sqlite_house,
        data=sqlite_house.data.execution_options(**failing),
        writing_data=sqlite_house.writing_data.execution_options(**failing),
    )

    for _ in range(2):
        with pytest.raises(DiskFailed):
            purge(broken)

    with Session(sqlite_house.data) as session:
        assert StoredLog(session).size == 2  # the second was refused before it began
    readiness = create_app(broken).test_client().get("/readyz")
    assert (readiness.status_code, readiness.text) == (503, "the disk did not confirm a write\n")


def test_a_file_that_could_not_be_opened_may_be_tried_again(tmp_path):
    durability, wal = Durability(tmp_path / "x.sqlite3"), tmp_path / "x.sqlite3-wal"
    wal.symlink_to(wal)

    with pytest.raises(DiskFailed):
        durability.make()

    wal.unlink()
    wal.touch()
    durability.make()
    assert not durability.has_failed


def test_a_write_ahead_log_that_is_gone_was_moved_into_the_database(tmp_path):
    Durability(tmp_path / "never.sqlite3").make()


def purge(house) -> None:
    with house.open_vault("system") as vault:
        append(vault, Action.RETENTION_PURGED)


def together(act, count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
