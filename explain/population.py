"""Synthetic creators, for the model card and for comparing cards. Offline only: needs numpy and scipy.

A creator is drawn from a points card's own reference rows: one level in [0, 1] per criterion, the levels of
one creator correlated through a common factor (responses of one person rise and fall together), and each
input read off between the reference rows at its level, straight in ln(1 + input). So nobody real is in it,
nobody lies beyond the reference's first and last row, and the same card and seed give the same creators.

What a creator brings is said network by network, in the network's own units, as an import would have it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np
from scipy.special import ndtr

from model.card import PointsCard
from model.inputs import WINDOW_WEEKS, Criterion, PlatformInputs, Window
from model.scoring import exact_score
from model.units import UnitTable, pool
from sources.activity import IsoWeek, Platform, Source

PEOPLE = 1_000
SEED = 2026
SHARED_VARIANCE = 0.6  # of the common factor: assumed, about what response figures of one account share

_LAST_DAY = date(2026, 11, 1)  # any Sunday: a window must lie somewhere
_WINDOW = Window(_LAST_DAY - timedelta(days=7 * WINDOW_WEEKS - 1), _LAST_DAY)
_WEEKS = tuple(
    IsoWeek(*(_WINDOW.starts_on + timedelta(weeks=number)).isocalendar()[:2])
    for number in range(WINDOW_WEEKS)
)

# What an archive of each network can say at most; a test reads archives and holds it equal.
ARCHIVE_SHOWS: Mapping[Platform, frozenset[Criterion]] = {
    Platform.X: frozenset(Criterion) - {Criterion.CONVERSATION},
    Platform.MASTODON: frozenset({Criterion.AMPLIFICATION, Criterion.APPRECIATION, Criterion.CONSISTENCY}),
}


@dataclass(frozen=True, slots=True)
class Creator:
    """Somebody who does not exist: all six inputs in common units, and the weeks with a response."""

    values: Mapping[Criterion, float]
    weeks: tuple[IsoWeek, ...]


# What a creator brings, one way or another.
Seen = Callable[[Creator], Sequence[PlatformInputs]]


def draw_creators(card: PointsCard, people: int = PEOPLE, seed: int = SEED) -> tuple[Creator, ...]:
    """Draw creators from the card's reference rows."""
    draw = np.random.default_rng(seed)
    common, own = draw.normal(size=(people, 1)), draw.normal(size=(people, len(Criterion)))
    levels = ndtr(sqrt(SHARED_VARIANCE) * common + sqrt(1 - SHARED_VARIANCE) * own)
    columns = {}
    for place, criterion in enumerate(Criterion):
        rows = np.sort(card.reference[criterion])
        at = (np.arange(len(rows)) + 0.5) / len(rows)
        columns[criterion] = np.expm1(np.interp(levels[:, place], at, np.log1p(rows)))
    order = draw.permuted(np.tile(np.arange(WINDOW_WEEKS), (people, 1)), axis=1)
    creators = []
    for row in range(people):
        values = {criterion: float(column[row]) for criterion, column in columns.items()}
        answered = min(WINDOW_WEEKS, round(values[Criterion.CONSISTENCY]))
        weeks = tuple(_WEEKS[number] for number in order[row, :answered])
        creators.append(Creator(values | {Criterion.CONSISTENCY: float(answered)}, weeks))
    return tuple(creators)


def bring(
    creator: Creator,
    platform: Platform,
    units: UnitTable,
    *,
    shown: Collection[Criterion] = frozenset(Criterion),
    share: float = 1.0,
) -> PlatformInputs:
    """What a creator would bring if this share of every figure came in on this network, in its own units.

    A figure that is not shown, or that the network does not have, is missing. Weeks are not shared out:
    who is answered on two networks is answered in the same weeks on both.
    """
    has = {criterion: units.find(platform, criterion) for criterion in Criterion if criterion in shown}
    values: dict[Criterion, float | None] = {
        criterion: share * creator.values[criterion] / unit.factor if (unit := has.get(criterion)) else None
        for criterion in Criterion
    }
    counts_weeks = has.get(Criterion.CONSISTENCY) is not None
    values[Criterion.CONSISTENCY] = float(len(creator.weeks)) if counts_weeks else None
    return PlatformInputs(
        platform=platform,
        source=Source.ARCHIVE,
        as_of=_LAST_DAY,
        window=_WINDOW,
        values=values,
        response_weeks=frozenset(creator.weeks) if counts_weeks else None,
        posts=float(WINDOW_WEEKS),
        weeks_seen=WINDOW_WEEKS,
    )


def exact_scores(card: PointsCard, creators: Sequence[Creator], seen: Seen) -> list[float]:
    return [exact_score(card, pool(seen(creator), card.units)) for creator in creators]
