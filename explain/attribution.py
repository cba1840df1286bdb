"""The score taken apart, exactly: earned points, and the difference from a reference population.

For an additive card, score = base + sum_j f_j(x_j), every interventional Shapley value has a closed form:

    earned       baseline an empty account:         base,                  f_j(x_j)
    comparison   baseline a frozen background:      base + sum_j E f_j,    f_j(x_j) - E f_j

The tests hold this equal to what `shap` computes. `shap` itself is slow to import and never runs in the
service. The background is the card's own synthetic reference, so anyone can recompute E f_j. Dependence
between inputs is left out on purpose: it would credit a network the person never connected.

Source: Lundberg and Lee 2017, arXiv:1705.07874; Janzing et al. 2020, arXiv:1910.13413 (interventional).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor, fsum
from typing import Any

from explain.errors import DoesNotAddUp
from model.card import PointsCard
from model.inputs import Criterion
from model.units import PooledInputs

TOLERANCE_POINTS = 1e-6


class Baseline(StrEnum):
    """What a score is measured from."""

    EMPTY_ACCOUNT = "empty-account"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Background:
    """The mean points of each criterion over those one is compared with."""

    means: Mapping[Criterion, float]


@dataclass(frozen=True, slots=True)
class View:
    """A base value and one attribution per criterion, in score points, that sum to the exact score."""

    baseline: Baseline
    base_value: float
    values: Mapping[Criterion, float]

    @property
    def total(self) -> float:
        return self.base_value + fsum(self.values.values())


@dataclass(frozen=True, slots=True)
class Attribution:
    """Both views of one score."""

    exact: float
    earned: View
    comparison: View


def background_of(card: PointsCard) -> Background:
    """The mean points over the card's reference rows; every row weighs the same."""
    if card.digest not in _BACKGROUNDS:
        _BACKGROUNDS[card.digest] = _mean_points(card)
    return _BACKGROUNDS[card.digest]


def _mean_points(card: PointsCard) -> Background:
    return Background(
        {
            criterion: fsum(map(card.curves[criterion].points, rows)) / len(rows)
            for criterion, rows in card.reference.items()
        }
    )


_BACKGROUNDS: dict[str, Background] = {}  # by digest: one or two cards in a process, asked for at each page


def attribute(card: PointsCard, pooled: PooledInputs, background: Background) -> Attribution:
    """Split a score into a base value and one attribution per criterion, in both views.

    A missing input earns no points, so in the comparison it stands at minus the reference's mean.

    Raises:
        DoesNotAddUp: base value plus attributions miss the score by over 1e-6 points.
    """
    points = {criterion: card.points(criterion, given.value) for criterion, given in pooled.inputs.items()}
    return _both_views(card.base, points, card.base + fsum(points.values()), background)


def compare(card: PointsCard, parts: Mapping[str, Any]) -> Attribution:
    """The same from a score that was computed, and perhaps stored, before; on the card it came from.

    Args:
        parts: the score in its JSON form (`result_to_json`).

    Raises:
        DoesNotAddUp: the score came from another card, or its parts miss it by over 1e-6 points.
    """
    if parts["model"] != card.digest:
        raise DoesNotAddUp("This score was computed with another points card.")
    points = {Criterion(one["name"]): one["points"] for one in parts["criteria"]}
    return _both_views(parts["base"], points, parts["exact"], background_of(card))


def _both_views(
    base: float, points: Mapping[Criterion, float], exact: float, background: Background
) -> Attribution:
    means = background.means
    attribution = Attribution(
        exact,
        View(Baseline.EMPTY_ACCOUNT, base, points),
        View(
            Baseline.REFERENCE,
            base + fsum(means.values()),
            {criterion: value - means[criterion] for criterion, value in points.items()},
        ),
    )
    verify_adds_up(attribution.earned, exact)
    verify_adds_up(attribution.comparison, exact)
    return attribution


def verify_adds_up(view: View, exact: float) -> None:
    # Written so that a NaN in any part is refused too.
    if not abs(view.total - exact) <= TOLERANCE_POINTS:
        raise DoesNotAddUp("The parts of a score do not add up to it.", baseline=view.baseline.value)


def shown_parts(parts: Sequence[float], total: float, digits: int = 1) -> tuple[float, ...]:
    """Round parts so that what is shown adds up to the total that is shown.

    Each part is rounded to the nearest unit of the last digit; what is then lacking or too much is spread
    one unit at a time where it does least harm (largest remainder first). A part of 0 stays 0 and no part
    changes its sign.

    Args:
        total: the shown total, itself a whole number of units.

    Raises:
        DoesNotAddUp: no part may move, or the total has more digits than are shown.
    """
    unit = 10**digits
    target = round(total * unit)
    if abs(total * unit - target) > TOLERANCE_POINTS:
        raise DoesNotAddUp("A shown total has more digits than its parts.", digits=digits)
    exact = [part * unit for part in parts]
    shown = [floor(part + 0.5) if part >= 0 else -floor(-part + 0.5) for part in exact]
    while lacking := target - sum(shown):
        step = 1 if lacking > 0 else -1
        shown[_least_harmed(exact, shown, step)] += step
    return tuple(part / unit for part in shown)


def _least_harmed(exact: Sequence[float], shown: Sequence[int], step: int) -> int:
    movable = [place for place, part in enumerate(exact) if part != 0 and (shown[place] + step) * part >= 0]
    if not movable:
        raise DoesNotAddUp("No part of a score can be rounded so that the parts add up.")
    return min(movable, key=lambda place: abs(shown[place] + step - exact[place]))
