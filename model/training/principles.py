"""What each principle of the points card costs in order and calibration: the same fit with one thing changed.

The first rows add one limit after the other to free splines; the card's own configuration is where they end.
The others take one principle away from the card, or let in what it leaves out. A criterion that comes in is
capped like the others; without lists the three caps left grow to the same room, 80 of 74 points.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression

from model.training.estimator import Integers, MonotoneSplineBasis
from model.training.evaluate import Contestant, Judge, judge_within
from model.training.interior_point import Floats
from model.training.learning import Limits, accounts_of, basis_of, capped, concave, ramp_differences, tenfold
from model.training.rules import LEARNED_CAPS, RIDGE
from model.training.training_data import FEATURES, LEARNED_FEATURES, Pairs

LISTS, POSTS = "listed_count", "posts"
OTHER_FEATURES = tuple(name for name in FEATURES if name not in LEARNED_FEATURES)
CAP = 20.0
ROOM = sum(LEARNED_CAPS.values())


def judge_freely(pairs: Pairs, train: Integers, test: Integers) -> Floats:
    """The card's ramps without any limit, not even on the sign; the same ridge."""
    basis = basis_of(accounts_of(pairs, train))
    free = LogisticRegression(C=1 / (RIDGE * len(train)), fit_intercept=False, tol=1e-8, max_iter=10_000)
    free.fit(ramp_differences(basis, pairs, train), pairs.a_judged_higher[train])
    return np.asarray(free.decision_function(ramp_differences(basis, pairs, test)))


def _all(*limits: Limits) -> Judge:
    return judge_within(lambda basis: np.vstack([limit(basis) for limit in limits]))


def _with_columns(name: str, *columns: str) -> Contestant:
    """The card's limits on the card's columns in any number; followers come first, as `tenfold` expects."""
    cap = max(CAP, ROOM / len(columns))

    def caps(basis: MonotoneSplineBasis) -> Floats:
        return capped(basis, [cap] * len(columns))

    return Contestant(name, _all(caps, tenfold, concave), columns)


PRINCIPLES = (
    Contestant("splines without limits", judge_freely),
    Contestant("splines, never falling", judge_within(None)),
    Contestant("splines, never falling, 5-point rule", judge_within(tenfold)),
    Contestant("splines, never falling, 5-point rule, caps", _all(capped, tenfold)),
    Contestant("klarwert without the 5-point rule", _all(capped, concave)),
    Contestant("klarwert without caps", _all(tenfold, concave)),
    _with_columns("klarwert with own posts credited", *LEARNED_FEATURES, POSTS),
    _with_columns("klarwert with all eleven columns", *LEARNED_FEATURES, *OTHER_FEATURES),
    _with_columns("klarwert without lists", *(name for name in LEARNED_FEATURES if name != LISTS)),
)
