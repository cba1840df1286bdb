"""Many rows at once are scored and explained as one by one, in memory that stays flat in their number."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attribution import Attribution, attribute, background_of
from model.batch import ExplainedBlock, Floats, block_of, explained_blocks
from model.card import load_card
from model.curve import Curve, Origin
from model.errors import InputsRefused
from model.inputs import Criterion
from model.units import PooledInput, PooledInputs

CARD = load_card()


def invented(rows: int, seed: int = 5) -> Floats:
    """Rows from nothing to far beyond the last knots; some on knots, some 0, some missing."""
    draw = np.random.default_rng(seed)
    figures = np.expm1(draw.uniform(0, 20, size=(rows, len(Criterion))))
    figures[draw.random(figures.shape) < 0.1] = 0.0
    figures[draw.random(figures.shape) < 0.1] = np.nan
    for column, criterion in zip(figures.T, Criterion, strict=True):
        knots = CARD.curves[criterion].knots[:rows]
        column[: len(knots)] = knots
    return np.asfortranarray(figures)


def one_by_one(row: list[float | None]) -> Attribution:
    inputs = {criterion: PooledInput(x, {}) for criterion, x in zip(Criterion, row, strict=True)}
    return attribute(CARD, PooledInputs((), inputs), background_of(CARD))


def together(blocks: list[Floats], most_rows: int = 1000) -> ExplainedBlock:
    parts = [part.copy() for part in explained_blocks(CARD, blocks, most_rows=most_rows)]
    return ExplainedBlock(
        np.concatenate([part.exact for part in parts]),
        np.vstack([part.points for part in parts]),
        np.vstack([part.differences for part in parts]),
    )


def test_ten_thousand_rows_are_scored_and_explained_as_one_by_one() -> None:
    rows = invented(10_000)

    found = together([rows])

    singly = [one_by_one([None if x != x else x for x in row]) for row in rows.tolist()]
    assert np.abs(found.exact - [one.exact for one in singly]).max() < 1e-9
    assert np.abs(found.points - [one.points for one in singly]).max() < 1e-9
    assert np.abs(found.differences - [one.differences for one in singly]).max() < 1e-9


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.none() | st.floats(0, 1e12), min_size=6, max_size=6), min_size=1, max_size=40))
def test_both_explanations_of_every_row_add_up_to_its_score(rows: list[list[float | None]]) -> None:
    (found,) = explained_blocks(CARD, [block_of(rows)])

    reference = CARD.base + sum(CARD.reference_means.values())
    assert np.abs(CARD.base + found.points.sum(axis=1) - found.exact).max() < 1e-9
    assert np.abs(reference + found.differences.sum(axis=1) - found.exact).max() < 1e-9


def test_a_curve_that_bends_both_ways_is_followed_too() -> None:
    bent = Curve.through(Criterion.RECOGNITION, Origin.RULE, [0, 3, 40, 200, 9e4], [0, 8, 8.1, 15, 15])
    card = replace(CARD, curves={**CARD.curves, Criterion.RECOGNITION: bent})
    rows = invented(2000)

    (found,) = explained_blocks(card, [rows])

    expected = [bent.points(None if x != x else x) for x in rows[:, 1].tolist()]
    assert np.abs(found.points[:, 1] - expected).max() < 1e-9


def test_missing_figures_and_zeros_earn_exactly_nothing() -> None:
    (found,) = explained_blocks(CARD, [block_of([[None] * 6, [0.0] * 6])])

    assert not found.points.any()
    assert found.exact.tolist() == [CARD.base, CARD.base]


def test_how_rows_are_cut_into_blocks_changes_no_score() -> None:
    rows = invented(1201)
    cut = [rows[:1], rows[1:1], rows[1:700], np.ascontiguousarray(rows[700:])]

    whole, in_blocks = together([rows], most_rows=5000), together(cut, most_rows=100)

    assert np.abs(whole.exact - in_blocks.exact).max() < 1e-12
    assert np.abs(whole.differences - in_blocks.differences).max() < 1e-12


def test_a_result_is_overwritten_by_the_next_unless_it_was_copied() -> None:
    results = explained_blocks(CARD, [block_of([[1e6] * 6]), block_of([[0.0] * 6])])

    first = next(results)
    kept = first.copy()
    next(results)

    assert first.exact[0] == CARD.base
    assert kept.exact[0] > CARD.base


def test_what_is_no_count_or_no_row_of_six_is_refused() -> None:
    negative = block_of([[1.0, 2.0, None, 4.0, -1e-9, 6.0]])

    with pytest.raises(InputsRefused, match="appreciation"):
        list(explained_blocks(CARD, [negative]))
    with pytest.raises(InputsRefused, match="6 columns"):
        list(explained_blocks(CARD, [np.zeros((3, 5))]))
    with pytest.raises(InputsRefused, match="6 columns"):
        list(explained_blocks(CARD, [np.zeros(6)]))


def test_a_hundred_blocks_take_no_more_memory_than_ten() -> None:
    few, many = peak_bytes(10), peak_bytes(100)

    assert many < 1.05 * few
    assert many < 24e6  # of 100 blocks, whose inputs alone are 96 MB


def peak_bytes(blocks: int) -> int:
    def fresh_blocks() -> Iterator[Floats]:
        for seed in range(blocks):
            yield np.random.default_rng(seed).random((20_000, len(Criterion)))

    tracemalloc.start()
    for result in explained_blocks(CARD, fresh_blocks()):
        assert result.exact[0] >= CARD.base
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
