"""What the assumptions of a points card are worth in points: each halved and doubled.

Two assumptions no data here can test. The anchor: how many responses a week one unit of the training data's
own volumes is. A card fitted with half the anchor has its response knots at half the place, so it gives a
creator what this card gives for twice the responses. The matched factors: what a like, comment or share of a
network counts. Offline only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from explain.population import Creator, Seen, bring, exact_scores
from model.band import PER_WEEK
from model.card import PointsCard
from model.scoring import exact_score
from model.units import SetBy, UnitTable, pool
from sources.activity import Platform

FACTORS = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How scores move when one assumption is multiplied; nine in ten creators lie between low and high.

    network: whose matched factors are multiplied; `None` for the anchor of the training data.
    """

    network: Platform | None
    times: float
    mean: float
    low: float
    high: float


def sensitivities(card: PointsCard, creators: Sequence[Creator]) -> tuple[Sensitivity, ...]:
    """The anchor first, then every network that has matched factors."""
    matched = [
        platform
        for platform, figures in card.units.networks.items()
        if any(unit.set_by is SetBy.MATCHED for unit in figures.values())
    ]
    return (
        *(_moved(None, times, *_with_anchor(card, creators, times)) for times in FACTORS),
        *(
            _moved(platform, times, *_with_factors(card, creators, platform, times))
            for platform in matched
            for times in FACTORS
        ),
    )


def _moved(
    network: Platform | None, times: float, before: Sequence[float], after: Sequence[float]
) -> Sensitivity:
    change = np.array(after) - np.array(before)
    low, high = np.quantile(change, (0.05, 0.95))
    return Sensitivity(network, times, float(change.mean()), float(low), float(high))


def _with_anchor(
    card: PointsCard, creators: Sequence[Creator], times: float
) -> tuple[list[float], list[float]]:
    def on_x(scale: float) -> Seen:
        return lambda creator: [bring(_answered(creator, scale), Platform.X, card.units)]

    return exact_scores(card, creators, on_x(1.0)), exact_scores(card, creators, on_x(1 / times))


def _answered(creator: Creator, scale: float) -> Creator:
    values = {
        criterion: scale * value if criterion in PER_WEEK else value
        for criterion, value in creator.values.items()
    }
    return replace(creator, values=values)


def _with_factors(
    card: PointsCard, creators: Sequence[Creator], platform: Platform, times: float
) -> tuple[list[float], list[float]]:
    brought = [[bring(creator, platform, card.units)] for creator in creators]
    other = _multiplied(card.units, platform, times)
    before = [exact_score(card, pool(inputs, card.units)) for inputs in brought]
    return before, [exact_score(card, pool(inputs, other)) for inputs in brought]


def _multiplied(units: UnitTable, platform: Platform, times: float) -> UnitTable:
    figures = {
        criterion: replace(unit, factor=times * unit.factor) if unit.set_by is SetBy.MATCHED else unit
        for criterion, unit in units.networks[platform].items()
    }
    return UnitTable(units.version, {**units.networks, platform: figures})
