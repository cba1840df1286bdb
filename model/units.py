"""The unit table: what one follower, list, reply, reshare or like of each network counts in common units.

The common unit is that of the network the learned curves come from (Twitter, today X): hence X counts one
for one. The factors are set by rule, not learned, and travel inside the points card with their version.
A network that has no such figure at all has no entry for it: YouTube knows no reshares.

Networks are pooled before scoring: converted, then added up. So connecting a network can only add, and a
criterion's points belong to the networks in proportion to what each brought. Weeks with a response are
not added but united: a week answered on two networks is one week, half of it from each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

from model.errors import InputsRefused
from model.inputs import Criterion, PlatformInputs
from sources.activity import Platform


class Figure(StrEnum):
    """What a network itself calls the figure that a criterion counts."""

    FOLLOWERS = "followers"
    SUBSCRIBERS = "subscribers"
    CONNECTIONS = "connections"
    LISTS = "lists"
    STARS = "stars"
    ENDORSEMENTS = "endorsements"
    REPLIES = "replies"
    COMMENTS = "comments"
    RESHARES = "reshares"
    BOOSTS = "boosts"
    REPOSTS = "reposts"
    SHARES = "shares"
    FORKS = "forks"
    LIKES = "likes"
    FAVOURITES = "favourites"
    UPVOTES = "upvotes"
    WEEKS = "weeks"


class SetBy(StrEnum):
    """How a factor was set: both are rules, neither is learned."""

    ONE_FOR_ONE = "one-for-one"
    MATCHED = "matched"  # to the response per post and follower that published quantiles show


@dataclass(frozen=True, slots=True)
class Unit:
    """One network's figure for one criterion: common units per unit of it, above 0."""

    figure: Figure
    factor: float
    set_by: SetBy


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Each network's units, for the criteria it has a figure for."""

    version: int
    networks: Mapping[Platform, Mapping[Criterion, Unit]]

    def find(self, platform: Platform, criterion: Criterion) -> Unit | None:
        """The unit of a network's figure, if the network has such a figure.

        Raises:
            InputsRefused: the table does not know the network.
        """
        if platform not in self.networks:
            raise InputsRefused(
                f"The unit table of this points card does not know the network “{platform}”.",
                network=platform.value,
            )
        return self.networks[platform].get(criterion)

    def factor(self, platform: Platform, criterion: Criterion) -> float:
        """Common units per unit of a figure that was given.

        Raises:
            InputsRefused: the network has no such figure, or is not known.
        """
        unit = self.find(platform, criterion)
        if unit is None:
            raise InputsRefused(
                f"The network “{platform}” has no figure for “{criterion}”.",
                network=platform.value,
                criterion=criterion.value,
            )
        return unit.factor


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
        InputsRefused: a network comes twice, is not in the unit table, or gives a figure it does not have.
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
    if len(given) == 1:  # as most people's: every week is that network's alone
        return PooledInput(float(len(weeks)), dict.fromkeys(given, float(len(weeks))))
    shares = {
        platform: fsum(1 / sum(week in other for other in given.values()) for week in own)
        for platform, own in given.items()
    }
    return PooledInput(float(len(weeks)), shares)
