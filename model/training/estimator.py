"""The estimator pair behind the learned curves, on scikit-learn's contract; development only.

    MonotoneSplineBasis   counts -> ramps: per column ln(1 + x), cut at knots into pieces that rise
                          from 0 to 1 one after the other (I-splines of degree 1), constant outside
    SignBoundedLogistic   logistic regression without intercept, weights >= 0, and further linear limits

Non-negative weights on ramps are a non-decreasing, piecewise linear curve: strength = sum of weight x ramp.
Fitted on the difference of two accounts' ramps it is the Bradley-Terry model
P(A over B) = sigmoid(strength A - strength B); in a Pipeline on single accounts, `decision_function` is the
strength. Without intercept swapping A and B swaps the answer.
"""

# ruff: noqa: N803, ARG002 (scikit-learn passes `X` and `y` by these names)

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from model.training.interior_point import ConeProblem, Floats, minimise

Integers = NDArray[np.intp]


class MonotoneSplineBasis(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Ramps of ln(1 + x) between rounded pooled quantiles, from 0 up.

    Args:
        levels: the quantiles of each column at which its knots lie; 0 is always the first knot.
        digits: significant digits the knots are rounded to, so that they can be printed.
    """

    def __init__(self, levels: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9, 0.97), digits: int = 1) -> None:
        self.levels = levels
        self.digits = digits

    def fit(self, X: Any, y: Any = None) -> Self:
        """Choose the knots of each column of `X`, shape (n_accounts, n_columns), counts of at least 0."""
        counts = self._checked(X, reset=True)
        self.knots_ = [knots_of(column, self.levels, self.digits) for column in counts.T]
        return self

    def transform(self, X: Any) -> Floats:
        """Ramps of shape (n_accounts, n_ramps); the ramps of one column stand side by side."""
        check_is_fitted(self)
        counts = self._checked(X, reset=False)
        return np.hstack([ramps(column, knots) for column, knots in zip(counts.T, self.knots_, strict=True)])

    def groups(self) -> Integers:
        """For each ramp, the column it belongs to."""
        check_is_fitted(self)
        return np.repeat(np.arange(len(self.knots_)), [len(knots) - 1 for knots in self.knots_])

    def _checked(self, X: Any, *, reset: bool) -> Floats:
        counts: Floats = validate_data(self, X, reset=reset, dtype=np.float64)
        if counts.size and counts.min() < 0:
            raise ValueError("Negative values in data passed to MonotoneSplineBasis: counts start at 0.")
        return counts

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags


def knots_of(column: Floats, levels: Sequence[float], digits: int) -> Floats:
    """0 and the distinct rounded quantiles above it; 0 and 1 for a column that is always 0."""
    quantiles = rounded_quantiles(column, levels, digits)
    above = np.unique(quantiles[quantiles > 0])
    return np.concatenate([[0.0], above if above.size else [1.0]])


def rounded_quantiles(column: Floats, levels: Sequence[float], digits: int) -> Floats:
    """Quantiles to so many significant digits, each the nearest decimal number."""
    return np.array([float(f"{value:.{digits - 1}e}") for value in np.quantile(column, levels)])


def ramps(column: Floats, knots: Floats) -> Floats:
    """Shape (n_accounts, n_knots - 1): how far along each piece every account is, from 0 to 1."""
    edges = np.log1p(knots)
    return np.asarray(np.clip((np.log1p(column)[:, None] - edges[:-1]) / np.diff(edges), 0.0, 1.0))


class SignBoundedLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Binary logistic regression through the origin, weights >= 0, inside `limits @ weights <= 0`.

    Args:
        ridge: L2 penalty beside the mean log loss.
        limits: shape (n_limits, n_features), or none.
    """

    def __init__(self, ridge: float = 1e-3, limits: Any = None) -> None:
        self.ridge = ridge
        self.limits = limits

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to `X` of shape (n_rows, n_features) and two classes; the second one scores upwards."""
        rows, target = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(target)
        if type_of_target(target, input_name="y", raise_unknown=True) != "binary":
            raise ValueError("Only binary classification is supported.")
        self.classes_, second = np.unique(target, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("Two classes are needed, the data holds one class.")
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64)
        problem = ConeProblem((2.0 * second - 1)[:, None] * rows, weights, self.ridge, self._cone(rows))
        self.coef_, self.n_iter_ = minimise(problem)
        return self

    def decision_function(self, X: Any) -> Floats:
        """The strength: `X @ coef_`, shape (n_rows,)."""
        check_is_fitted(self)
        return np.asarray(validate_data(self, X, reset=False, dtype=np.float64) @ self.coef_)

    def predict_proba(self, X: Any) -> Floats:
        """Shape (n_rows, 2): the chance of the first and of the second class."""
        second = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - second, second])

    def predict(self, X: Any) -> Any:
        strength = self.decision_function(X)
        return self.classes_[(strength > 0).astype(int)]

    def _cone(self, rows: Floats) -> Floats:
        signs = -np.eye(rows.shape[1])
        return signs if self.limits is None else np.vstack([signs, np.asarray(self.limits, dtype=np.float64)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True  # the checks' blobs want negative weights and an intercept
        return tags
