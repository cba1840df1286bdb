"""What somebody with the database, or even with the signing key, can do to the log, and what finds it.

Three tools: the service itself before it signs (audit/highwater.py), the auditor's verify.py with a key and
an earlier checkpoint of their own, and `klarwert audit reconcile`. Flipped bytes: test_verify.py.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app.cli import klarwert
from app.log_rotating import succeed_log
from app.transaction import House, open_house
from audit.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from audit.entry import Action
from audit.errors import LogForked, LogRolledBack
from audit.export import write_tiles
from audit.log import append
from audit.merkle import CompactRange, leaf_hash
from audit.stored import StoredLog
from audit.verify import main
from consent.reconciliation import reconcile
from sources.activity import Platform
from tests.conftest import SettableClock
from tests.people import Person, give_consent, import_archive, mastodon_zip, new_person, withdraw_consent

PROMISES = ["--kek-days", "99999", "--retention-days", "99999"]  # the clock of tests stands years apart
GIVEN, SEEN = 4, 10  # the index of the consent, and the size that the auditor saw
GAP = SEEN - 2


@dataclass
class Scene:
    """A house with a log that an auditor has seen, and what they keep of it."""

    house: House
    clock: SettableClock
    person: Person
    seen: str
    directory: Path

    def sql(self, *statements: str) -> None:
        with closing(sqlite3.connect(str(self.house.data.url.database), isolation_level=None)) as raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                raw.execute(statement)

    def bodies(self) -> list[bytes]:
        with Session(self.house.data) as session:
            log = StoredLog(session)
            return [body for body, _ in log.entries(0, log.size)]

    def write(self, bodies: Sequence[bytes], hashes: Sequence[bytes]) -> None:
        """Put these rows in place of the log's, under the head that the hashes lead to."""
        self.sql("DELETE FROM log_entry")
        head = CompactRange()
        for hashed in hashes:
            head = head.appended(hashed)
        with closing(sqlite3.connect(str(self.house.data.url.database), isolation_level=None)) as raw:
            rows = [(index, *row) for index, row in enumerate(zip(bodies, hashes, strict=True))]
            raw.executemany("INSERT INTO log_entry (index_, body, leaf_hash) VALUES (?, ?, ?)", rows)
            raw.execute("UPDATE log_head SET size = ?, frontier = ?", (head.size, head.to_bytes()))

    def change(self, change: Callable[[list[bytes]], list[bytes]], *, recomputed: bool) -> None:
        before = self.bodies()
        after = change(list(before))
        self.write(after, [leaf_hash(body) for body in (after if recomputed else before)][: len(after)])

    def sign_anew(self) -> None:
        """As somebody with the signing key would, past the mark."""
        self.house.high_water.path.unlink()
        self.house.adopt_log()

    def grow(self, entries: int) -> None:
        with self.house.open_vault("system") as vault:
            for _ in range(entries):
                append(vault, Action.RETENTION_PURGED)


def service(scene: Scene) -> tuple[object, ...]:
    with pytest.raises((LogForked, LogRolledBack)) as refused:
        scene.house.sign_checkpoint()
    return (refused.value.slug,)


def verifier(scene: Scene, capsys: pytest.CaptureFixture[str]) -> tuple[object, ...]:
    note = scene.house.high_water.read() or ""
    with Session(scene.house.data) as session:
        write_tiles(StoredLog(session), scene.directory, note, scene.house.log_key)
    return audit(scene, capsys)


def audit(scene: Scene, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[object, ...]:
    since = scene.directory.with_name("seen")
    since.write_text(scene.seen)
    command = [
        str(scene.directory),
        "--vkey",
        scene.house.log_key,
        "--since",
        str(since),
        "--json",
        *PROMISES,
        *more,
    ]
    code, said = main(command), json.loads(capsys.readouterr().out.splitlines()[-1])
    if code == 1:
        return said["flaw"], said["index"]
    return tuple(part for one in said["violations"] for part in (one["rule"], one["index"]))


def reconciler(scene: Scene) -> tuple[object, ...]:
    with scene.house.open_reading_vault("operator") as vault:
        return tuple(part for one in reconcile(vault) for part in (one.difference.name.lower(), one.index))


def command(scene: Scene) -> int:
    environment = {"KLARWERT_HOME": str(scene.house.config.home)}
    return CliRunner().invoke(klarwert, ["audit", "reconcile"], env=environment).exit_code


@pytest.fixture
def scene(sqlite_house, clock, tmp_path) -> Scene:
    clock.advance(timedelta(days=3650))
    person = new_person(sqlite_house)
    give_consent(sqlite_house, person)
    made = Scene(sqlite_house, clock, person, "", tmp_path / "export")
    made.grow(SEEN - len(made.bodies()))
    made.seen = sqlite_house.sign_checkpoint()
    return made


def swapped(bodies: list[bytes]) -> list[bytes]:
    return [*bodies[:GAP], bodies[GAP + 1], bodies[GAP], *bodies[GAP + 2 :]]


def edited(bodies: list[bytes]) -> list[bytes]:
    other = bodies[GIVEN].replace(b"score.compute/x", b"score.compute/y")
    return [*bodies[:GIVEN], other, *bodies[GIVEN + 1 :]]


def doubled(bodies: list[bytes]) -> list[bytes]:
    return [*bodies[:2], bodies[1], *bodies[2:]]


def shortened(bodies: list[bytes]) -> list[bytes]:
    return [*bodies[:2], *bodies[3:]]


def test_nothing_is_found_where_nothing_was_done(scene, capsys):
    assert (verifier(scene, capsys), reconciler(scene), command(scene)) == ((), (), 0)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(edited, ("leaf-hash", GIVEN), id="edit"),
        pytest.param(lambda old: [*old[:GAP], b"", *old[GAP + 1 :]], ("leaf-hash", GAP), id="delete"),
        pytest.param(lambda old: [*old[:GAP], old[1], *old[GAP:-1]], ("leaf-hash", GAP), id="insert"),
        pytest.param(swapped, ("leaf-hash", GAP), id="reorder"),
    ],
)
def test_rows_that_were_changed_are_named_by_the_verifier(scene, capsys, change, found):
    scene.change(change, recomputed=False)

    assert verifier(scene, capsys) == found


