"""The unit table: what one follower, list, reply, reshare or like of each network counts in common units.

The common unit is that of the network the learned curves come from (Twitter, today X): hence X counts one
for one. The factors are set by rule, not learned, and travel inside the points card with their version.

Networks are pooled before scoring: converted, then added up. So connecting a network can only add, and a
criterion's points belong to the networks in proportion to what each brought. Weeks with a response are
not added but united: a week answered on two networks is one week, half of it from each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from model.errors import InputsRefused
from model.inputs import Criterion, PlatformInputs
from sources.activity import Platform


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Common units per unit of each network, a positive factor per criterion."""

    version: int
    factors: Mapping[Platform, Mapping[Criterion, float]]

    def factor(self, platform: Platform, criterion: Criterion) -> float:
        if platform not in self.factors:
            raise InputsRefused(
                f"The unit table of this points card does not know the network “{platform}”.",
                network=platform.value,
            )
        return self.factors[platform][criterion]


@dataclass(frozen=True, slots=True)
class PooledInput:
    """One criterion's input in common units, and what each network that gives it brought."""

    value: float | None
    by_network: Mapping[Platform, float]


@dataclass(frozen=True, slots=True)
class PooledInputs:
    """What the card scores: every criterion's input over all connected networks."""

    networks: tuple[PlatformInputs, ...]
    inputs: Mapping[Criterion, PooledInput]

    def value(self, criterion: Criterion) -> float | None:
        return self.inputs[criterion].value


def pool(inputs: Sequence[PlatformInputs], units: UnitTable) -> PooledInputs:
    """Convert every network's inputs to common units and add them up.

    Raises:
        InputsRefused: a network comes twice, or is not in the unit table.
    """
    platforms = [one.platform for one in inputs]
    if len(set(platforms)) != len(platforms):
        raise InputsRefused("A network was given twice; one record per network is scored.")
    networks = tuple(sorted(inputs, key=lambda one: one.platform.value))
    return PooledInputs(networks, {criterion: _pooled(networks, criterion, units) for criterion in Criterion})


def _pooled(networks: Sequence[PlatformInputs], criterion: Criterion, units: UnitTable) -> PooledInput:
    if criterion is Criterion.CONSISTENCY:
        return _united_weeks(networks)
    brought = {
        one.platform: units.factor(one.platform, criterion) * value
        for one in networks
        if (value := one.values[criterion]) is not None
    }
    return PooledInput(fsum(brought.values()) if brought else None, brought)


def _united_weeks(networks: Sequence[PlatformInputs]) -> PooledInput:
    given = {one.platform: one.response_weeks for one in networks if one.response_weeks is not None}
    if not given:
        return PooledInput(None, {})
    weeks = frozenset[object]().union(*given.values())
    shares = {
        platform: fsum(1 / sum(week in other for other in given.values()) for week in own)
        for platform, own in given.items()
    }
    return PooledInput(float(len(weeks)), shares)
