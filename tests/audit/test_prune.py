"""Pruning: what is over its term goes by whole bundles, every proof goes on, and the log says so."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.log_rotating import rotate_log_key
from app.pruning import prune_log
from app.transaction import open_house
from app.web import create_app
from audit.entry import Action, Entry, parse
from audit.errors import Flaw, LogBroken
from audit.export import write_tiles
from audit.log import append
from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion
from audit.prune import kept_since
from audit.stored import StoredLog
from audit.verify import verify_export
from consent.reconciliation import reconcile
from tests.people import give_consent, new_person

END_OF_TERM = datetime(2030, 1, 1, tzinfo=UTC)  # of an entry of 2026


def fill(house, entries: int) -> None:
    with house.open_vault("system") as vault:
        for _ in range(entries):
            append(vault, Action.RETENTION_PURGED)


def exported(house, directory: Path, number: int | None = None) -> Path:
    note = house.sign_checkpoint()
    with Session(house.data) as session:
        log = StoredLog(session, number)
        write_tiles(log, directory, *(log.closing() or (note, house.log_key)))
    return directory


def entries_of(house) -> list[Entry]:
    """What is left in the log that goes on."""
    with Session(house.data) as session:
        log = StoredLog(session)
        return [parse(body) for body, _ in log.entries(log.minimum, log.size)]


@pytest.fixture
def pruned(house, clock) -> list[bytes]:
    """A log of two full bundles and more, the first of which is over; what its entries were."""
    give_consent(house, new_person(house))
    fill(house, 300)
    with Session(house.data) as session:
        before = [body for body, _ in StoredLog(session).entries(0, 256)]
    clock.advance(timedelta(days=100))  # the next year
    fill(house, 300)
    clock.now = END_OF_TERM
    assert prune_log(house) == 256
    return before


def test_only_whole_bundles_that_are_over_go_and_the_log_says_how_far(house, clock, pruned):
    with Session(house.data) as session:
        log = StoredLog(session)
        kept = [(body, hashed) for body, hashed in log.entries(0, log.size)]
        referred = session.execute(text("SELECT min(index_) FROM log_reference")).scalar()

    assert [hashed for _, hashed in kept[:256]] == [leaf_hash(body) for body in pruned]
    assert [at for at, (body, _) in enumerate(kept) if not body] == list(range(256))
    proof = parse(kept[-1][0])
    assert (proof.scope, dict(proof.counts)) == ("retention/log_entry", {"rows": 256})
    assert referred is None or referred >= 256
    with house.open_reading_vault("system") as vault:
        assert list(reconcile(vault)) == []  # a decision whose entry is over is no difference
    assert prune_log(house) == 0  # the second bundle holds entries of the next year


def test_a_day_before_the_term_nothing_goes(sqlite_house, clock):
    fill(sqlite_house, 300)
    clock.now = END_OF_TERM - timedelta(seconds=1)

    assert prune_log(sqlite_house) == 0


def test_a_pruned_log_verifies_continues_and_proves_what_somebody_kept(house, pruned, tmp_path):
    directory = exported(house, tmp_path / "log")
    with Session(house.data) as session:
        log = StoredLog(session)
        checkpoint = house.high_water.open(house.high_water.read())
        proof = inclusion_proof(log.source(), 7, checkpoint.size)

    report = verify_export(directory, vkey=house.log_key)

    assert (report.minimum, report.size) == (256, checkpoint.size)
    assert not (directory / "tile/entries/000").exists()
    verify_inclusion(leaf_hash(pruned[7]), 7, checkpoint.size, proof, checkpoint.root)


def test_a_pruned_bundle_is_not_there_and_its_hashes_are(house, pruned):
    client = create_app(house).test_client()

    names = ("tile/entries/000", "tile/entries/000.p/5", "tile/0/000", "tile/entries/001")

    assert [client.get(f"/log/{name}").status_code for name in names] == [404, 404, 200, 200]


def test_an_export_from_before_keeps_what_was_pruned_since(sqlite_house, clock, tmp_path):
    fill(sqlite_house, 300)
    directory = exported(sqlite_house, tmp_path / "log")
    bundle = (directory / "tile/entries/000").read_bytes()
    clock.now = END_OF_TERM

    prune_log(sqlite_house)
    exported(sqlite_house, directory)

    assert (directory / "tile/entries/000").read_bytes() == bundle
    assert verify_export(directory).minimum == 0


def test_bundles_that_are_missing_without_such_an_entry_are_named(sqlite_house, tmp_path):
    fill(sqlite_house, 600)
    directory = exported(sqlite_house, tmp_path / "log")

    (directory / "tile/entries/000").unlink()

    with pytest.raises(LogBroken) as broken:
        verify_export(directory)
    assert (broken.value.flaw, broken.value.index) == (Flaw.ENTRY, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET body = '' WHERE index_ = 300",
        "UPDATE log_entry SET body = leaf_hash WHERE index_ = 3",
        "UPDATE log_entry SET leaf_hash = body WHERE index_ = 3",
        "DELETE FROM log_entry WHERE index_ = 3",
        "DELETE FROM log_reference WHERE index_ >= 0",
        "UPDATE log_reference SET index_ = 300",
    ],
)
def test_the_guards_refuse_whatever_is_not_pruning(house, pruned, statement):
    new_person(house, "bob@example.org")  # whose references are there

    with house.writing_data.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))


def test_a_closed_log_is_pruned_to_its_end_and_the_one_that_goes_on_says_so(house, tmp_path, clock):
    give_consent(house, new_person(house))
    fill(house, 300)
    rotate_log_key(house.config, clock)
    with closing(open_house(house.config, clock)) as successor:
        before = exported(successor, tmp_path / "before", 1)
        clock.now = END_OF_TERM
        size = verify_export(before, forms=False).size
        gone = prune_log(successor), prune_log(successor)
        client = create_app(successor).test_client()
        names = [
            f"tile/{kind}/{name}" for kind in ("entries", "0") for name in ("000", f"001.p/{size - 256}")
        ]
        served = [client.get(f"/log/1/{name}").status_code for name in names]
        older, newer = (exported(successor, tmp_path / name, int(name)) for name in ("1", "2"))
        with successor.open_reading_vault("system") as vault:
            assert list(reconcile(vault)) == []
            assert kept_since(vault.session) is not None
        (proof,) = [one for one in entries_of(successor) if one.scope == "retention/log_entry/1"]

    assert gone == (size, 0)
    assert served == [404, 404, 200, 200]
    assert dict(proof.counts) == {"rows": size}
    with pytest.raises(LogBroken) as unsaid:
        verify_export(older)
    assert (unsaid.value.flaw, unsaid.value.index) == (Flaw.ENTRY, 0)
    report = verify_export(older, later=[newer], since=(before / "checkpoint").read_text())
    assert (report.minimum, report.size) == (size, size)
    assert verify_export(newer, previous=older).minimum == 0


def test_what_is_said_of_a_closed_log_is_said_again_before_it_is_pruned_itself(sqlite_house, clock, tmp_path):
    fill(sqlite_house, 10)
    rotate_log_key(sqlite_house.config, clock)
    with closing(open_house(sqlite_house.config, clock)) as successor:
        clock.now = END_OF_TERM
        prune_log(successor)
        fill(successor, 300)
        clock.advance(timedelta(days=4 * 366))
        prune_log(successor)

        left = [one for one in entries_of(successor) if one.scope is not None]
        older, newer = (exported(successor, tmp_path / name, int(name)) for name in ("1", "2"))

    assert verify_export(older, later=[newer]).minimum == 12
    with pytest.raises(ValueError, match="is over its term"):  # not that it is broken
        verify_export(newer, previous=older)
    assert [one.scope for one in left] == ["retention/log_entry/1", "retention/log_entry"]
