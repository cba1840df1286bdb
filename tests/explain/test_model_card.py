"""The model card is one whole page: its numbers are the card's, its figures have words, nothing is loaded."""

import csv
import os
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from itertools import combinations, pairwise
from math import fsum
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest
from playwright.sync_api import Request

from app.cli_model import demo_records
from explain.card.tables import card_tables
from explain.card.text import card_text
from explain.model_card.cohorts import Gap, Question, gaps
from explain.model_card.figures import beeswarm
from explain.model_card.page import model_card
from explain.model_card.sensitivity import sensitivities
from explain.population import Creator, bring, draw_creators
from explain.wording import Language
from model.band import band
from model.card import card_from_bytes, load_card
from model.errors import CardRefused
from model.inputs import Criterion
from model.scoring import score_records
from model.units import SetBy, pool
from sources.activity import Platform
from tests.journeys.chromium import running_chromium
from tests.model.making import PEERINDEX, changed_card

ROOT = Path(__file__).resolve().parents[2]
CARD = load_card()
H = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def content() -> bytes:
    return model_card(CARD, demo_records())


@pytest.fixture(scope="module")
def page(content: bytes) -> Element:
    return fromstring(content)


@cache
def drawn() -> tuple[Creator, ...]:
    return draw_creators(CARD)


@cache
def gaps_of_creators() -> tuple[Gap, ...]:
    return gaps(CARD, drawn())


def texts(element: Element) -> str:
    return "".join(element.itertext())


def cells(page: Element, name: str) -> list[list[str]]:
    """A table's body, row by row."""
    table = next(one for one in page.iter(f"{H}table") if one.get("id") == name)
    body = table.find(f"{H}tbody")
    assert body is not None
    return [[texts(cell) for cell in row] for row in body]


def number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def test_every_section_is_there_and_every_entry_of_the_contents_leads_to_one(page: Element) -> None:
    sections = [one.get("id") for one in page.iter(f"{H}section") if one.get("id")]
    links = [one.get("href") for one in page.iter(f"{H}a")]

    assert links == [f"#{name}" for name in sections]
    assert {"use", "hand", "training", "quality", "gaps", "limits", "drift"} <= set(sections)


def test_headings_follow_in_order_and_identifiers_are_unique(page: Element) -> None:
    levels = [int(one.tag[-1]) for one in page.iter() if re.fullmatch(rf"{H}h[1-6]", one.tag)]
    identifiers = [one.get("id") for one in page.iter() if one.get("id")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert len(set(identifiers)) == len(identifiers)


def test_every_figure_has_an_alternative_text_and_a_caption(page: Element) -> None:
    figures = list(page.iter(f"{H}figure"))

    images = [image for figure in figures for image in figure.iter(f"{H}img")]

    assert len(images) == len(figures) == len(list(page.iter(f"{H}img"))) == 1 + len(Criterion) + 3
    assert all(len(image.get("alt", "")) > 40 for image in images)
    assert all(texts(figure).strip() for figure in figures)


def test_nothing_is_loaded_from_anywhere(page: Element) -> None:
    tags = {one.tag.removeprefix(H) for one in page.iter()}
    sources = [one.get("src", "") for one in page.iter() if one.get("src")]
    style = texts(next(page.iter(f"{H}style")))

    assert not tags & {"script", "link", "iframe", "object", "embed", "base"}
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert "url(" not in style
    assert "@import" not in style


def test_the_curves_are_the_cards_knots_and_points(page: Element) -> None:
    for row in CARD.document["criteria"]:
        printed = cells(page, f"curve-{row['name']}")

        assert [number(line[0]) for line in printed] == row["knots"]
        assert [number(line[2]) for line in printed] == row["points"]


def test_the_unit_table_is_the_cards(page: Element) -> None:
    printed = {line[0].lower(): line[1:] for line in cells(page, "units")}

    assert set(printed) == set(CARD.document["units"]["networks"])
    for network, figures in CARD.document["units"]["networks"].items():
        for criterion, said in zip(Criterion, printed[network], strict=True):
            unit = figures.get(criterion.value)
            star = "*" if unit and unit["set_by"] == SetBy.MATCHED else ""
            expected = f"{unit['figure']} {unit['factor']:g}{star}" if unit else "none"
            assert said == expected


def test_digest_figures_and_training_data_are_the_cards(page: Element) -> None:
    everything = texts(page)
    printed = [number(value) for _, value in cells(page, "figures")]

    assert f"{CARD.document['evaluation']['auc_mean']:.4f}" in everything
    for figure in card_tables(CARD, Language.EN).figures:
        assert any(value == pytest.approx(figure.value, abs=10**-figure.digits / 2) for value in printed)
    for stated in (
        CARD.digest,
        CARD.document["training"]["sha256"],
        f"{CARD.document['training']['pairs']:,}",
    ):
        assert stated in everything


def test_the_points_of_the_examples_add_up_to_their_scores(page: Element) -> None:
    for name, records in demo_records().items():
        result = score_records(CARD, records)
        printed = cells(page, f"example-{name}")

        total = CARD.base + fsum(number(points) for _, _, points in printed)

        assert total == pytest.approx(round(result.exact, 2))
        assert [line[1] == "missing" for line in printed] == [one.input is None for one in result.criteria]
        assert f"{name.capitalize()}: {result.score}" in texts(page)


def test_the_stated_gaps_are_those_measured(page: Element) -> None:
    found = gaps_of_creators()

    for question in Question:
        printed = cells(page, f"gap-{question}")
        measured = [gap for gap in found if gap.question is question]
        assert [line[0] for line in printed] == [gap.cohort for gap in measured]
        assert [number(line[1]) for line in printed] == pytest.approx(
            [gap.mean_score for gap in measured], abs=0.051
        )
        assert [number(line[2]) for line in printed] == pytest.approx(
            [gap.mean_gap for gap in measured], abs=0.051
        )


@pytest.mark.parametrize("use", ["Hiring", "Credit", "Insurance", "Housing", "Education", "children"])
def test_forbidden_uses_are_named(page: Element, use: str) -> None:
    forbidden = next(one for one in page.iter(f"{H}ul") if one.get("id") == "forbidden")

    assert use in texts(forbidden)


def test_another_process_with_another_hash_seed_writes_the_same_bytes(content: bytes, tmp_path: Path) -> None:
    out = tmp_path / "card.html"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "app.cli", "model", "card", "--html", str(out)]

    subprocess.run(command, cwd=ROOT, env=environment, check=True)

    assert out.read_bytes() == content
    assert len(content) < 3_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["card.html"]


