"""The unit rules: every network has units, figures are those of their sources, and what they are worth."""

import csv
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from model.band import PER_WEEK
from model.card import load_card
from model.inputs import Criterion
from model.training.learning import Learned, learn
from model.training.rules import PEERINDEX_PER_WEEK
from model.training.training_data import FEATURES, read_pairs
from model.training.unit_rules import FIGURES, MATCHED_FOLLOWERS, PUBLISHED_RATES, RATES_ON_X, unit_table
from model.units import SetBy
from sources.activity import Platform
from tests.model.making import PEERINDEX, SHARED

QUANTILES = SHARED / "data" / "creator_benchmarks" / "quantiles.csv"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "model-evaluation.md"
# What the published lists call the response that a criterion counts.
PUBLISHED_AS = {
    (Platform.INSTAGRAM, Criterion.APPRECIATION): "engagement",
    (Platform.TIKTOK, Criterion.CONVERSATION): "avg_comments",
    (Platform.TIKTOK, Criterion.AMPLIFICATION): "avg_shares",
    (Platform.TIKTOK, Criterion.APPRECIATION): "avg_likes",
    (Platform.YOUTUBE, Criterion.CONVERSATION): "avg_comments",
    (Platform.YOUTUBE, Criterion.APPRECIATION): "avg_likes",
}
COUNTED = tuple(criterion for criterion in Criterion if criterion is not Criterion.CONSISTENCY)


def test_every_platform_is_in_the_unit_table_and_the_card_carries_that_table() -> None:
    table = unit_table()

    assert set(table["networks"]) == {platform.value for platform in Platform}
    assert set(FIGURES) == set(Platform)
    assert load_card().document["units"] == table


def test_no_factor_is_above_1_and_only_matched_ones_are_below() -> None:
    for units in load_card().units.networks.values():
        for unit in units.values():
            assert 0 < unit.factor <= 1
            assert unit.set_by is SetBy.MATCHED or unit.factor == 1


@pytest.mark.parametrize(("platform", "criterion"), PUBLISHED_AS)
def test_a_published_rate_is_the_quotient_of_two_medians_of_the_creator_benchmarks(
    platform: Platform, criterion: Criterion
) -> None:
    if not QUANTILES.is_file():
        pytest.skip("../shared/data/creator_benchmarks is not here")
    with QUANTILES.open(newline="") as file:
        medians = {(row["platform"], row["metric"]): float(row["p50"]) for row in csv.DictReader(file)}

    response = medians[platform.value, PUBLISHED_AS[platform, criterion]]

    followers = medians[platform.value, "followers"]
    assert PUBLISHED_RATES[platform][criterion] == pytest.approx(response / followers, rel=1e-9)


def test_no_rate_is_published_that_the_benchmarks_are_not_asked_for() -> None:
    rates = {(platform, criterion) for platform, rates in PUBLISHED_RATES.items() for criterion in rates}

    assert rates == set(PUBLISHED_AS)


@pytest.mark.parametrize(
    ("criterion", "column"),
    [(Criterion.CONVERSATION, "mentions_received"), (Criterion.AMPLIFICATION, "retweets_received")],
)
def test_a_rate_on_x_is_the_median_over_the_large_accounts_of_the_training_data(
    criterion: Criterion, column: str
) -> None:
    if not PEERINDEX.is_dir():
        pytest.skip("../shared/data/peerindex is not here")
    features = read_pairs(PEERINDEX).features
    large = features[features[:, FEATURES.index("follower_count")] >= MATCHED_FOLLOWERS]
    rates = (
        large[:, FEATURES.index(column)]
        / large[:, FEATURES.index("posts")]
        / large[:, FEATURES.index("follower_count")]
    )

    assert RATES_ON_X[criterion] == float(f"{np.median(rates):.1e}")


def _typical(criterion: Criterion) -> float:
    """The reference population's input just above its middle."""
    reference = load_card().reference[criterion]
    return reference[len(reference) // 2]


def _moved(criterion: Criterion, times: float) -> float:
    curve, x = load_card().curves[criterion], _typical(criterion)
    return curve.points(times * x) - curve.points(x)


def _most(criterion: Criterion) -> float:
    """Doubling an input moves ln(1 + input) by less than ln 2, wherever it stands."""
    return log(2) * max(load_card().curves[criterion].slopes)


def _line(name: str, halved: float, doubled: float, most: float) -> str:
    return f"| {name} | {halved:+.2f} | {doubled:+.2f} | {most:.2f} |"


def test_the_document_says_what_halving_or_doubling_a_factor_moves() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()

    for criterion in COUNTED:
        assert _line(criterion, _moved(criterion, 0.5), _moved(criterion, 2), _most(criterion)) in lines


def test_the_document_says_what_halving_or_doubling_the_anchor_moves() -> None:
    doubled_unit, halved_unit = (sum(_moved(one, times) for one in PER_WEEK) for times in (0.5, 2))

    line = _line("anchor", halved_unit, doubled_unit, sum(map(_most, PER_WEEK)))

    assert line in DOCUMENT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("times", [0.5, 2.0])
def test_a_card_trained_with_another_anchor_gives_what_this_one_gives_for_other_responses(
    times: float,
) -> None:
    if not PEERINDEX.is_dir():
        pytest.skip("../shared/data/peerindex is not here")
    pairs = read_pairs(PEERINDEX)
    everyone = np.arange(len(pairs.a))
    as_trained = learn(pairs, everyone)

    with_other_anchor = learn(replace(pairs, inputs=pairs.inputs * [1, 1, times, times]), everyone)

    typical = np.array([[_typical(criterion) for criterion in COUNTED[:4]]])
    others = typical * [1, 1, 1 / times, 1 / times]
    difference = _points(with_other_anchor, typical) - _points(as_trained, others)
    assert PEERINDEX_PER_WEEK == 7
    assert abs(difference) < 1.0


def _points(learned: Learned, inputs: object) -> float:
    """Learned points of one row of the four learned inputs."""
    return float((learned.basis.transform(inputs) @ learned.weights)[0] * learned.points_per_logit)
