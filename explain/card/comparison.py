"""Two points cards side by side, before the newer one is released: what changes, and for whom by how much.

    cards        digests, versions, the figures each states about itself
    criteria     maxima, and where a curve rises or falls most: exact, at the knots of either
    units        every factor, figure or rule of the unit table that is not the same
    changes      new score minus old over synthetic creators drawn from the old card's reference

The creators are the same on both cards and bring figures that both tables know. Real people are counted by
`klarwert model release`, which needs their consent; nothing here does. Offline only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explain.population import ARCHIVE_SHOWS, PEOPLE, SEED, Creator, Seen, bring, draw_creators
from model.card import PointsCard
from model.curve import Curve
from model.inputs import Criterion, PlatformInputs
from model.scoring import exact_score, shown_score
from model.units import Unit, UnitTable, pool
from sources.activity import Platform

LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
WITHIN = (0, 1, 2, 5)
_MOST_NETWORKS = 3


@dataclass(frozen=True, slots=True)
class Extreme:
    """The largest change of a curve in points, and the input in common units where it is first reached."""

    points: float
    x: float


@dataclass(frozen=True, slots=True)
class CurveChange:
    """One criterion on both cards; `rise` is at least 0 and `fall` at most 0."""

    criterion: Criterion
    old_maximum: float
    new_maximum: float
    rise: Extreme
    fall: Extreme


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One figure of one network that is not counted as before; `None` where a table has no such figure."""

    platform: Platform
    criterion: Criterion
    old: Unit | None
    new: Unit | None


@dataclass(frozen=True, slots=True)
class ScoreChanges:
    """New score minus old over one synthetic population.

    quantiles: of the exact change, at `LEVELS`. within: the share of creators whose shown score moves by at
    most so many points.
    """

    seen: str
    people: int
    mean: float
    quantiles: Mapping[float, float]
    within: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class CardComparison:
    """Everything that differs between two cards."""

    old: PointsCard
    new: PointsCard
    curves: tuple[CurveChange, ...]
    units: tuple[UnitChange, ...]
    changes: tuple[ScoreChanges, ...]
    seed: int

    @property
    def is_same(self) -> bool:
        return self.old.digest == self.new.digest


def compare_cards(
    old: PointsCard, new: PointsCard, *, people: int = PEOPLE, seed: int = SEED
) -> CardComparison:
    """Compare two checked cards."""
    return CardComparison(
        old=old,
        new=new,
        curves=tuple(_curve_change(old.curves[one], new.curves[one]) for one in Criterion),
        units=_unit_changes(old.units, new.units),
        changes=_changes(old, new, draw_creators(old, people, seed), seed),
        seed=seed,
    )


def _curve_change(old: Curve, new: Curve) -> CurveChange:
    """Exact: between the knots of either, both are straight in ln(1 + x), and flat beyond."""
    knots = sorted({*old.knots, *new.knots})
    changes = [Extreme(new.points(x) - old.points(x), x) for x in knots]
    return CurveChange(
        criterion=old.criterion,
        old_maximum=old.maximum,
        new_maximum=new.maximum,
        rise=max(changes, key=lambda change: change.points),
        fall=min(changes, key=lambda change: change.points),
    )


def _unit_changes(old: UnitTable, new: UnitTable) -> tuple[UnitChange, ...]:
    pairs = (
        UnitChange(
            platform,
            criterion,
            old.networks.get(platform, {}).get(criterion),
            new.networks.get(platform, {}).get(criterion),
        )
        for platform in Platform
        for criterion in Criterion
    )
    return tuple(change for change in pairs if change.old != change.new)


def _changes(
    old: PointsCard, new: PointsCard, creators: Sequence[Creator], seed: int
) -> tuple[ScoreChanges, ...]:
    everywhere = _shared(old.units, new.units)
    read_today = {
        platform: figures & ARCHIVE_SHOWS[platform]
        for platform, figures in everywhere.items()
        if platform in ARCHIVE_SHOWS
    }
    views = {
        "one to three networks, every figure both tables have": everywhere,
        "archives as they can be read today": read_today,
    }
    return tuple(
        _score_changes(seen, old, new, creators, _connect(networks, old.units, seed))
        for seen, networks in views.items()
        if networks
    )


_Figures = Mapping[Platform, frozenset[Criterion]]


def _shared(old: UnitTable, new: UnitTable) -> _Figures:
    return {
        platform: frozenset(old.networks[platform]) & frozenset(new.networks[platform])
        for platform in Platform
        if platform in old.networks and platform in new.networks
    }


def _connect(networks: _Figures, units: UnitTable, seed: int) -> Seen:
    """Give each creator, in the order in which they come, some of the networks in equal shares."""
    draw = np.random.default_rng((seed, len(networks)))
    names = list(networks)

    def seen(creator: Creator) -> list[PlatformInputs]:
        count = int(draw.integers(1, min(_MOST_NETWORKS, len(names)) + 1))
        own = [names[place] for place in draw.permutation(len(names))[:count]]
        return [
            bring(creator, platform, units, shown=networks[platform], share=1 / count) for platform in own
        ]

    return seen


def _score_changes(
    name: str,
    old: PointsCard,
    new: PointsCard,
    creators: Sequence[Creator],
    seen: Seen,
) -> ScoreChanges:
    brought = [seen(creator) for creator in creators]
    before = [exact_score(old, pool(inputs, old.units)) for inputs in brought]
    after = [exact_score(new, pool(inputs, new.units)) for inputs in brought]
    exact = np.array(after) - np.array(before)
    shown = np.array([shown_score(b) - shown_score(a) for a, b in zip(before, after, strict=True)])
    return ScoreChanges(
        seen=name,
        people=len(creators),
        mean=float(exact.mean()),
        quantiles={level: float(np.quantile(exact, level)) for level in LEVELS},
        within={points: float(np.mean(np.abs(shown) <= points)) for points in WITHIN},
    )
