"""A change of one input that a person can carry out: on one network, in that network's own unit.

Figures per week are told in tenths of the network's own unit, weeks as whole weeks. A change is told for
the network that brings most of the criterion now (ties by name); weeks go to the first such network whose
window still has so many weeks without a response anywhere, because a week answered twice counts once.
What the changes earn together is worked out by pooling and scoring again, never by adding up promises.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil, floor, fsum

from explain.counterfactual.least_effort import effort
from model.card import PointsCard
from model.inputs import WINDOW_WEEKS, Criterion, PlatformInputs
from model.units import Figure, PooledInputs, pool
from sources.activity import IsoWeek, Platform

TENTHS = 10


@dataclass(frozen=True, slots=True)
class InputChange:
    """One input raised on one network, everything else unchanged.

    own_from, own_to: in the network's own unit (`figure`), per week; or its weeks with a response.
    input_from, input_to: the criterion over all networks, in common units.
    least_input: the smallest input that would do, before it was rounded up to `input_to`.
    points: what the criterion gains.
    effort: doublings of 1 + input.
    """

    criterion: Criterion
    platform: Platform
    figure: Figure
    own_from: float
    own_to: float
    input_from: float
    least_input: float
    input_to: float
    points: float
    effort: float


def change_of(
    card: PointsCard,
    pooled: PooledInputs,
    criterion: Criterion,
    least: float,
    suffices: Callable[[float], bool],
) -> InputChange:
    """The smallest change that can be told and suffices, of a criterion that some network gives.

    Args:
        least: the input wanted, in common units; of consistency whole weeks more than now.
        suffices: whether an input in common units is enough.
    """
    if criterion is Criterion.CONSISTENCY:
        return _more_weeks(card, pooled, least)
    network = _bringing_most(pooled, criterion)[0]
    unit = card.units.networks[network.platform][criterion]
    brought = pooled.inputs[criterion].by_network
    elsewhere = [other for platform, other in brought.items() if platform is not network.platform]

    def input_at(tenths: int) -> float:
        return fsum([*elsewhere, unit.factor * (tenths / TENTHS)])

    own = network.values[criterion] or 0.0
    wanted = (least - fsum(elsewhere)) / unit.factor
    tenths = _least_tenths(own, wanted, lambda tenths: suffices(input_at(tenths)))
    told = (network.platform, unit.figure, own, tenths / TENTHS)
    return _change(card, pooled, criterion, told, least, input_at(tenths))


def _more_weeks(card: PointsCard, pooled: PooledInputs, least: float) -> InputChange:
    now = pooled.value(Criterion.CONSISTENCY) or 0.0
    more = round(least - now)
    network = next(
        one
        for one in _bringing_most(pooled, Criterion.CONSISTENCY)
        if len(_open_weeks(one, pooled.networks)) >= more
    )
    own = len(network.response_weeks or ())
    told = (network.platform, Figure.WEEKS, float(own), float(own + more))
    return _change(card, pooled, Criterion.CONSISTENCY, told, least, now + more)


def _change(
    card: PointsCard,
    pooled: PooledInputs,
    criterion: Criterion,
    told: tuple[Platform, Figure, float, float],
    least: float,
    raised: float,
) -> InputChange:
    now, curve = pooled.value(criterion) or 0.0, card.curves[criterion]
    points = curve.points(raised) - curve.points(now)
    return InputChange(criterion, *told, now, least, raised, points, effort(now, raised))


def _least_tenths(own: float, wanted: float, suffices: Callable[[int], bool]) -> int:
    """The fewest tenths that suffice, and at least one more than what is now shown in tenths."""
    lowest = floor(own * TENTHS + 0.5) + 1
    tenths = max(lowest, ceil(wanted * TENTHS))
    # `wanted` may lie a rounding error beside a tenth.
    if not suffices(tenths):
        return tenths + 1
    return tenths - 1 if tenths > lowest and suffices(tenths - 1) else tenths


def _bringing_most(pooled: PooledInputs, criterion: Criterion) -> list[PlatformInputs]:
    brought = pooled.inputs[criterion].by_network
    given = [one for one in pooled.networks if one.platform in brought]
    return sorted(given, key=lambda one: (-brought[one.platform], one.platform.value))


def most_weeks(pooled: PooledInputs) -> int:
    """How many weeks with a response may be added on one network: not over 52 in all."""
    room = (len(_open_weeks(one, pooled.networks)) for one in _bringing_most(pooled, Criterion.CONSISTENCY))
    return max(0, min(max(room, default=0), WINDOW_WEEKS - round(pooled.value(Criterion.CONSISTENCY) or 0)))


def _open_weeks(network: PlatformInputs, networks: Iterable[PlatformInputs]) -> list[IsoWeek]:
    """The weeks of a network's window without a response anywhere, newest first."""
    if network.window is None:
        return []
    answered = frozenset[IsoWeek]().union(*(one.response_weeks or () for one in networks))
    mondays = (network.window.ends_on - timedelta(days=7 * ago + 6) for ago in range(WINDOW_WEEKS))
    weeks = (IsoWeek(*monday.isocalendar()[:2]) for monday in mondays)
    return [week for week in weeks if week not in answered]


def apply(card: PointsCard, pooled: PooledInputs, changes: Iterable[InputChange]) -> PooledInputs:
    """Carry changes out on the networks' own figures, and pool again."""
    networks = {one.platform: one for one in pooled.networks}
    for change in changes:
        networks[change.platform] = _changed(networks[change.platform], change, networks.values())
    return pool(list(networks.values()), card.units)


def _changed(
    network: PlatformInputs, change: InputChange, networks: Iterable[PlatformInputs]
) -> PlatformInputs:
    values = {**network.values, change.criterion: change.own_to}
    if change.criterion is not Criterion.CONSISTENCY:
        return replace(network, values=values)
    added = _open_weeks(network, networks)[: round(change.own_to - change.own_from)]
    return replace(
        network, values=values, response_weeks=(network.response_weeks or frozenset()).union(added)
    )
