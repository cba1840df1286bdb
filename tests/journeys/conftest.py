"""A service that really runs for the tests of a file, a real browser for all files after one another."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.chromium import running_chromium
from tests.journeys.serving import Service

HERE = Path(__file__).parent
KEPT: dict[str, Browser] = {}
UNTIL_ELSEWHERE = ExitStack()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Started once for the files of this folder; no context outlives its file."""
    if not KEPT:
        KEPT["chromium"] = UNTIL_ELSEWHERE.enter_context(running_chromium())
    yield KEPT["chromium"]
    for context in KEPT["chromium"].contexts:
        context.close()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.path.parent != HERE:
        KEPT.clear()
        UNTIL_ELSEWHERE.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    started = Service(tmp_path_factory.mktemp("service") / "home")
    started.start()
    yield started
    started.stop()
