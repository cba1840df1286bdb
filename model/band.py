"""The 90 % band of a score: how far another sample of judgements, or a thin window, could move it.

Two sources. (1) The judgements: the card carries the curves of account-clustered bootstrap refits; the
score is computed with each, and the 5 % and 95 % quantiles are the band. (2) The window: a network whose
window holds n posts, fewer than the settled number m, has its response per week known only up to a factor

    1 +/- 1.645 * sqrt(1/n - 1/m)

(response varies from post to post about as much as its mean; the excess over a window of m posts counts,
n at least 1). The band's lower end is computed with the lower inputs, its upper end with the upper ones.
"""

from collections.abc import Callable, Mapping, Sequence
from math import sqrt

from model.card import PointsCard
from model.inputs import Criterion, PlatformInputs
from model.units import PooledInputs
from sources.activity import Platform

NORMAL_95 = 1.645
PER_WEEK = frozenset({Criterion.CONVERSATION, Criterion.AMPLIFICATION, Criterion.APPRECIATION})


def band(card: PointsCard, pooled: PooledInputs) -> tuple[float, float]:
    """Lower and upper end, in score points, before rounding outwards."""
    tail = (1 - card.band_level) / 2
    spread = {one.platform: _spread(one, card.settled_posts) for one in pooled.networks}
    low = sorted(_refit_scores(card, pooled, lambda platform: max(0.0, 1 - spread[platform])))
    if not any(spread.values()):
        return _quantile(low, tail), _quantile(low, 1 - tail)
    high = sorted(_refit_scores(card, pooled, lambda platform: 1 + spread[platform]))
    return _quantile(low, tail), _quantile(high, 1 - tail)


def _spread(network: PlatformInputs, settled_posts: int) -> float:
    posts = max(1.0, network.posts)
    return NORMAL_95 * sqrt(max(0.0, 1 / posts - 1 / settled_posts))


def _refit_scores(card: PointsCard, pooled: PooledInputs, scale: Callable[[Platform], float]) -> list[float]:
    fixed, columns = card.base, []
    for criterion, given in pooled.inputs.items():
        if given.value is None:
            continue
        x = _scaled(given.by_network, scale) if criterion in PER_WEEK else given.value
        piece, along = card.curves[criterion].locate(x)
        points = [row[piece] + along * (row[piece + 1] - row[piece]) for row in card.replicates[criterion]]
        if len(points) == 1:
            fixed += points[0]
        else:
            columns.append(points)
    return [fixed + sum(row) for row in zip(*columns, strict=True)] or [fixed]


def _scaled(by_network: Mapping[Platform, float], scale: Callable[[Platform], float]) -> float:
    return sum(scale(platform) * brought for platform, brought in by_network.items())


def _quantile(ordered: Sequence[float], level: float) -> float:
    place = level * (len(ordered) - 1)
    below = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
