"""Installations for tests: prepared once a session and engine by the real `prepare`, copied for each test.

A copy is a whole of its own: both databases, key files, spool, high-water mark. Nobody has the original
open when it is copied: SQLite has then put everything into the one file, and PostgreSQL refuses to copy
a database in use.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text

from app.config import Config, read_config
from app.setup import prepare
from tests.cluster import running_cluster

EMPTY = "template1"  # what PostgreSQL itself copies


@dataclass(frozen=True)
class Databases:
    """A PostgreSQL of the tests' own: makes databases and takes them away."""

    url: str  # without a database name
    admin: Engine
    strategy: str  # how a database is copied

    @contextmanager
    def copied(self, original: str) -> Iterator[str]:
        """The URL of a new database, a copy of the named one; it is gone with the block."""
        name = f"t{uuid4().hex}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}" {self.strategy}')
        yield self.url.format(database=name)
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))


@dataclass(frozen=True)
class Original:
    """What is copied for a test: on SQLite or PostgreSQL, nothing yet or a prepared installation."""

    databases: Databases | None = None
    prepared: Config | None = None

    @contextmanager
    def copied(self, home: Path) -> Iterator[Config]:
        """The settings of a copy; its databases last as long as the block."""
        if self.prepared is not None:
            shutil.copytree(self.prepared.home, home)
        environment = {"KLARWERT_HOME": str(home), "KLARWERT_LEASE_SECONDS": "30"}
        if self.databases is None:
            yield read_config(environment)
            return
        names = (
            (_name(self.prepared.data_url), _name(self.prepared.keys_url))
            if self.prepared
            else (EMPTY, EMPTY)
        )
        with self.databases.copied(names[0]) as data, self.databases.copied(names[1]) as keys:
            yield read_config(environment | {"KLARWERT_DATA_URL": data, "KLARWERT_KEYS_URL": keys})


@contextmanager
def running_databases(binaries: Path) -> Iterator[Databases]:
    """A PostgreSQL for as long as the block lasts."""
    with running_cluster(binaries) as url:
        admin = create_engine(url.format(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            # File by file takes half the time; before PostgreSQL 15 nothing else was done, or could be said.
            is_asked = connection.dialect.server_version_info >= (15,)  # type: ignore[operator]
        yield Databases(url, admin, "STRATEGY FILE_COPY" if is_asked else "")
        admin.dispose()


@contextmanager
def prepared(home: Path, databases: Databases | None = None) -> Iterator[Original]:
    """An installation to copy, made by `prepare`."""
    with Original(databases).copied(home) as config:
        prepare(config)
        yield Original(databases, config)


def _name(url: str) -> str:
    return str(make_url(url).database)