def test_shaking_the_dots_leaves_the_global_generator_as_it_was() -> None:
    rows = [creator.values for creator in draw_creators(CARD, people=20)]
    np.random.seed(3)
    before = repr(np.random.get_state())

    beeswarm(CARD, rows, {criterion: criterion.value for criterion in Criterion})

    assert repr(np.random.get_state()) == before


def test_a_card_that_does_not_say_where_it_comes_from_has_no_model_card() -> None:
    def forget(document: dict[str, Any]) -> None:
        document["training"] = {}

    card = card_from_bytes(changed_card(forget))

    with pytest.raises(CardRefused, match="trained on"):
        model_card(card, {})


def test_plain_text_holds_every_knot_factor_and_figure_of_the_card() -> None:
    said = card_text(card_tables(CARD, Language.EN))

    assert CARD.digest in said
    for curve in CARD.curves.values():
        for x, points, slope in zip(curve.knots, curve.values, (*curve.slopes, 0.0), strict=True):
            row = rf"^ +{x:,.15g} +{np.log1p(x):.4f} +{points:.2f} +{slope:.4f}$"
            assert re.search(row, said, re.MULTILINE)
    for figures in CARD.document["units"]["networks"].values():
        assert all(f"{unit['figure']} {unit['factor']:g}" in said for unit in figures.values())
    assert f"{CARD.document['evaluation']['auc_mean']:.4f}" in said


def test_the_agreement_of_judges_is_that_of_the_training_data(page: Element) -> None:
    if not PEERINDEX.is_dir():
        pytest.skip("../shared/data/peerindex is not here")
    judged: dict[tuple[str, str], list[bool]] = defaultdict(list)
    with (PEERINDEX / "train.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            a, b = (
                "|".join(value for name, value in row.items() if name.startswith(side))
                for side in ("A_", "B_")
            )
            if a != b:
                judged[min(a, b), max(a, b)].append((row["Choice"] == "1") == (a < b))

    same = [one == other for judgements in judged.values() for one, other in combinations(judgements, 2)]

    stated = {one.get("id"): texts(one) for one in page.iter(f"{H}span")}
    assert stated["repeats"] == str(len(same))
    assert stated["agreement"] == f"{100 * sum(same) / len(same):.1f} %"


def test_the_thresholds_of_the_drift_procedure_quote_what_is_measured() -> None:
    said = " ".join((ROOT / "docs" / "drift.md").read_text(encoding="utf-8").split())
    creators = drawn()
    halved = {
        one.network: f"{abs(one.mean):.1f}" for one in sensitivities(CARD, creators) if one.times == 0.5
    }
    missing = [-gap.mean_gap for gap in gaps_of_creators() if gap.question is Question.MISSING][1:]
    bands = [band(CARD, pool([bring(one, Platform.X, CARD.units)], CARD.units)) for one in creators]

    widest = float(np.median([high - low for low, high in bands]))

    assert f"{halved[Platform.INSTAGRAM]} points (Instagram)" in said
    assert f"{halved[Platform.YOUTUBE]} (YouTube)" in said
    assert f"{halved[Platform.TIKTOK]} (TikTok)" in said
    assert f"takes {min(missing):.0f} to {max(missing):.0f} points" in said
    assert f"is {widest:.0f} points wide in the median" in said


def test_a_browser_shows_it_at_any_width_without_asking_anybody(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "card.html"
    path.write_bytes(content)
    asked: set[str] = set()

    def note(request: Request) -> None:
        asked.add(request.url)

    with running_chromium() as browser:
        for width in (390, 1280):
            tab = browser.new_page(viewport={"width": width, "height": 800})
            tab.on("request", note)

            tab.goto(path.as_uri())

            drawn = "Array.from(document.images).every(one => one.complete && one.naturalWidth > 0)"
            assert tab.evaluate(drawn)
            assert tab.evaluate("document.documentElement.scrollWidth") == width, width
        assert all(url.startswith("data:") for url in asked - {path.as_uri()})
