"""What changed between two scores of one person, and what each change is worth: pure, and exact.

One score is turned into the other in a fixed order, and the points are taken after every step:

    card        the same inputs on the new points card
    gone        networks that no longer count, one after the other
    inputs      the figures of each network that stayed
    connected   networks that are new, one after the other

So the steps telescope: their sum is the difference of the exact scores. Curves are flat or steep, so
what a step is worth depends on the order, which is why it is fixed and published. A criterion's points
depend on its own input alone, so each step splits by criterion without any order of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from explain.attribution import TOLERANCE_POINTS, shown_parts
from explain.errors import DoesNotAddUp
from model.card import PointsCard
from model.inputs import Criterion, PlatformInputs
from model.scoring import ScoreResult
from model.units import pool
from sources.activity import Platform

NEGLIGIBLE_POINTS = 1e-12  # a rounding error of a float, not a change

Points = Mapping[Criterion, float]


class StepKind(StrEnum):
    """What was changed, in the order in which it is."""

    CARD = "card"
    GONE = "gone"
    INPUTS = "inputs"
    CONNECTED = "connected"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one criterion; `platform` is `None` where the card changed."""

    kind: StepKind
    criterion: Criterion
    platform: Platform | None
    points: float


@dataclass(frozen=True, slots=True)
class Changes:
    """From one score to a later one: the steps sum to `exact_after - exact_before`."""

    before: int
    after: int
    exact_before: float
    exact_after: float
    steps: tuple[Step, ...]

    @property
    def difference(self) -> int:
        """The difference between the scores as they are shown."""
        return self.after - self.before

    @property
    def shown_points(self) -> tuple[float, ...]:
        """The points of each step with one digit; with `shown_rounding` they add up to `difference`."""
        return self._shown[:-1]

    @property
    def shown_rounding(self) -> float:
        """What showing both scores as whole numbers adds to the difference, or takes from it."""
        return self._shown[-1]

    @property
    def _shown(self) -> tuple[float, ...]:
        rounding = self.difference - (self.exact_after - self.exact_before)
        return shown_parts([*(step.points for step in self.steps), rounding], self.difference)


def changes(old: ScoreResult, new: ScoreResult, card: PointsCard) -> Changes:
    """Walk from one score to the next.

    Args:
        old: with the points it had on its own card, whichever that was.
        card: the card of the new score.

    Raises:
        DoesNotAddUp: the steps miss the difference, as they do where `card` is not the new score's.
        InputsRefused: the card does not know a network of the old score.
    """
    steps = tuple(_steps(old, new, card))
    if not abs(fsum(step.points for step in steps) - (new.exact - old.exact)) <= TOLERANCE_POINTS:
        raise DoesNotAddUp("The changes since the last score do not add up to its difference.")
    return Changes(old.score, new.score, old.exact, new.exact, steps)


def _steps(old: ScoreResult, new: ScoreResult, card: PointsCard) -> Iterator[Step]:
    before: Points = {one.name: one.points for one in old.criteria}
    for kind, platform, networks in _chain(old, new):
        after = _points(card, networks)
        for criterion in Criterion:
            points = after[criterion] - before[criterion]
            if abs(points) > NEGLIGIBLE_POINTS:
                yield Step(kind, criterion, platform, points)
        before = after


def _chain(
    old: ScoreResult, new: ScoreResult
) -> Iterator[tuple[StepKind, Platform | None, list[PlatformInputs]]]:
    """Every kind of change in its order, with what counts after it."""
    held = {one.platform: one.inputs for one in old.networks}
    fresh = {one.platform: one.inputs for one in new.networks}
    yield StepKind.CARD, None, list(held.values())
    for platform in sorted(held.keys() - fresh.keys()):
        del held[platform]
        yield StepKind.GONE, platform, list(held.values())
    for platform in sorted(held):
        held[platform] = fresh[platform]
        yield StepKind.INPUTS, platform, list(held.values())
    for platform in sorted(fresh.keys() - held.keys()):
        held[platform] = fresh[platform]
        yield StepKind.CONNECTED, platform, list(held.values())


def _points(card: PointsCard, networks: Sequence[PlatformInputs]) -> Points:
    pooled = pool(networks, card.units)
    return {criterion: card.points(criterion, given.value) for criterion, given in pooled.inputs.items()}
