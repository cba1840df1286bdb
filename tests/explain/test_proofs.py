"""What the card promises, held on thousands of rows at once: parts add up, more is never less, points add."""

from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attribution import attribute, background_of, shown_parts
from explain.shapley.values import attribute_rows
from model.card import load_card
from model.inputs import Criterion
from model.scoring import exact_score, shown_score
from model.training.interior_point import Floats
from model.units import PooledInput, PooledInputs
from tests.model.rows import card_scores, random_rows

CARD = load_card()
BACKGROUND = background_of(CARD)
ROWS = random_rows(CARD, 2000, seed=5)
MISSING = np.random.default_rng(6).random(ROWS.shape) < 0.15
PROPERTY = settings(deadline=None, max_examples=1000)
rows = st.fixed_dictionaries(dict.fromkeys(Criterion, st.none() | st.floats(0, 1e12)))


def with_missing() -> list[dict[Criterion, float | None]]:
    return [
        {c: None if lacks else float(x) for c, x, lacks in zip(Criterion, row, lacking, strict=True)}
        for row, lacking in zip(ROWS, MISSING, strict=True)
    ]


def pooled(row: dict[Criterion, float | None]) -> PooledInputs:
    return PooledInputs((), {criterion: PooledInput(value, {}) for criterion, value in row.items()})


def test_both_views_of_every_row_add_up_to_its_score() -> None:
    found = attribute_rows(CARD, with_missing())

    exact = card_scores(CARD, np.where(MISSING, 0, ROWS))
    assert [one.exact for one in found] == pytest.approx(exact, abs=1e-9)
    assert [one.earned.total for one in found] == pytest.approx(exact, abs=1e-9)
    assert [one.comparison.total for one in found] == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_what_is_shown_of_every_row_adds_up_in_both_views(digits: int) -> None:
    unit = 10**digits

    for one in attribute_rows(CARD, with_missing()):
        score = shown_score(one.exact)
        earned = shown_parts(list(one.earned.values.values()), score - one.earned.base_value, digits)
        against = [one.comparison.base_value, *one.comparison.values.values()]
        compared = shown_parts(against, score, digits)
        assert round(unit * fsum(earned)) == unit * (score - 1)
        assert round(unit * fsum(compared)) == unit * score
        assert all(shown * part >= 0 for shown, part in zip(compared, against, strict=True))
        assert farthest(earned, list(one.earned.values.values())) < 0.5 + 1 / unit


def farthest(shown: tuple[float, ...], exact: list[float]) -> float:
    return max(abs(one - part) for one, part in zip(shown, exact, strict=True))


@pytest.mark.parametrize("criterion", list(Criterion))
def test_more_of_any_one_input_never_lowers_a_score(criterion: Criterion) -> None:
    place = list(Criterion).index(criterion)
    more = ROWS.copy()
    more[:, place] = ROWS[:, place] * np.random.default_rng(7).uniform(1, 3, len(ROWS)) + 1e-9

    rise = card_scores(CARD, more) - card_scores(CARD, ROWS)

    assert rise.min() >= 0
    assert rise.max() > 0


@pytest.mark.parametrize("criterion", list(Criterion))
def test_what_one_input_adds_is_the_same_whatever_the_others_are(criterion: Criterion) -> None:
    place = list(Criterion).index(criterion)

    added = card_scores(CARD, ROWS) - card_scores(CARD, emptied(place))

    alone = [CARD.points(criterion, float(x)) for x in ROWS[:, place]]
    assert added.tolist() == pytest.approx(alone, abs=1e-9)


def emptied(place: int) -> Floats:
    less = ROWS.copy()
    less[:, place] = 0
    return less


@PROPERTY
@given(rows, st.sampled_from(list(Criterion)), st.floats(0, 1e12))
def test_a_higher_input_and_its_attribution_never_fall_and_the_others_stay(
    row: dict[Criterion, float | None], criterion: Criterion, more: float
) -> None:
    higher = row | {criterion: (row[criterion] or 0.0) + more}

    before = attribute(CARD, pooled(row), BACKGROUND)
    after = attribute(CARD, pooled(higher), BACKGROUND)

    assert after.exact >= before.exact
    assert after.earned.values[criterion] >= before.earned.values[criterion]
    assert after.comparison.values[criterion] >= before.comparison.values[criterion]
    assert without(after.earned.values, criterion) == without(before.earned.values, criterion)


def without(values, criterion):
    return {name: value for name, value in values.items() if name is not criterion}


@PROPERTY
@given(rows)
def test_a_score_is_one_plus_the_points_of_each_criterion_on_its_own(
    row: dict[Criterion, float | None],
) -> None:
    alone = [
        exact_score(CARD, pooled(dict.fromkeys(Criterion) | {criterion: value})) - CARD.base
        for criterion, value in row.items()
    ]

    together = exact_score(CARD, pooled(row))

    assert together == pytest.approx(1 + fsum(alone), abs=1e-9)
    assert 1 <= together <= 100
