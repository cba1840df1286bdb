"""What import-linter sees, and what it cannot see about itself: docs/architecture.md."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.checkout import PACKAGES, ROOT, product_files

NOT_OF_THE_PRODUCT = {"tests", "migrations", "bench", "docs"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}


def test_every_top_level_package_is_known_to_the_import_contracts() -> None:
    found = {init.parent.name for init in ROOT.glob("*/__init__.py")} - NOT_OF_THE_PRODUCT

    assert found == set(PACKAGES)


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_imported_from_this_checkout_and_not_from_a_namesake(name: str) -> None:
    file = importlib.import_module(name).__file__

    assert file is not None
    assert Path(file).resolve() == ROOT / name / "__init__.py"


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_says_on_one_screen_what_lives_in_it(name: str) -> None:
    lines = (ROOT / name / "README.md").read_text(encoding="utf-8").splitlines()

    assert 0 < len(lines) <= 60


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {part for file in product_files() for part in (file.stem, file.parent.name)}

    assert not names & NAMES_THAT_SAY_NOTHING
