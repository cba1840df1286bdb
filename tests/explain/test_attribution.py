"""Both views of a score add up to it, and what is shown adds up too."""

from dataclasses import replace
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attribution import (
    Background,
    attribute,
    background_of,
    compare,
    shown_parts,
    verify_adds_up,
)
from explain.errors import DoesNotAddUp
from model.card import load_card
from model.inputs import Criterion, platform_inputs
from model.scoring import result_to_json, score_inputs
from model.units import PooledInput, PooledInputs, pool
from tests.model.making import record, week

CARD = load_card()
quick = settings(deadline=None, max_examples=60)
BACKGROUND = background_of(CARD)
values = st.none() | st.floats(0, 1e9)


def pooled(inputs: dict[Criterion, float | None]) -> PooledInputs:
    return PooledInputs((), {criterion: PooledInput(inputs[criterion], {}) for criterion in Criterion})


@quick
@given(st.fixed_dictionaries(dict.fromkeys(Criterion, values)))
def test_base_value_plus_attributions_is_the_score_in_both_views(
    inputs: dict[Criterion, float | None],
) -> None:
    attribution = attribute(CARD, pooled(inputs), BACKGROUND)

    score = 1 + fsum(CARD.points(criterion, value) for criterion, value in inputs.items())
    assert attribution.earned.total == pytest.approx(score, abs=1e-9)
    assert attribution.comparison.total == pytest.approx(score, abs=1e-9)
    assert min(attribution.earned.values.values()) >= 0


def test_a_stored_result_is_taken_apart_as_its_inputs_are() -> None:
    given_inputs = pool(
        [platform_inputs(record(weeks=[week(0, likes_received=800)], followers=2000))], CARD.units
    )
    result = score_inputs(CARD, given_inputs)

    attribution = compare(CARD, result_to_json(result))

    assert attribution == attribute(CARD, given_inputs, BACKGROUND)
    assert attribution.exact == result.exact


def test_a_result_of_another_card_or_with_altered_parts_is_not_explained() -> None:
    result = score_inputs(CARD, pool([platform_inputs(record(followers=2000))], CARD.units))

    with pytest.raises(DoesNotAddUp):
        compare(CARD, result_to_json(replace(result, model="0" * 64)))
    with pytest.raises(DoesNotAddUp):
        compare(CARD, result_to_json(replace(result, exact=result.exact + 1e-5)))


@pytest.mark.parametrize("off", [2e-6, -2e-6, float("nan")])
def test_a_view_that_misses_the_score_is_refused(off: float) -> None:
    attribution = attribute(CARD, pooled(dict.fromkeys(Criterion, 10.0)), BACKGROUND)
    view = attribution.earned

    with pytest.raises(DoesNotAddUp):
        verify_adds_up(view.total + off, attribution.exact, view.baseline)


def test_the_reference_has_attributions_that_average_to_nothing() -> None:
    rows = [dict(zip(CARD.reference, row, strict=True)) for row in zip(*CARD.reference.values(), strict=True)]

    views = [attribute(CARD, pooled({**row}), BACKGROUND).comparison for row in rows]

    for criterion in Criterion:
        assert fsum(view.values[criterion] for view in views) == pytest.approx(0, abs=1e-9)


def test_a_missing_input_stands_at_minus_the_mean_of_the_reference() -> None:
    background = Background(dict.fromkeys(Criterion, 4.0))

    comparison = attribute(CARD, pooled(dict.fromkeys(Criterion)), background).comparison

    assert comparison.base_value == 25.0
    assert set(comparison.values.values()) == {-4.0}


@quick
@given(st.lists(st.floats(0, 30), min_size=1, max_size=8))
def test_shown_points_add_up_to_the_whole_score_and_stay_near_their_exact_values(parts: list[float]) -> None:
    total = float(int(fsum(parts) + 0.5))

    shown = shown_parts(parts, total)

    assert round(10 * fsum(shown)) == round(10 * total)
    assert all(one >= 0 for one in shown)
    assert all(one == 0 for one, part in zip(shown, parts, strict=True) if part == 0)
    assert max(abs(one - part) for one, part in zip(shown, parts, strict=True)) < 0.6


@quick
@given(st.lists(st.floats(-20, 20), min_size=6, max_size=6), st.floats(30, 60))
def test_shown_differences_add_up_and_never_change_sign(parts: list[float], base: float) -> None:
    total = float(round(fsum([base, *parts])))

    shown = shown_parts([base, *parts], total)

    assert round(10 * fsum(shown)) == round(10 * total)
    assert all(one * part >= 0 for one, part in zip(shown[1:], parts, strict=True))


def test_what_is_lacking_goes_where_it_does_least_harm() -> None:
    assert shown_parts([1.02, 1.04, 1.03], 3.1) == (1.0, 1.1, 1.0)
    assert shown_parts([8.43, 0.0], 8.0) == (8.0, 0.0)
    assert shown_parts([], 0.0) == ()


def test_parts_that_cannot_add_up_are_refused() -> None:
    with pytest.raises(DoesNotAddUp):
        shown_parts([0.0, 0.0], 1.0)
    with pytest.raises(DoesNotAddUp, match="digits"):
        shown_parts([1.0], 1.05)
