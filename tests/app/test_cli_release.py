"""`klarwert model release`, and a service that does not start over a broken card."""

import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from app.cli import klarwert
from app.releasing import release_card
from model.card import canonical_card
from model.release import CardRelease
from tests.app.releasing_people import scored_people
from tests.architecture.checkout import ROOT
from tests.model.test_release import kinder_card

run = CliRunner().invoke


def at_home(house) -> dict[str, str]:
    return {"KLARWERT_HOME": str(house.config.home)}


def elsewhere(checkout: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of a checkout with another `model`; everything else is the same."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env=os.environ | {"KLARWERT_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command is refused."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.fixture
def card(tmp_path):
    path = tmp_path / "kinder.json"
    path.write_bytes(canonical_card(kinder_card().document))
    return path


def test_a_release_prints_its_day_and_how_far_it_moves_scores(sqlite_house, card):
    scored_people(sqlite_house, 24)

    printed = run(klarwert, ["model", "release", str(card)], env=at_home(sqlite_house)).output

    assert kinder_card().digest in printed
    assert "about 20 people" in printed
    moved, people = printed.splitlines()[-1].split()
    assert int(moved) > 0
    assert people == "20"


def test_a_release_over_few_people_says_so(sqlite_house, card):
    printed = run(
        klarwert, ["model", "release", str(card), "--effective-in", "0"], env=at_home(sqlite_house)
    ).output

    assert "Fewer than 10 people" in printed


@pytest.mark.parametrize("days", ["-1", "366", "soon"])
def test_a_day_that_cannot_be_is_wrong_usage(sqlite_house, card, days):
    arguments = ["model", "release", str(card), "--effective-in", days]

    assert run(klarwert, arguments, env=at_home(sqlite_house)).exit_code == 2


def test_a_release_that_changes_nothing_or_comes_too_soon_is_refused(sqlite_house, commands, card):
    home = at_home(sqlite_house)
    assert "in force" in refusal(commands.run("model", "release", more=home))

    assert run(klarwert, ["model", "release", str(card)], env=home).exit_code == 0
    assert "already" in refusal(commands.run("model", "release", str(card), more=home))


@pytest.mark.parametrize("content", ["", "[]", '{"schema": "CANARY"}'])
def test_a_broken_card_is_not_released(sqlite_house, commands, tmp_path, content):
    path = tmp_path / "card.json"
    path.write_text(content)

    said = refusal(commands.run("model", "release", str(path), more=at_home(sqlite_house)))

    assert "points card" in said
    assert "CANARY" not in said


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize("days", [0, 14])
def test_nothing_starts_over_a_released_card_that_is_broken(sqlite_house, commands, command, days):
    card = kinder_card(f"broken {command} {days}")
    release_card(sqlite_house, card, timedelta(days=days))
    with sqlite_house.open_vault("system") as vault:
        broken = canonical_card(card.document).decode().replace('"base":1', '"base":2')
        vault.session.execute(update(CardRelease).where(CardRelease.number == 2).values(card=broken))

    assert "digest" in refusal(commands.run(command, more=at_home(sqlite_house)))


def test_nothing_starts_with_a_committed_card_that_is_broken(sqlite_house, tmp_path):
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "model", checkout / "model", ignore=shutil.ignore_patterns("__pycache__"))
    committed = checkout / "model" / "card.json"
    committed.write_text(committed.read_text().replace('"base":1', '"base":2'))

    said = refusal(elsewhere(checkout, sqlite_house.config.home, "serve"))

    assert "digest" in said
    assert said == refusal(elsewhere(checkout, tmp_path / "new", "setup"))
