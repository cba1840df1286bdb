"""The learned curves: ramps of the pooled accounts, one bounded fit, scaled to the learned points.

The limits are linear and homogeneous in the weights w (one per ramp), so the fit stays convex:

    a criterion's cap        sum of its weights <= cap / 74 of all weights
    followers times ten      weight of a piece x decades per piece <= 4.95 / 74 of all weights
    concave                  a piece is no steeper than the piece before it
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from model.errors import TrainingDataRefused
from model.training.estimator import Integers, MonotoneSplineBasis, SignBoundedLogistic
from model.training.interior_point import Floats
from model.training.rules import (
    FITTED_TENFOLD_POINTS,
    KNOT_DIGITS,
    KNOT_LEVELS,
    LEARNED_CAPS,
    LEARNED_POINTS,
    RIDGE,
)
from model.training.training_data import Pairs

NO_STRENGTH = 1e-6  # logits over all criteria together; what is below is the solver's rounding
Limits = Callable[[MonotoneSplineBasis], Floats]


@dataclass(frozen=True)
class Learned:
    """Fitted weights per ramp, in strength units, and the basis they belong to."""

    basis: MonotoneSplineBasis
    weights: Floats

    @property
    def points_per_logit(self) -> float:
        """Points of one unit of strength.

        Raises:
            TrainingDataRefused: no strength was learned that points could be given for.
        """
        total = float(self.weights.sum())
        if total < NO_STRENGTH:
            raise TrainingDataRefused("The judgements follow none of the inputs as far as the limits allow.")
        return LEARNED_POINTS / total

    def curve_points(self) -> list[Floats]:
        """For each learned criterion its points at its knots; the maxima sum to the learned points."""
        points = self.weights * self.points_per_logit
        groups = self.basis.groups()
        return [
            np.concatenate([[0.0], np.cumsum(points[groups == group])])
            for group in range(len(self.basis.knots_))
        ]


def limits(basis: MonotoneSplineBasis) -> Floats:
    """The rows L of `L @ weights <= 0` that state the three limits above."""
    return np.vstack([capped(basis), tenfold(basis), concave(basis)])


def learn(
    pairs: Pairs,
    rows: Integers,
    *,
    basis: MonotoneSplineBasis | None = None,
    row_weights: Floats | None = None,
    limited: Limits | None = limits,
) -> Learned:
    """Fit to the given pairs; without a basis, its knots come from the accounts in these pairs.

    Args:
        limited: what limits the weights beside their sign; the evaluation also asks what limits cost.
    """
    basis = basis or basis_of(accounts_of(pairs, rows))
    judged = SignBoundedLogistic(ridge=RIDGE, limits=limited(basis) if limited else None)
    judged.fit(ramp_differences(basis, pairs, rows), pairs.a_judged_higher[rows], sample_weight=row_weights)
    return Learned(basis, judged.coef_)


def accounts_of(pairs: Pairs, rows: Integers) -> Floats:
    """The inputs of each account that stands in one of these pairs, once."""
    return np.asarray(pairs.inputs[np.unique(np.concatenate([pairs.a[rows], pairs.b[rows]]))])


def basis_of(inputs: Floats) -> MonotoneSplineBasis:
    return MonotoneSplineBasis(levels=KNOT_LEVELS, digits=KNOT_DIGITS).fit(inputs)


def ramp_differences(basis: MonotoneSplineBasis, pairs: Pairs, rows: Integers) -> Floats:
    ramps = basis.transform(pairs.inputs)
    return np.asarray(ramps[pairs.a[rows]] - ramps[pairs.b[rows]])


def capped(basis: MonotoneSplineBasis, caps: Sequence[float] = tuple(LEARNED_CAPS.values())) -> Floats:
    groups = basis.groups()
    return np.array([(groups == group) - cap / LEARNED_POINTS for group, cap in enumerate(caps)])


def tenfold(basis: MonotoneSplineBasis) -> Floats:
    each, lengths, groups = _each(basis), _lengths(basis), basis.groups()
    return np.array(
        [
            each[ramp] * np.log(10) / lengths[ramp] - FITTED_TENFOLD_POINTS / LEARNED_POINTS
            for ramp in np.flatnonzero(groups == 0)
        ]
    )


def concave(basis: MonotoneSplineBasis) -> Floats:
    each, lengths, groups = _each(basis), _lengths(basis), basis.groups()
    bends = [
        each[ramp + 1] / lengths[ramp + 1] - each[ramp] / lengths[ramp]
        for ramp in np.flatnonzero(groups[1:] == groups[:-1])
    ]
    return np.array(bends).reshape(len(bends), len(groups))


def _each(basis: MonotoneSplineBasis) -> Floats:
    return np.eye(len(basis.groups()))


def _lengths(basis: MonotoneSplineBasis) -> Floats:
    return np.concatenate([np.diff(np.log1p(knots)) for knots in basis.knots_])


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
