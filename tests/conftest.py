"""Fixtures every test may use: a house on each engine, a clock one can set."""

import gc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from app.config import Config
from app.transaction import House, open_house
from tests.cheap_passwords import cheap_passwords
from tests.cluster import REQUIRED, find_binaries
from tests.compiling import compiling_once
from tests.forking import Commands, running_commands
from tests.installations import Databases, Original, prepared, running_databases
from tests.people import ADA, Person, new_person, who_joined


@pytest.fixture(autouse=True)
def _logs_of_one_test() -> Iterator[None]:
    """What a command set up for its own log lines ends with its test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True, scope="session")
def _compiled_once() -> Iterator[None]:
    with compiling_once():
        yield


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    with cheap_passwords():
        yield


ENGINES = ("sqlite", "postgresql")
LONGEST = ("journeys", "repository", "bench")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, the folders with the longest files come first: else one of them is left for the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path.parent.name not in LONGEST)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no search for garbage looks through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a test leaves little: an eighth of all the time went into looking


@dataclass
class SettableClock:
    """A stand-in for the clock: stands still until moved."""

    now: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Databases]:
    """A PostgreSQL of its own; skips loudly where there is none."""
    binaries = find_binaries()
    if binaries is None:
        if REQUIRED:
            pytest.fail("KLARWERT_REQUIRE names postgres, but no initdb was found.")
        pytest.skip("PostgreSQL is not installed: no initdb on the path or in /usr/lib/postgresql.")
    with running_databases(binaries) as running:
        yield running


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory) -> Iterator[Original]:
    with prepared(tmp_path_factory.mktemp("prepared") / "home") as original:
        yield original


@pytest.fixture(scope="session")
def prepared_postgresql(tmp_path_factory, postgresql: Databases) -> Iterator[Original]:
    with prepared(tmp_path_factory.mktemp("prepared") / "home", postgresql) as original:
        yield original


@pytest.fixture(scope="session")
def prepared_sqlite_with_ada(tmp_path_factory, prepared_sqlite: Original) -> Iterator[Original]:
    with with_ada(prepared_sqlite, tmp_path_factory.mktemp("with-ada") / "home") as original:
        yield original


@pytest.fixture(scope="session")
def prepared_postgresql_with_ada(tmp_path_factory, prepared_postgresql: Original) -> Iterator[Original]:
    with with_ada(prepared_postgresql, tmp_path_factory.mktemp("with-ada") / "home") as original:
        yield original


@contextmanager
def with_ada(original: Original, home: Path) -> Iterator[Original]:
    """The same installation, and ada@example.org has joined."""
    with original.copied(home) as settings:
        with closing(open_house(settings, SettableClock())) as opened:
            new_person(opened, ADA)
        yield Original(original.databases, settings)


@pytest.fixture(scope="session")
def commands(tmp_path_factory) -> Iterator[Commands]:
    """Runs `klarwert` in a process of its own."""
    with running_commands(tmp_path_factory.mktemp("commands")) as running:
        yield running


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def config(request: pytest.FixtureRequest, engine_name: str, tmp_path: Path) -> Iterator[Config]:
    """Settings of an installation on each engine, with nothing there yet."""
    databases = request.getfixturevalue("postgresql") if engine_name == "postgresql" else None
    with Original(databases).copied(tmp_path / "home") as settings:
        yield settings


@pytest.fixture
def house(
    request: pytest.FixtureRequest, engine_name: str, tmp_path: Path, clock: SettableClock
) -> Iterator[House]:
    """A prepared installation on each engine."""
    yield from opened_copy(original_for(request, engine_name), tmp_path, clock)


@pytest.fixture
def sqlite_house(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    """A prepared installation on SQLite, for what does not depend on the engine."""
    yield from opened_copy(original_for(request, "sqlite"), tmp_path, clock)


def original_for(request: pytest.FixtureRequest, engine_name: str) -> Original:
    """Where a test is about somebody who has joined, one in which she has."""
    joined = "_with_ada" if "who_has_joined" in request.fixturenames else ""
    original: Original = request.getfixturevalue(f"prepared_{engine_name}{joined}")
    return original


@pytest.fixture
def who_has_joined(request: pytest.FixtureRequest) -> Person:
    """Ada, in the house of the test."""
    name = "house" if "house" in request.fixturenames else "sqlite_house"
    return who_joined(request.getfixturevalue(name))


@pytest.fixture
def person(who_has_joined: Person) -> Person:
    """Somebody who has joined and confirmed."""
    return who_has_joined


@pytest.fixture
def ada(who_has_joined: Person) -> Person:
    """The same by her name."""
    return who_has_joined


def opened_copy(original: Original, tmp_path: Path, clock: SettableClock) -> Iterator[House]:
    with original.copied(tmp_path / "home") as config, closing(open_house(config, clock)) as opened:
        yield opened
