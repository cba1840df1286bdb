"""Rows of inputs in common units for proofs over many of them: ordinary ones, zeros, knots, and beyond."""

import numpy as np

from model.card import PointsCard
from model.inputs import Criterion
from model.training.interior_point import Floats


def random_rows(card: PointsCard, count: int, seed: int) -> Floats:
    """Shape (count, 6), columns in the order of `Criterion`: about a tenth each is 0, a knot, or far beyond.

    The first rows are all zeros, every curve's last knots, and far beyond them.
    """
    draw = np.random.default_rng(seed)
    last = np.array([card.curves[criterion].knots[-1] for criterion in Criterion])
    rows = np.expm1(draw.uniform(0, 1.1 * np.log1p(last), size=(count, len(last))))
    kind = draw.random(rows.shape)
    rows[kind < 0.3] *= 1e6
    rows[kind < 0.2] = random_knots(card, count, draw)[kind < 0.2]
    rows[kind < 0.1] = 0
    rows[:3] = np.array([0 * last, last, 1e9 * last])
    return rows


def random_knots(card: PointsCard, count: int, draw: np.random.Generator) -> Floats:
    return np.column_stack([draw.choice(card.curves[criterion].knots, size=count) for criterion in Criterion])


def card_scores(card: PointsCard, rows: Floats) -> Floats:
    """The card's exact score of every row, one curve at a time."""
    return np.array(
        [
            card.base + sum(card.points(c, float(x)) for c, x in zip(Criterion, row, strict=True))
            for row in rows
        ]
    )
