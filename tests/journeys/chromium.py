"""A real browser for the tests: the Chromium that is installed, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

REQUIRED = "chromium" in os.environ.get("KLARWERT_REQUIRE", "").split(",")
QUIET = (
    "--no-sandbox",  # CI runs as root, and the only pages shown are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start it; skips loudly where there is none, fails where one is required."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if REQUIRED:
            pytest.fail("KLARWERT_REQUIRE names chromium, but none was found on the path.")
        pytest.skip("Chromium is not installed: none on the path.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()
