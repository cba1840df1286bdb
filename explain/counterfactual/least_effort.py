"""The cheapest way to gain points on several curves at once, solved exactly.

    minimise     sum_j log2((1 + x'_j) / (1 + x_j))
    subject to   sum_j f_j(x'_j) - f_j(x_j) >= gain   and   x'_j >= x_j

One unit of effort is one doubling of 1 + input. In effort every curve is piecewise linear, not always
concave, and weeks are whole numbers. Fix for each criterion the piece its answer lies on, and the weeks:
what remains is a linear program with one constraint beside bounds, and a vertex of it has at most one
variable strictly between its bounds. So in some optimum all but one of the inputs that may take any value
stand at a knot or where they were, and the last one is the inverse of its curve. Every such combination
is weighed, but for those that another one beats in both effort and gain.

Source: Dantzig 1957, Discrete-variable extremum problems, Operations Research 5(2), 266-288 (at most one
variable of a linear knapsack is fractional).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, inf, log, log1p
from typing import NamedTuple

from model.curve import Curve

_LN2 = log(2)
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Rise:
    """An input that may rise: to any value, or by at most so many whole weeks."""

    curve: Curve
    now: float
    weeks: int | None = None

    @property
    def summit(self) -> float:
        """The smallest input within reach that earns all that can be earned."""
        return self.least(self.curve.maximum) if self.weeks is None else _steps(self)[-1].inputs[0]

    def least(self, points: float) -> float:
        """The smallest input from now on that earns so many points; infinite where none does."""
        if points <= self.curve.points(self.now):
            return self.now
        if self.weeks is None:
            return max(self.now, least_input(self.curve, points))
        return next((x for x in self.weeks_on if self.curve.points(x) >= points), inf)

    @property
    def weeks_on(self) -> Sequence[float]:
        """The whole weeks it may rise to."""
        return [self.now + more for more in range(1, (self.weeks or 0) + 1)]


class _Choice(NamedTuple):
    effort: float
    gain: float
    inputs: tuple[float, ...]


_NONE = _Choice(inf, 0.0, ())


def least_input(curve: Curve, points: float) -> float:
    """The inverse of a curve: the smallest input that earns so many points; infinite where none does."""
    at = bisect_left(curve.values, points)
    if at == len(curve.values):
        return inf
    if curve.values[at] == points or at == 0:
        return curve.knots[at]
    z = curve.log_knots[at - 1] + (points - curve.values[at - 1]) / curve.slopes[at - 1]
    return min(expm1(z), curve.knots[at])


def effort(x: float, raised: float) -> float:
    """Doublings of 1 + input; inputs in common units."""
    return (log1p(raised) - log1p(x)) / _LN2


def cheapest(rises: Sequence[Rise], gain: float) -> tuple[float, ...] | None:
    """The inputs, one for each rise, that gain so many points with the least effort; None if none do."""
    steps = [_steps(rise) for rise in rises]
    best = _NONE
    for free, rise in enumerate(rises):
        if rise.weeks is None:
            fixed = [own for place, own in enumerate(steps) if place != free]
            for choice in _undominated(fixed, steps[free], gain, best.effort):
                best = min(best, _completed(choice, rise, free, gain))
    if all(rise.weeks is not None for rise in rises):
        best = min((one for one in _undominated(steps, [], gain, inf) if one.gain >= gain), default=_NONE)
    return best.inputs if best.effort < inf else None


def _undominated(
    fixed: Sequence[list[_Choice]], free: list[_Choice], gain: float, limit: float
) -> list[_Choice]:
    """What these inputs may add up to, cheapest first, each gaining more than the one before.

    More than what is wanted is worth no more than it. Left out, too, is what cannot be completed below the
    limit: not by all that is left, or not if all of the rest were gained at the best rate that is left.
    """
    front = [_Choice(0.0, 0.0, ())]
    for at, steps in enumerate(fixed):
        left = [*fixed[at + 1 :], free]
        most = sum(own[-1].gain for own in left if own) + ROUNDING
        rate = max((one.gain / one.effort for own in left for one in own[1:]), default=inf)
        joined = sorted(
            (total, -gained, one.inputs + step.inputs)
            for one in front
            for step in steps
            if (gained := min(gain, one.gain + step.gain)) + most >= gain
            and (total := one.effort + step.effort) + (gain - gained) / rate < limit
        )
        front = []
        for total, lost, inputs in joined:
            if not front or -lost > front[-1].gain:
                front.append(_Choice(total, -lost, inputs))
    return front


def _completed(choice: _Choice, rise: Rise, free: int, gain: float) -> _Choice:
    """The free input takes what is left to gain."""
    x = rise.least(rise.curve.points(rise.now) + (gain - choice.gain))
    inputs = (*choice.inputs[:free], x, *choice.inputs[free:])
    return _Choice(choice.effort + effort(rise.now, x), gain, inputs)


def _steps(rise: Rise) -> list[_Choice]:
    """Where an input may come to stand at a knot or a whole week; what gains nothing more is left out."""
    curve, now = rise.curve, rise.now
    earned, steps = curve.points(now), [_Choice(0.0, 0.0, (now,))]
    inputs = rise.weeks_on if rise.weeks is not None else [knot for knot in curve.knots if knot > now]
    for x in inputs:
        if curve.points(x) - earned > steps[-1].gain:
            steps.append(_Choice(effort(now, x), curve.points(x) - earned, (x,)))
    return steps
