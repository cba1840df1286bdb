"""What one entry of 400 bytes takes up: exported as tiles, in SQLite, in PostgreSQL.

The peer is the design's figure, 400 B of body and 32.1 B of hashes (ten million: 4.0 GB and 0.32 GB). Both
databases are asked what a table and its indices occupy after it was filled in order, as a log fills.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from audit.tables import LogEntry, LogReference, LogSubtree
from bench.installation import scratch_directory
from bench.measure import BYTES, Benchmark, Goal, NotMeasurable, Side, scaled
from bench.synthetic import BODY_BYTES, SyntheticLog, leaf
from tests.audit.logs import MemoryLog
from tests.cluster import find_binaries, running_cluster
from vault.engine import open_engine

ENTRIES = 100_000
HASH_BYTES_AS_TILES = 32.1
_HAS_DBSTAT = "SELECT count(*) FROM pragma_module_list WHERE name = 'dbstat'"
DESIGNED = BODY_BYTES + HASH_BYTES_AS_TILES
Sides = Callable[[float], AbstractContextManager[tuple[Side, Side]]]
_ENTRY, _SUBTREE, _REFERENCE = (one.__tablename__ for one in (LogEntry, LogSubtree, LogReference))


def occupied(engine: Engine, entries: int, *, referred: bool = False) -> Mapping[str, float]:
    """Bytes per entry of each table, by its name; with a reference for each entry if so asked."""
    log = SyntheticLog(engine)
    log.grow(entries)
    if referred:
        log.refer()
    return {table: _table_bytes(engine, table) / entries for table in (_ENTRY, _SUBTREE, _REFERENCE)}


def _table_bytes(engine: Engine, table: str) -> int:
    """The pages of a table and its indices."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            if not connection.execute(text(_HAS_DBSTAT)).scalar_one():
                raise NotMeasurable("this SQLite does not tell what a table occupies")
            statement = "SELECT sum(pgsize) FROM dbstat WHERE name = :table OR name GLOB :indices"
            values = {"table": table, "indices": f"sqlite_autoindex_{table}_*"}
        else:
            statement, values = "SELECT pg_total_relation_size(CAST(:table AS regclass))", {"table": table}
        return int(connection.execute(text(statement), values).scalar_one())


@contextmanager
def on_sqlite() -> Iterator[Engine]:
    with scratch_directory() as scratch:
        engine = open_engine(f"sqlite+pysqlite:///{Path(scratch) / 'log.sqlite3'}")
        yield engine
        engine.dispose()


@contextmanager
def on_postgresql() -> Iterator[Engine]:
    binaries = find_binaries()
    if binaries is None:
        raise NotMeasurable("PostgreSQL is not installed")
    with running_cluster(binaries) as template:
        engine = open_engine(template.format(database="postgres"))
        yield engine
        engine.dispose()


@contextmanager
def _sqlite(work: float) -> Iterator[tuple[Side, Side]]:
    with on_sqlite() as engine:
        yield _constant(_entry_bytes(engine, work)), _designed


@contextmanager
def _postgresql(work: float) -> Iterator[tuple[Side, Side]]:
    with on_postgresql() as engine:
        yield _constant(_entry_bytes(engine, work)), _designed


@contextmanager
def _exported(work: float) -> Iterator[tuple[Side, Side]]:
    entries = scaled(ENTRIES, work)
    with scratch_directory() as scratch:
        log = MemoryLog([leaf(index) for index in range(entries)]).export(Path(scratch) / "log")
        files = [path for path in (log / "tile").rglob("*") if path.is_file()]
        yield _constant(sum(path.stat().st_size for path in files) / entries), _designed


def _entry_bytes(engine: Engine, work: float) -> float:
    """An entry and its hashes; what refers to it is no part of the design's figure."""
    occupying = occupied(engine, scaled(ENTRIES, work))
    return occupying[_ENTRY] + occupying[_SUBTREE]


def _constant(value: float) -> Side:
    return lambda: {BYTES: value}


def _designed() -> Mapping[str, float]:
    return {BYTES: DESIGNED}


def _benchmark(name: str, sides: Sides) -> Benchmark:
    peer = f"the design's {DESIGNED} B: {BODY_BYTES} B of body, {HASH_BYTES_AS_TILES} B of hashes"
    return Benchmark(name, (Goal(name, BYTES, peer, "entry", most=1.1),), sides)


EXPORTED = _benchmark("storage-exported", _exported)
SQLITE = _benchmark("storage-sqlite", _sqlite)
POSTGRESQL = _benchmark("storage-postgresql", _postgresql)
