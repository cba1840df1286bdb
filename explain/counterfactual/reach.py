"""From the cheapest inputs to changes that can be told, and to the score they really give.

Rounding one input up leaves less for the others to gain, so each further one is worked out anew. What is
reached is decided by the service's own arithmetic, to its last bit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from explain.counterfactual.input_change import InputChange, apply, change_of, most_weeks
from explain.counterfactual.least_effort import Rise, cheapest
from model.card import PointsCard
from model.inputs import Criterion
from model.scoring import exact_score
from model.units import PooledInputs

SLACK_POINTS = 1e-9  # far below what is shown, far above a rounding error


@dataclass(frozen=True, slots=True)
class Reached:
    """Changes in the order of the criteria, and the exact score of the inputs so changed."""

    changes: tuple[InputChange, ...]
    exact: float


def reach(card: PointsCard, pooled: PooledInputs, criteria: Sequence[Criterion], target: float) -> Reached:
    """The cheapest changes of these criteria that reach an exact score; below it, all that they can do.

    Args:
        criteria: such that some network gives, and no more than these may change.
    """
    telling = _Telling(card, pooled, criteria)
    for slack in (0.0, SLACK_POINTS):
        found = telling.cheapest(target, slack)
        if found is not None and found.exact >= target:
            return found
    return telling.summit()


class _Telling:
    def __init__(self, card: PointsCard, pooled: PooledInputs, criteria: Sequence[Criterion]) -> None:
        self._card, self._pooled = card, pooled
        self._points = {
            criterion: card.points(criterion, given.value) for criterion, given in pooled.inputs.items()
        }
        self._rises = {criterion: self._rise(criterion) for criterion in criteria}

    def _rise(self, criterion: Criterion) -> Rise:
        weeks = most_weeks(self._pooled) if criterion is Criterion.CONSISTENCY else None
        return Rise(self._card.curves[criterion], self._pooled.value(criterion) or 0.0, weeks)

    def summit(self) -> Reached:
        """Every input where it earns the most it can."""
        tops = {criterion: rise.summit for criterion, rise in self._rises.items()}
        return self._told(tops, self._score(self._points | self._earned(tops)))

    def cheapest(self, target: float, slack: float) -> Reached | None:
        inputs = cheapest(list(self._rises.values()), target - self._score(self._points) + slack)
        return None if inputs is None else self._told(dict(zip(self._rises, inputs, strict=True)), target)

    def _score(self, points: Mapping[Criterion, float]) -> float:
        """As `exact_score` adds up, to the last bit."""
        return self._card.base + fsum(points.values())

    def _earned(self, inputs: Mapping[Criterion, float]) -> dict[Criterion, float]:
        return {criterion: self._card.points(criterion, x) for criterion, x in inputs.items()}

    def _told(self, inputs: Mapping[Criterion, float], target: float) -> Reached:
        points = self._points | self._earned(inputs)
        changes = []
        for criterion, most in inputs.items():
            points[criterion] = self._points[criterion]
            change = self._change(criterion, most, points, target)
            if change is not None:
                changes.append(change)
                points[criterion] = self._card.points(criterion, change.input_to)
        return Reached(tuple(changes), exact_score(self._card, apply(self._card, self._pooled, changes)))

    def _change(
        self, criterion: Criterion, most: float, points: Mapping[Criterion, float], target: float
    ) -> InputChange | None:
        """What this criterion must still do, `most` at the most, where all others have these points."""
        rise = self._rises[criterion]

        def suffices(x: float) -> bool:
            return self._score({**points, criterion: rise.curve.points(x)}) >= target

        if suffices(rise.now):
            return None
        if rise.weeks is not None:
            least = next((x for x in rise.weeks_on if suffices(x)), most)
        else:
            least = min(most, rise.least(points[criterion] + target - self._score(points)))
        return change_of(self._card, self._pooled, criterion, least, suffices) if least > rise.now else None
