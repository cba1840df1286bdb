"""Database engines: SQLite as a careful laptop service needs it, PostgreSQL as it comes.

SQLite: WAL, `synchronous=FULL` or its group commit (durability.py), so that an acknowledged consent
survives a power cut; foreign keys on, `secure_delete` (a deleted row is overwritten). Transactions are
begun by us, IMMEDIATE where they will write, because upgrading a read lock under load fails with
"database is locked".
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from vault.durability import Durability

BUSY_SECONDS = 30
POOLED = 16  # connections kept open, at least one a thread: opening one costs five pragmas
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)


def open_engine(url: str, *, is_grouped: bool = False) -> Engine:
    """An engine for `sqlite+pysqlite:///…` or `postgresql+psycopg://…`.

    Args:
        is_grouped: whoever commits does it by `commit`, which several threads wait for together; on
            PostgreSQL the server does so by itself.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=POOLED, isolation_level="READ COMMITTED")
    if parsed.database:
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)  # its sidecars get the same mode
    engine = create_engine(
        parsed, pool_size=POOLED, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    if not is_grouped or not parsed.database:
        return engine
    event.listen(engine, "connect", _on_grouped_connect)
    return engine.execution_options(klarwert_durability=Durability(Path(parsed.database)))


def writing(engine: Engine) -> Engine:
    """The same engine and pool, for transactions that will write."""
    return engine.execution_options(klarwert_writes=True)


def commit(connection: Connection) -> None:
    """Commit for good: after this it survives a power cut.

    Raises:
        DiskFailed: it is committed, and a power cut may undo it; nobody must be told that it holds.
    """
    connection.commit()
    make_durable(connection)


def make_durable(bound: Engine | Connection) -> None:
    """Wait until all that was committed, by whomever, survives a power cut."""
    durability: Durability | None = bound.get_execution_options().get("klarwert_durability")
    if durability is not None:
        durability.make()


def has_failed(engine: Engine) -> bool:
    """Whether the disk failed to confirm a write, so that this process writes no more."""
    durability: Durability | None = engine.get_execution_options().get("klarwert_durability")
    return durability is not None and durability.has_failed


def leave_no_remnants(engine: Engine, *tables: str) -> bool:
    """After deletions: take the deleted bytes out of the files as well.

    SQLite keeps them in the main file until a truncating checkpoint has run, even with `secure_delete`
    (measured); PostgreSQL until a vacuum. Returns whether it was done; a reader can hold a checkpoint
    up, then the caller tries again later.
    """
    if engine.dialect.name == "sqlite":
        with _unbegun(engine) as raw:
            busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM " + ", ".join(f'"{table}"' for table in tables)))
    return True


def rewrite(engine: Engine) -> bool:
    """Write a SQLite file anew; returns whether it could be done while others use it.

    `secure_delete` clears what is deleted, not what the unused space of a page still has of cells that moved
    to another page when it split: of 1,367 deleted keys of an index 3 were found so. It takes the longer the
    larger the database is, and writers wait meanwhile.

    Source: SQLite, "VACUUM", "PRAGMA secure_delete".
    """
    if engine.dialect.name != "sqlite":
        return True
    with _unbegun(engine) as raw:
        try:
            raw.execute("VACUUM")
        except sqlite3.OperationalError:  # somebody wrote for longer than we wait
            return False
    return True


@contextmanager
def _unbegun(engine: Engine) -> Iterator[Any]:
    """SQLite's own connection without our BEGIN, for what stands alone.

    Not by SQLAlchemy's AUTOCOMMIT: that leaves a connection behind in which Python begins transactions too.
    """
    with closing(engine.raw_connection()) as pooled:
        yield pooled.driver_connection


def _on_sqlite_connect(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # we begin transactions ourselves
    cursor = raw.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_grouped_connect(raw: Any, _record: object) -> None:
    raw.execute("PRAGMA synchronous=NORMAL")


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes, durability = options.get("klarwert_writes", False), options.get("klarwert_durability")
    if writes and durability is not None:
        durability.require_well()
    # On the driver's own connection: this stands before every transaction there is.
    raw: Any = connection.connection.driver_connection
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
