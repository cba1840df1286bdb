"""A service that really runs, and a real browser: one of each for the tests of a file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.chromium import running_chromium
from tests.journeys.serving import Service


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[Service]:
    started = Service(tmp_path_factory.mktemp("service") / "home")
    started.start()
    yield started
    started.stop()
