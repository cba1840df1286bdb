"""The estimator pair keeps scikit-learn's contract, and its solver finds the one answer there is."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import check_estimator

from model.training.estimator import MonotoneSplineBasis, SignBoundedLogistic
from model.training.interior_point import ConeProblem, minimise


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", [MonotoneSplineBasis(), SignBoundedLogistic()])
def test_both_estimators_pass_the_checks_of_scikit_learn(estimator: Any) -> None:
    checks = check_estimator(estimator, on_fail=None)

    assert [one["check_name"] for one in checks if one["status"] == "failed"] == []
    assert sum(one["status"] == "passed" for one in checks) > 40


def test_the_solver_reaches_what_slsqp_only_comes_near() -> None:
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(400, 6)) + 0.3
    share = np.tile(-0.3, (1, 6)) + np.eye(6)[:1]  # the first weight is at most 30 % of the sum
    cone = np.vstack([-np.eye(6), share])
    problem = ConeProblem(rows, draw.integers(1, 4, size=400).astype(float), 1e-3, cone)

    w, _ = minimise(problem)

    def loss(v: Any) -> float:
        terms = np.logaddexp(0, -rows @ v)
        return float(np.average(terms, weights=problem.row_weights) + 0.5e-3 * v @ v)

    limits = {"type": "ineq", "fun": lambda v: -cone @ v}
    other = minimize(loss, np.full(6, 0.1), method="SLSQP", constraints=limits, options={"ftol": 1e-12})
    assert (cone @ w).max() < 1e-10
    assert loss(w) <= other.fun + 1e-12
    assert w == pytest.approx(other.x, abs=1e-4)


def test_more_of_any_input_never_lowers_the_strength_and_swapping_a_pair_swaps_the_answer() -> None:
    draw = np.random.default_rng(5)
    counts = np.exp(draw.normal(4, 2, size=(300, 3)))
    basis = MonotoneSplineBasis().fit(counts)
    ramps = basis.transform(counts)
    differences = ramps[:150] - ramps[150:]
    judged = (draw.random(150) < 0.5 + 0.4 * np.sign(counts[:150, 0] - counts[150:, 0])).astype(int)
    logistic = SignBoundedLogistic().fit(differences, judged)
    strength = Pipeline([("basis", basis), ("strength", logistic)])

    raised = strength.decision_function(counts * 1.5) - strength.decision_function(counts)

    assert raised.min() >= 0
    assert logistic.predict_proba(differences)[:, 1] == pytest.approx(
        logistic.predict_proba(-differences)[:, 0]
    )


def test_the_basis_has_printable_knots_from_zero_and_is_constant_outside() -> None:
    counts = np.array([[0.0], [12.3], [345.0], [6789.0]])
    basis = MonotoneSplineBasis(levels=(0.5, 1.0), digits=1).fit(counts)

    ramps = basis.transform(np.array([[0.0], [7000.0], [1e12]]))

    assert list(basis.knots_[0]) == [0.0, 200.0, 7000.0]
    assert ramps.tolist() == [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]


def _counts_and_labels() -> tuple[Any, Any]:
    draw = np.random.default_rng(11)
    counts = np.exp(draw.normal(4, 2, size=(240, 3)))
    return counts, np.log1p(counts[:, 0]) + draw.normal(size=240) > 4


def test_the_pair_composes_in_a_pipeline_that_can_be_cloned_cross_validated_and_searched() -> None:
    counts, heard = _counts_and_labels()
    pipeline = Pipeline([("basis", MonotoneSplineBasis()), ("judged", SignBoundedLogistic())])
    grid = {"basis__levels": [(0.5,), (0.25, 0.5, 0.75)], "judged__ridge": [1e-3, 1.0]}

    found = GridSearchCV(pipeline, grid, scoring="roc_auc", cv=3, error_score="raise").fit(counts, heard)

    assert len(found.cv_results_["params"]) == 4
    assert found.best_score_ > 0.8
    assert cross_val_score(clone(found.best_estimator_), counts, heard, cv=3, scoring="roc_auc").min() > 0.7


def test_a_clone_keeps_the_settings_and_forgets_the_fit() -> None:
    counts, heard = _counts_and_labels()
    limits = [[-1.0, 0.0, 0.0]]
    fitted = SignBoundedLogistic(ridge=0.5, limits=limits).fit(counts, heard)
    basis = MonotoneSplineBasis(levels=(0.5,), digits=2).fit(counts)

    copies = clone(fitted), clone(basis)

    assert [copy.get_params() for copy in copies] == [fitted.get_params(), basis.get_params()]
    assert not hasattr(copies[0], "coef_")
    assert not hasattr(copies[1], "knots_")
