"""The audit log: one entry per durable commit against a raw insert of the same bytes; batches of ten.

Both write to the same disk and wait for it: SQLite in WAL mode with `synchronous=FULL`, PostgreSQL with
`fsync` and `synchronous_commit` on. So the figures are wall-clock time per entry.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

from app.config import POSTGRESQL
from app.transaction import House
from audit.entry import Action
from audit.log import append
from bench.installation import installation, scratch_directory
from bench.measure import WALL, Benchmark, Costs, Goal, NotMeasurable, Side, scaled, timed
from tests.cluster import find_binaries, running_cluster

ENTRIES = 200
BATCH = 10
ACTION = Action.SCORE_COMPUTED
Opened = Callable[[], AbstractContextManager[tuple[House, str]]]  # a house, and a place for the raw insert
Raw = Callable[[str, bytes], AbstractContextManager[Callable[[], object]]]
Sides = Callable[[float], AbstractContextManager[tuple[Side, Side]]]


@contextmanager
def _on_sqlite() -> Iterator[tuple[House, str]]:
    with installation() as house, scratch_directory() as directory:
        yield house, str(Path(directory) / "raw.sqlite3")


@contextmanager
def on_postgresql() -> Iterator[tuple[House, str]]:
    """An installation on a cluster that waits for the disk, and a database for a raw insert."""
    binaries = find_binaries()
    if binaries is None:
        raise NotMeasurable("PostgreSQL is not installed")
    with running_cluster(binaries, is_durable=True) as template:
        admin = template.format(database="postgres").replace(POSTGRESQL, "postgresql://", 1)
        with psycopg.connect(admin, autocommit=True) as connection:
            for name in ("data", "keys", "raw"):
                connection.execute(f"CREATE DATABASE {name}")
        settings = {
            "KLARWERT_DATA_URL": template.format(database="data"),
            "KLARWERT_KEYS_URL": template.format(database="keys"),
        }
        with installation(settings) as house:
            yield house, template.format(database="raw").replace(POSTGRESQL, "postgresql://", 1)


def _one_by_one(opened: Opened, raw: Raw) -> Sides:
    @contextmanager
    def sides(work: float) -> Iterator[tuple[Side, Side]]:
        entries = scaled(ENTRIES, work)
        with opened() as (house, place):
            one = _appending(house, 1)
            with raw(place, one()) as insert:
                yield lambda: timed(one, entries), lambda: timed(insert, entries)

    return sides


def _in_batches(opened: Opened) -> Sides:
    @contextmanager
    def sides(work: float) -> Iterator[tuple[Side, Side]]:
        entries = scaled(ENTRIES, work)
        with opened() as (house, _):
            ten, one = _appending(house, BATCH), _appending(house, 1)
            yield lambda: _batches(ten, entries), lambda: timed(one, entries)

    return sides


def _batches(ten: Callable[[], object], entries: int) -> Costs:
    return timed(ten, scaled(entries, 1 / BATCH), BATCH)


def _appending(house: House, count: int) -> Callable[[], bytes]:
    """One transaction with so many entries about a subject; returns the bytes of the last."""
    subject_id = uuid4()
    house.keystore.create_subject(subject_id, f"{subject_id}@bench.example", house.clock())

    def append_entries() -> bytes:
        with house.open_vault("worker") as vault:
            for _ in range(count):
                body = append(
                    vault,
                    ACTION,
                    subject_id=subject_id,
                    scope="score.compute",
                    basis="gdpr-6-1-a",
                    counts={"networks": 2},
                )
        return body

    return append_entries


@contextmanager
def _raw_sqlite(path: str, body: bytes) -> Iterator[Callable[[], object]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB NOT NULL)")
        yield lambda: connection.execute("INSERT INTO entry (body) VALUES (?)", (body,))


@contextmanager
def _raw_postgresql(url: str, body: bytes) -> Iterator[Callable[[], object]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE entry (number BIGSERIAL PRIMARY KEY, body BYTEA NOT NULL)")
        yield lambda: connection.execute("INSERT INTO entry (body) VALUES (%s)", (body,))


def _append_goal(engine: str) -> Goal:
    return Goal(f"audit-append {engine}", WALL, "raw durable insert of the same bytes", "entry", least=0.7)


def _batch_goal(engine: str) -> Goal:
    return Goal(f"audit-batch-of-10 {engine}", WALL, "our own rate of one entry per commit", "entry", least=3)


APPEND_SQLITE = Benchmark(
    "audit-append-sqlite", (_append_goal("SQLite"),), _one_by_one(_on_sqlite, _raw_sqlite)
)
BATCH_SQLITE = Benchmark("audit-batch-sqlite", (_batch_goal("SQLite"),), _in_batches(_on_sqlite))
APPEND_POSTGRESQL = Benchmark(
    "audit-append-postgresql", (_append_goal("PostgreSQL"),), _one_by_one(on_postgresql, _raw_postgresql)
)
BATCH_POSTGRESQL = Benchmark(
    "audit-batch-postgresql", (_batch_goal("PostgreSQL"),), _in_batches(on_postgresql)
)