@pytest.mark.parametrize(
    ("change", "refused", "found"),
    [
        pytest.param(edited, "log-forked", ("consistency", None), id="edit"),
        pytest.param(shortened, "log-rolled-back", ("consistency", SEEN - 1), id="delete"),
        pytest.param(doubled, "log-forked", ("consistency", None), id="insert"),
        pytest.param(swapped, "log-forked", ("consistency", None), id="reorder"),
        pytest.param(lambda old: old[:-2], "log-rolled-back", ("consistency", SEEN - 2), id="truncate"),
    ],
)
def test_a_log_computed_anew_is_refused_without_the_key_and_found_with_it(
    scene, capsys, change, refused, found
):
    scene.change(change, recomputed=True)

    assert service(scene) == (refused,)
    scene.sign_anew()
    assert verifier(scene, capsys) == found


def test_a_database_put_back_is_refused_and_what_is_written_on_it_is_a_fork(scene, capsys):
    old = scene.bodies()
    scene.grow(2)
    scene.seen = scene.house.sign_checkpoint()

    scene.write(old, [leaf_hash(body) for body in old])
    assert service(scene) == ("log-rolled-back",)
    scene.grow(3)
    assert service(scene) == ("log-forked",)
    scene.sign_anew()

    assert verifier(scene, capsys) == ("consistency", None)


def test_an_old_backup_goes_on_only_under_another_name_and_both_logs_say_what_is_lost(scene, capsys):
    old = scene.bodies()
    scene.grow(2)
    scene.seen = scene.house.sign_checkpoint()
    scene.write(old, [leaf_hash(body) for body in old])
    newer = scene.directory.with_name("newer")

    succeed_log(scene.house.config, scene.clock)
    with (
        closing(open_house(scene.house.config, scene.clock)) as successor,
        Session(successor.data) as session,
    ):
        write_tiles(StoredLog(session), newer, successor.sign_checkpoint(), successor.log_key)
        closed = StoredLog(session, 1)
        write_tiles(closed, scene.directory, *(closed.closing() or ("", "")))

    assert audit(scene, capsys) == ("consistency", SEEN)
    assert audit(scene, capsys, "--later", str(newer)) == ("entries-lost", SEEN)
    assert main([str(newer), *PROMISES]) == 2
    assert "entries-lost: Entry 0" in capsys.readouterr().out


def test_an_entry_that_was_dated_back_is_named_by_the_rules(scene, capsys):
    scene.clock.advance(timedelta(days=-2))
    scene.grow(1)
    scene.house.sign_checkpoint()

    assert verifier(scene, capsys) == ("time-order", SEEN)


def test_a_second_signer_is_found_by_who_holds_the_key(scene, capsys):
    assert verifier(scene, capsys) == ()
    other = NoteSigner(scene.house.log_origin, bytes(32))
    signed = scene.house.high_water.open(scene.seen)

    note = sign_checkpoint(Checkpoint(signed.origin, signed.size, signed.root), other)
    (scene.directory / "checkpoint").write_text(note)
    (scene.directory / "log.vkey").write_text(other.verifier_key() + "\n")

    assert audit(scene, capsys) == ("checkpoint", None)


def test_a_consent_written_by_sql_is_found_by_the_reconciler_and_its_use_by_the_rules(scene, capsys):
    columns = (
        "subject_id, decision, notice_version, notice_language, notice_sha256, surface, decided_at, "
        "expires_at, despite_signal"
    )
    scene.sql(
        f"INSERT INTO consent_record (id, purpose, about, number, {columns}) "
        f"SELECT '{'0' * 32}', purpose, 'mastodon', 1, {columns} FROM consent_record"
    )
    assert (reconciler(scene), command(scene)) == (("unlogged", None), 1)

    import_archive(scene.house, scene.person, Platform.MASTODON, mastodon_zip())
    scene.house.sign_checkpoint()

    found = verifier(scene, capsys)
    assert set(found[::2]) == {"no-consent"}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE consent_record SET about = 'mastodon'", ("altered", GIVEN)),
        ("UPDATE consent_record SET decision = 'refused'", ("altered", GIVEN)),
        ("UPDATE consent_record SET expires_at = '2099-01-01 00:00:00'", ("altered", GIVEN)),
        ("UPDATE consent_record SET decided_at = '2026-01-01 00:00:00'", ("altered", GIVEN)),
        (
            "UPDATE consent_record SET log_entry_id = NULL, about = 'mastodon'",
            ("unlogged", None, "missing", GIVEN),
        ),
        ("DELETE FROM consent_record", ("missing", GIVEN)),
        ("DELETE FROM log_reference", ("unlogged", None)),
    ],
)
def test_a_consent_altered_by_sql_is_found_by_the_reconciler(scene, statement, found):
    scene.sql(statement)

    assert reconciler(scene) == found


def test_a_withdrawal_deleted_by_sql_does_not_bring_a_consent_back_unseen(scene):
    withdraw_consent(scene.house, scene.person)

    scene.sql("DELETE FROM consent_record WHERE decision = 'withdrawn'")

    assert reconciler(scene) == ("missing", SEEN)
