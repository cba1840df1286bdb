"""A logistic fit whose weights stay inside a cone: primal-dual interior point, exact to about 1e-10.

    minimise    sum_i v_i log(1 + exp(-a_i . w)) / sum_i v_i  +  ridge / 2 |w|^2
    subject to  cone @ w <= 0

The objective is strictly convex (ridge > 0), so there is one answer, and Newton steps reach it to far more
digits than the card keeps. That, and not the summation order of a BLAS, makes two trainings give the same
bytes. L-BFGS-B knows no linear limits; SLSQP stops about 1e-6 away, where rounding could fall either way.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 11.7.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

CENTRING = 0.03
STEP_BACK = 0.99


class NotConverged(ArithmeticError):
    """The fit did not reach its tolerance."""


@dataclass(frozen=True)
class ConeProblem:
    """What is minimised; `signed` has shape (n_rows, n_weights), `cone` (n_limits, n_weights)."""

    signed: Floats
    row_weights: Floats
    ridge: float
    cone: Floats

    def gradient(self, w: Floats) -> Floats:
        missed = self.row_weights * expit(-self.signed @ w)
        return np.asarray(self.ridge * w - self.signed.T @ missed / self.row_weights.sum())

    def curvature(self, w: Floats) -> Floats:
        right = expit(self.signed @ w)
        rows = self.signed * (self.row_weights * right * (1 - right))[:, None]
        return np.asarray(rows.T @ self.signed / self.row_weights.sum() + self.ridge * np.eye(len(w)))


@dataclass(frozen=True)
class _State:
    w: Floats
    slack: Floats
    price: Floats  # the multipliers of the limits

    def moved(self, by: "_State", step: float) -> "_State":
        return _State(self.w + step * by.w, self.slack + step * by.slack, self.price + step * by.price)


def minimise(problem: ConeProblem, *, tolerance: float = 1e-13, most_steps: int = 200) -> tuple[Floats, int]:
    """Weights of shape (n_weights,) and the number of Newton steps.

    Raises:
        NotConverged: the optimality conditions still miss by more than 1e-8 when no step helps.
    """
    state = _start(problem)
    for step in range(most_steps):
        target = CENTRING * float(state.slack @ state.price) / len(state.slack)
        residual = _residual(problem, state, 0.0)
        if np.abs(residual).max() < tolerance:
            return state.w, step
        direction = _newton(problem, state, target)
        length = _length(problem, state, direction, target)
        if length < 1e-10:
            break
        state = state.moved(direction, length)
    if np.abs(_residual(problem, state, 0.0)).max() > 1e-8:
        raise NotConverged("The fit did not reach its tolerance.")
    return state.w, most_steps


def _start(problem: ConeProblem) -> _State:
    limits = len(problem.cone)
    return _State(np.zeros(problem.signed.shape[1]), np.ones(limits), np.full(limits, 0.1))


def _residual(problem: ConeProblem, at: _State, target: float) -> Floats:
    """What the optimality conditions miss: stationarity, feasibility, complementarity."""
    return np.concatenate(
        [
            problem.gradient(at.w) + problem.cone.T @ at.price,
            problem.cone @ at.w + at.slack,
            at.slack * at.price - target,
        ]
    )


def _newton(problem: ConeProblem, at: _State, target: float) -> _State:
    cone, ratio = problem.cone, at.price / at.slack
    residual = _residual(problem, at, target)
    dual, primal, centre = np.split(residual, [len(at.w), len(at.w) + len(at.slack)])
    matrix: Any = problem.curvature(at.w) + cone.T @ (ratio[:, None] * cone)
    w = np.linalg.solve(matrix, -dual - cone.T @ (ratio * primal - centre / at.slack))
    slack = -primal - cone @ w
    return _State(w, slack, -(centre + at.price * slack) / at.slack)


def _length(problem: ConeProblem, at: _State, direction: _State, target: float) -> float:
    """The longest step that keeps slack and price positive and brings the conditions nearer."""
    length = min(1.0, _room(at.slack, direction.slack), _room(at.price, direction.price))
    missed = np.linalg.norm(_residual(problem, at, target))
    while length > 1e-10:
        after = _residual(problem, at.moved(direction, length), target)
        if np.linalg.norm(after) <= (1 - 0.01 * length) * missed:
            return length
        length /= 2
    return 0.0


def _room(now: Floats, change: Floats) -> float:
    falling = change < 0
    return STEP_BACK * float(np.min(-now[falling] / change[falling])) if falling.any() else 1.0
