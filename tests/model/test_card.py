"""The committed card keeps its promises, and a card that breaks one is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from model.card import COMMITTED_CARD, canonical_card, card_from_bytes, load_card
from model.curve import Curve, Origin
from model.errors import CardRefused, InputsRefused
from model.inputs import Criterion
from sources.activity import Platform
from tests.model.making import changed_card


def test_the_committed_card_has_a_base_of_1_and_maxima_that_sum_to_exactly_99() -> None:
    card = load_card()

    hundredths = [round(100 * curve.maximum) for curve in card.curves.values()]

    assert card.base == 1.0
    assert sum(hundredths) == 9900
    assert max(hundredths) <= 2000


def test_four_curves_of_the_committed_card_are_learned_and_two_are_rules() -> None:
    origins = [curve.origin for curve in load_card().curves.values()]

    assert origins == [Origin.LEARNED] * 4 + [Origin.RULE] * 2


def test_the_committed_card_knows_every_network_and_names_the_data_it_comes_from() -> None:
    card = load_card()

    assert set(card.units.networks) == set(Platform)
    assert card.document["training"]["pairs"] == 5500
    assert card.document["evaluation"]["auc_mean"] >= 0.850


def test_the_committed_card_is_canonical_and_small() -> None:
    content = COMMITTED_CARD.read_bytes()

    assert canonical_card(json.loads(content)) == content.strip()
    assert len(content) < 200_000


def test_a_curve_earns_its_points_at_its_knots_and_no_more_beyond_the_last() -> None:
    for curve in load_card().curves.values():
        assert [curve.points(knot) for knot in curve.knots] == pytest.approx(list(curve.values), abs=1e-12)
        assert curve.points(curve.knots[-1] * 1000) == curve.maximum
        assert curve.piece(curve.knots[-1]).to_input is None
        assert curve.piece(curve.knots[1]).from_input == curve.knots[1]


@pytest.mark.parametrize("x", [-1.0, float("nan")])
def test_a_curve_refuses_what_is_no_count(x: float) -> None:
    curve = Curve.through(Criterion.AUDIENCE, Origin.RULE, [0, 10], [0, 5])

    with pytest.raises(InputsRefused):
        curve.points(x)


def test_a_missing_input_earns_no_points() -> None:
    assert load_card().points(Criterion.AUDIENCE, None) == 0.0
    assert load_card().points_of([None] * 6) == (0.0,) * 6


def test_a_row_of_inputs_earns_what_each_curve_gives_for_its_own() -> None:
    card = load_card()
    row = [2000.0, None, 0.0, 12.5, 1e9, 52.0]

    points = card.points_of(row)

    assert points == tuple(card.points(c, x) for c, x in zip(Criterion, row, strict=True))


def test_a_card_with_another_curve_scores_by_that_curve() -> None:
    card = load_card()
    steep = Curve.through(Criterion.AUDIENCE, Origin.RULE, [0, 10], [0, 5])

    changed = replace(card, curves={**card.curves, Criterion.AUDIENCE: steep})

    assert changed.points_of([10.0] * 6)[0] == 5.0
    assert changed.points_of([10.0] * 6)[1:] == card.points_of([10.0] * 6)[1:]
    assert changed.reference_means[Criterion.AUDIENCE] != card.reference_means[Criterion.AUDIENCE]


def test_points_never_pass_those_of_the_next_knot() -> None:
    curve = Curve.through(Criterion.AUDIENCE, Origin.RULE, [0, 1, 6.3], [0, 8.91, 15.31])

    just_before = curve.points(6.299999999999999)  # one rounding error too much, if it were not held

    assert just_before <= curve.points(6.3) == curve.points(inf) == 15.31


def test_a_card_with_another_digest_is_refused(tmp_path: Path) -> None:
    document = json.loads(COMMITTED_CARD.read_bytes())
    document["criteria"][0]["points"][1] = 8.0
    altered = tmp_path / "card.json"
    altered.write_text(json.dumps(document))

    with pytest.raises(CardRefused, match="digest"):
        load_card(altered)


def _set(path: tuple[str | int, ...], value: object) -> Callable[[dict[str, Any]], object]:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_set(("schema",), "klarwert-points-card/99"), "schema"),
        (_set(("criteria", 0, "points", 2), 1.0), "falls"),
        (_set(("criteria", 0, "points", 0), 1.0), "0 points for 0"),
        (_set(("criteria", 0, "knots", 2), 100.0), "do not rise"),
        (_set(("criteria", 5, "points", 5), 11.0), "sum to 99"),
        (_set(("criteria", 0, "points", 1), 8.7001), "hundredths"),
        (_set(("criteria", 0, "points"), [0, 12.5, 12.5, 12.64, 15.71, 20, 20]), "ten times the followers"),
        (_set(("criteria", 0, "points"), [0.0, 20.0]), "as many points as knots"),
        (_set(("criteria", 0, "name"), "recognition"), "exactly once"),
        (_set(("criteria", 0, "name"), "fame"), "not complete"),
        (_set(("base",), 2), "base of 1"),
        (_set(("units", "networks", "x", "audience", "factor"), 0.0), "positive number belongs"),
        (_set(("units", "networks", "x", "audience", "factor"), -1.0), "negative"),
        (_set(("units", "networks", "x", "audience", "factor"), "1"), "something else"),
        (_set(("criteria", 0, "knots", 1), True), "something else"),
        (_set(("probability", "points_per_logit"), 0), "positive number belongs"),
        (_set(("evaluation", "auc_mean"), None), "something else"),
        (_set(("units", "networks", "x"), {}), "without any figure"),
        (_set(("units", "networks", "x", "audience", "figure"), "fame"), "not complete"),
        (_set(("band", "points", "audience", 0), [0.0, 1.0]), "does not fit"),
        (_set(("band", "points", "audience"), [[0.0] * 7]), "unequal numbers"),
        (lambda document: document.pop("reference"), "not complete"),
        (_set(("reference", "inputs", "audience"), [1.0]), "same rows"),
        (_set(("reference", "inputs"), {criterion.value: [] for criterion in Criterion}), "same rows"),
    ],
)
def test_a_card_that_breaks_a_promise_is_refused_even_with_a_right_digest(
    change: Callable[[dict[str, Any]], object], reason: str
) -> None:
    content = changed_card(change)

    with pytest.raises(CardRefused, match=f"(?i){reason}"):
        card_from_bytes(content)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"schema": NaN}', b"\xff", b"[" * 100_000])
def test_what_is_not_a_card_is_refused(content: bytes) -> None:
    with pytest.raises(CardRefused):
        card_from_bytes(content)
