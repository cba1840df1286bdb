"""docs/recompute.py, which uses nothing of ours, comes to the same points as the service."""

import ast
import importlib.util
import json
import subprocess
import sys
from datetime import date
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from app.demo_archives import demo_creators
from model.card import COMMITTED_CARD, load_card
from model.inputs import Criterion, PlatformInputs
from model.scoring import exact_score, result_to_json, score_inputs, score_records
from model.units import pool
from sources.activity import IsoWeek, Platform, Source
from sources.errors import ExportFormatWrong
from sources.readers import read_archive
from tests.model.making import SHARED
from tests.repository.checkout import ROOT

SCRIPT = ROOT / "docs" / "recompute.py"
ARCHIVES = SHARED / "data" / "archives"
READABLE = ("x/*.zip", "mastodon/*.tar.gz", "mastodon/*.zip", "mastodon/*.json")
CARD = load_card()
ROWS = 10_000


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("recompute", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECOMPUTE = loaded()


def assert_recomputed(score: dict[str, Any]) -> None:
    earned, exact, shown = RECOMPUTE.recompute(CARD.document, score)

    assert shown == score["score"]
    assert exact == pytest.approx(score["exact"], abs=1e-9)
    for one in score["criteria"]:
        assert earned[one["name"]] == pytest.approx(one["points"], abs=1e-9)


def run(*arguments: Path) -> subprocess.CompletedProcess[str]:
    # Isolated: neither this checkout nor its environment is on the path.
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, cwd="/")


def score_file(directory: Path, **changed: object) -> Path:
    creator = demo_creators(date(2026, 11, 1))[0]
    records = [read_archive(BytesIO(archive())) for _, archive in creator.archives]
    file = directory / "score.json"
    file.write_text(json.dumps(result_to_json(score_records(CARD, records)) | changed))
    return file


def test_the_script_is_short_and_imports_nothing_but_the_standard_library() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]

    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert set(imported) <= set(sys.stdlib_module_names)
    assert len([line for line in source.splitlines() if line.strip()]) < 60


@pytest.mark.skipif(not ARCHIVES.is_dir(), reason="the published archives (../shared) are not here")
def test_it_agrees_on_every_published_archive_that_can_be_read() -> None:
    read = 0
    for path in sorted(path for pattern in READABLE for path in ARCHIVES.glob(pattern)):
        try:
            with path.open("rb") as file:
                record = read_archive(file)
        except ExportFormatWrong:
            continue  # a format from before there were responses in it
        assert_recomputed(result_to_json(score_records(CARD, [record])))
        read += 1

    assert read >= 4


def test_it_agrees_on_the_archives_made_here() -> None:
    for creator in demo_creators(date(2026, 11, 1)):
        records = [read_archive(BytesIO(archive())) for _, archive in creator.archives]

        assert_recomputed(result_to_json(score_records(CARD, records)))


def invented(draw: np.random.Generator) -> list[PlatformInputs]:
    """One to four networks, each with some of its figures missing, from nothing to far beyond every curve."""
    chosen = draw.choice(len(Platform), size=draw.integers(1, 5), replace=False)
    return [network(draw, list(Platform)[place]) for place in chosen]


def network(draw: np.random.Generator, platform: Platform) -> PlatformInputs:
    figures = np.expm1(draw.uniform(0, 16, len(Criterion)))
    values: dict[Criterion, float | None] = {
        criterion: float(figure) if CARD.units.find(platform, criterion) and draw.random() < 0.8 else None
        for criterion, figure in zip(Criterion, figures, strict=True)
    }
    has_weeks = values[Criterion.CONSISTENCY] is not None
    weeks = draw.choice(52, size=draw.integers(0, 53), replace=False) + 1
    answered = frozenset(IsoWeek(2026, int(week)) for week in weeks) if has_weeks else None
    values[Criterion.CONSISTENCY] = None if answered is None else float(len(answered))
    return PlatformInputs(platform, Source.ARCHIVE, None, None, values, answered, 0.0, 0)


def test_it_agrees_on_ten_thousand_invented_people() -> None:
    draw = np.random.default_rng(2026)
    for row in range(ROWS):
        people = invented(draw)
        pooled = pool(people, CARD.units)
        networks = [
            {
                "platform": one.platform.value,
                "values": {criterion.value: value for criterion, value in one.values.items()},
                "response_weeks": None
                if one.response_weeks is None
                else sorted(map(str, one.response_weeks)),
            }
            for one in people
        ]

        _, exact, _ = RECOMPUTE.recompute(CARD.document, {"networks": networks})

        assert exact == pytest.approx(exact_score(CARD, pooled), abs=1e-9), people
        if row % 100 == 0:  # the whole way through the public JSON form, too
            assert_recomputed(result_to_json(score_inputs(CARD, pooled)))


def test_a_score_from_the_command_line_is_recomputed_to_the_same_number(tmp_path: Path) -> None:
    done = run(COMMITTED_CARD, score_file(tmp_path))

    assert done.returncode == 0, done.stderr
    assert "score" in done.stdout.splitlines()[-1]
    assert len(done.stdout.splitlines()) == len(Criterion) + 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"exact": 12.5}, "not the one recomputed"),
        ({"score": 100}, "not the one recomputed"),
        ({"model": "0" * 64}, "another points card"),
    ],
)
def test_another_score_or_another_card_ends_with_1_and_a_sentence(
    tmp_path: Path, changed: dict[str, object], sentence: str
) -> None:
    done = run(COMMITTED_CARD, score_file(tmp_path, **changed))

    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_its_two_files_it_says_how_it_is_used() -> None:
    done = run()

    assert done.returncode == 1
    assert "CARD.json SCORE.json" in done.stderr
