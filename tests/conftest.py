"""Fixtures every test may use: a house on each engine, a clock one can set."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from app.config import Config, read_config
from app.setup import prepare
from app.transaction import House, open_house
from tests.cluster import REQUIRED, find_binaries, running_cluster

ENGINES = ("sqlite", "postgresql")


@dataclass
class SettableClock:
    """A stand-in for the clock: stands still until moved."""

    now: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[Callable[[], str]]:
    """Makes a new, empty PostgreSQL database at each call; skips loudly where there is none."""
    binaries = find_binaries()
    if binaries is None:
        if REQUIRED:
            pytest.fail("KLARWERT_REQUIRE names postgres, but no initdb was found.")
        pytest.skip("PostgreSQL is not installed: no initdb on the path or in /usr/lib/postgresql.")
    with running_cluster(binaries) as template:

        def new_database() -> str:
            name = f"t{uuid4().hex}"
            admin = create_engine(template.format(database="postgres"), isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}"'))
            admin.dispose()
            return template.format(database=name)

        yield new_database


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(params=ENGINES)
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """Settings of an installation on each engine."""
    environment = {"KLARWERT_HOME": str(tmp_path / "home"), "KLARWERT_LEASE_SECONDS": "30"}
    if request.param == "postgresql":
        new_database = request.getfixturevalue("postgresql_url")
        environment |= {"KLARWERT_DATA_URL": new_database(), "KLARWERT_KEYS_URL": new_database()}
    return read_config(environment)


@pytest.fixture
def house(config: Config, clock: SettableClock) -> Iterator[House]:
    """A prepared installation on each engine."""
    yield from _opened(config, clock)


@pytest.fixture
def sqlite_house(tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    """A prepared installation on SQLite, for what does not depend on the engine."""
    yield from _opened(read_config({"KLARWERT_HOME": str(tmp_path / "home")}), clock)


def _opened(config: Config, clock: SettableClock) -> Iterator[House]:
    prepare(config)
    with closing(open_house(config, clock)) as opened:
        yield opened
