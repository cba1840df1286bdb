"""Database engines: SQLite as a careful laptop service needs it, PostgreSQL as it comes.

SQLite: WAL, `synchronous=FULL` (an acknowledged consent survives a power cut), foreign keys on,
`secure_delete` (a deleted row is overwritten). Transactions are begun by us, IMMEDIATE where they
will write, because upgrading a read lock under load fails with "database is locked".
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

BUSY_SECONDS = 30
POOLED = 16  # connections kept open, at least one a thread: opening one costs five pragmas
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)


def open_engine(url: str) -> Engine:
    """An engine for `sqlite+pysqlite:///…` or `postgresql+psycopg://…`."""
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
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine and pool, for transactions that will write."""
    return engine.execution_options(klarwert_writes=True)


def leave_no_remnants(engine: Engine, *tables: str) -> bool:
    """After deletions: take the deleted bytes out of the files as well.

    SQLite keeps them in the main file until a truncating checkpoint has run, even with `secure_delete`
    (measured); PostgreSQL until a vacuum. Returns whether it was done; a reader can hold a checkpoint
    up, then the caller tries again later.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            return not busy
        connection.execute(text("VACUUM " + ", ".join(f'"{table}"' for table in tables)))
    return True


def _on_sqlite_connect(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # we begin transactions ourselves
    cursor = raw.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("klarwert_writes", False)
    # On the driver's own connection: this stands before every transaction there is.
    raw: Any = connection.connection.driver_connection
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
