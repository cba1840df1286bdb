"""A points card as the scikit-learn pipeline that it is; development only, nothing is fitted here.

    row of six inputs  ->  MonotoneSplineBasis  ->  ramps  ->  SignBoundedLogistic  ->  strength in logits

The knots are the card's knots and each weight is what the card's curve rises by over one piece, in logits, so

    card.base + card.points_per_logit * pipeline.decision_function(X)  =  the card's score, to 1e-12

and `predict_proba(X)[:, 1]` is the chance to be judged more influential than an empty account. A row holds
the inputs in common units, columns in the order of `Criterion`. A missing input earns no points and is
stated as 0, which earns none either; NaN is refused, because scikit-learn reads it as a number gone wrong.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.pipeline import Pipeline

from model.card import PointsCard
from model.inputs import Criterion
from model.training.estimator import MonotoneSplineBasis, SignBoundedLogistic
from model.training.interior_point import Floats


def pipeline_of(card: PointsCard) -> Pipeline:
    """The card's six curves as a fitted pipeline; a clone of it is not fitted, like any clone."""
    return Pipeline([("basis", _basis(card)), ("judged", _judged(card))])


def rows_of(inputs: Sequence[Mapping[Criterion, float | None]]) -> Floats:
    """Shape (n_rows, 6): pooled inputs as the pipeline reads them, a missing one as 0."""
    rows = [[given[criterion] or 0.0 for criterion in Criterion] for given in inputs]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(Criterion))


def _basis(card: PointsCard) -> MonotoneSplineBasis:
    basis = MonotoneSplineBasis()
    basis.knots_ = [np.array(card.curves[criterion].knots) for criterion in Criterion]
    basis.n_features_in_ = len(Criterion)
    return basis


def _judged(card: PointsCard) -> SignBoundedLogistic:
    judged = SignBoundedLogistic()
    rises = np.concatenate([np.diff(card.curves[criterion].values) for criterion in Criterion])
    judged.coef_ = rises / card.points_per_logit
    judged.classes_ = np.array([False, True])  # as in training: judged lower, judged higher
    judged.n_features_in_ = len(rises)
    judged.n_iter_ = 0
    return judged
