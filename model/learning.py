"""The learned curves: ramps of the pooled accounts, one bounded fit, scaled to the learned points.

The limits are linear and homogeneous in the weights w (one per ramp), so the fit stays convex:

    a criterion's cap        sum of its weights <= cap / 74 of all weights
    followers times ten      weight of a piece x decades per piece <= 4.95 / 74 of all weights
    concave                  a piece is no steeper than the piece before it
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.estimator import Integers, MonotoneSplineBasis, SignBoundedLogistic
from model.interior_point import Floats
from model.rules import (
    FITTED_TENFOLD_POINTS,
    KNOT_DIGITS,
    KNOT_LEVELS,
    LEARNED_CAPS,
    LEARNED_POINTS,
    RIDGE,
)
from model.training_data import Pairs


@dataclass(frozen=True)
class Learned:
    """Fitted weights per ramp, in strength units, and the basis they belong to."""

    basis: MonotoneSplineBasis
    weights: Floats

    @property
    def points_per_logit(self) -> float:
        return LEARNED_POINTS / float(self.weights.sum())

    def curve_points(self) -> list[Floats]:
        """For each learned criterion its points at its knots; the maxima sum to the learned points."""
        points = self.weights * self.points_per_logit
        groups = self.basis.groups()
        return [
            np.concatenate([[0.0], np.cumsum(points[groups == group])])
            for group in range(len(self.basis.knots_))
        ]


def learn(
    pairs: Pairs,
    rows: Integers,
    *,
    basis: MonotoneSplineBasis | None = None,
    row_weights: Floats | None = None,
) -> Learned:
    """Fit to the given pairs; without a basis, its knots come from the accounts in these pairs."""
    basis = basis or basis_of(pairs.inputs[np.unique(np.concatenate([pairs.a[rows], pairs.b[rows]]))])
    judged = SignBoundedLogistic(ridge=RIDGE, limits=limits(basis))
    judged.fit(ramp_differences(basis, pairs, rows), pairs.a_judged_higher[rows], sample_weight=row_weights)
    return Learned(basis, judged.coef_)


def basis_of(inputs: Floats) -> MonotoneSplineBasis:
    return MonotoneSplineBasis(levels=KNOT_LEVELS, digits=KNOT_DIGITS).fit(inputs)


def ramp_differences(basis: MonotoneSplineBasis, pairs: Pairs, rows: Integers) -> Floats:
    ramps = basis.transform(pairs.inputs)
    return np.asarray(ramps[pairs.a[rows]] - ramps[pairs.b[rows]])


def limits(basis: MonotoneSplineBasis) -> Floats:
    """The rows L of `L @ weights <= 0` that state the three limits above."""
    groups = basis.groups()
    lengths = np.concatenate([np.diff(np.log1p(knots)) for knots in basis.knots_])
    each = np.eye(len(groups))
    capped = [(groups == group) - cap / LEARNED_POINTS for group, cap in enumerate(LEARNED_CAPS.values())]
    tenfold = [
        each[ramp] * np.log(10) / lengths[ramp] - FITTED_TENFOLD_POINTS / LEARNED_POINTS
        for ramp in np.flatnonzero(groups == 0)
    ]
    concave = [
        each[ramp + 1] / lengths[ramp + 1] - each[ramp] / lengths[ramp]
        for ramp in np.flatnonzero(groups[1:] == groups[:-1])
    ]
    return np.vstack([*capped, *tenfold, *concave])


def in_hundredths(curves: Sequence[Floats]) -> list[list[int]]:
    """Curve points as whole hundredths whose maxima sum exactly to the learned points.

    Digits beyond the sixth are noise of the fit and are dropped first, so that a maximum that lies on its
    cap is not pushed under it. What the maxima lack goes to those below their cap, largest remainder first.
    """
    caps = [round(100 * cap) for cap in LEARNED_CAPS.values()]
    exact = [round(100 * float(curve[-1]), 4) for curve in curves]
    maxima = [int(value) for value in exact]
    lacking = round(100 * LEARNED_POINTS) - sum(maxima)
    below = sorted(
        (place for place in range(len(maxima)) if maxima[place] < caps[place]),
        key=lambda place: maxima[place] - exact[place],
    )
    for place in below[:lacking]:
        maxima[place] += 1
    return [
        [*(min(round(100 * float(value)), top) for value in curve[:-1]), top]
        for curve, top in zip(curves, maxima, strict=True)
    ]
