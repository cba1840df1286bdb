"""The inverse of a curve is exact, and so is the least effort: trying everything finds none smaller."""

from collections.abc import Sequence
from itertools import product
from math import expm1, inf, log1p

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explain.counterfactual.least_effort import Rise, cheapest, effort, least_input
from model.curve import Curve, Origin
from model.inputs import Criterion
from tests.explain.making import CARD

CONVERSATION, AMPLIFICATION = Criterion.CONVERSATION, Criterion.AMPLIFICATION
CONSISTENCY = Criterion.CONSISTENCY


@st.composite
def curves(draw: st.DrawFn, criterion: Criterion = CONVERSATION, top: int = 60) -> Curve:
    """Any rising curve: flat, steep, concave or not."""
    knots = sorted(draw(st.sets(st.integers(1, top), min_size=1, max_size=3)))
    rises = draw(st.lists(st.integers(0, 6), min_size=len(knots), max_size=len(knots)))
    values = [0.0]
    for rise in rises:
        values.append(values[-1] + rise)
    return Curve.through(criterion, Origin.RULE, [0.0, *map(float, knots)], values)


@settings(deadline=None, max_examples=1000)
@given(st.sampled_from(list(CARD.curves.values())) | curves(), st.floats(0, 1))
def test_the_inverse_of_a_curve_earns_the_points_and_nothing_smaller_does(curve: Curve, share: float) -> None:
    points = share * curve.maximum

    x = least_input(curve, points)

    assert curve.points(x) == pytest.approx(points, abs=1e-9)
    if points > 1e-3:
        assert curve.points(x * (1 - 1e-6)) < points


def test_no_input_earns_more_than_a_curve_gives() -> None:
    assert least_input(CARD.curves[CONSISTENCY], 10.01) == inf


def cheapest_by_trying(rises: Sequence[Rise], gain: float) -> float:
    """Every knot, finer steps and every week for all but one input; for that one, bisection."""
    least = inf
    free: list[int | None] = [place for place, rise in enumerate(rises) if rise.weeks is None]
    for place in free or [None]:
        grids = [[inf] if at == place else grid(rise) for at, rise in enumerate(rises)]
        for inputs in product(*grids):
            others = [(rise, x) for rise, x in zip(rises, inputs, strict=True) if x < inf]
            spent = sum(effort(rise.now, x) for rise, x in others)
            lacking = gain - sum(rise.curve.points(x) - rise.curve.points(rise.now) for rise, x in others)
            if place is not None and spent < least:
                spent += effort(rises[place].now, bisected(rises[place], lacking))
            elif lacking > 1e-12:
                spent = inf
            least = min(least, spent)
    return least


def grid(rise: Rise) -> list[float]:
    if rise.weeks is not None:
        return [rise.now + more for more in range(rise.weeks + 1)]
    steps = [knot for knot in rise.curve.knots if knot > rise.now]
    return [rise.now, *steps, *(expm1(log1p(rise.now) + step) for step in (0.2, 0.7, 1.6))]


def bisected(rise: Rise, gain: float) -> float:
    wanted = rise.curve.points(rise.now) + gain
    low, high = log1p(rise.now), log1p(max(rise.now, rise.curve.knots[-1]))
    if gain <= 0:
        return rise.now
    if rise.curve.maximum < wanted - 1e-12:
        return inf
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rise.curve.points(expm1(middle)) >= wanted else (middle, high)
    return expm1(high)


rising = st.builds(Rise, curves(), st.floats(0, 70))
by_weeks = st.builds(Rise, curves(CONSISTENCY, 9), st.integers(0, 5).map(float), st.integers(0, 6))


@settings(deadline=None, max_examples=1000)
@given(st.lists(rising, max_size=3), st.lists(by_weeks, max_size=1), st.floats(0.01, 1))
def test_the_least_effort_is_what_trying_everything_finds(
    a_week: list[Rise], weeks: list[Rise], share: float
) -> None:
    rises = [*a_week, *weeks]
    gain = share * sum(rise.curve.points(rise.summit) - rise.curve.points(rise.now) for rise in rises)
    assume(gain > 1e-6)

    inputs = cheapest(rises, gain)

    tried = cheapest_by_trying(rises, gain)
    spent = inf if inputs is None else sum(effort(r.now, x) for r, x in zip(rises, inputs, strict=True))
    assert spent == pytest.approx(tried, abs=1e-7)
    if inputs is not None:
        gained = [
            rise.curve.points(x) - rise.curve.points(rise.now) for rise, x in zip(rises, inputs, strict=True)
        ]
        assert sum(gained) >= gain - 1e-9


def test_a_way_that_begins_dear_and_ends_cheap_is_found() -> None:
    late = Rise(Curve.through(CONVERSATION, Origin.RULE, [0, 3, 7], [0, 0, 10]), 0.0)
    even = Rise(Curve.through(AMPLIFICATION, Origin.RULE, [0, 1000], [0, 12]), 0.0)

    assert cheapest([late, even], 1.0) == pytest.approx((0.0, 1001 ** (1 / 12) - 1))
    assert cheapest([late, even], 10.0) == pytest.approx((7.0, 0.0))


def test_whole_weeks_leave_the_rest_to_another_input() -> None:
    weeks = Rise(Curve.through(CONSISTENCY, Origin.RULE, [0, 1, 3], [0, 4, 12]), 0.0, weeks=3)
    replies = Rise(Curve.through(CONVERSATION, Origin.RULE, [0, 1023], [0, 20]), 0.0)

    assert cheapest([weeks, replies], 5.0) == pytest.approx((1.0, 2**0.5 - 1))
