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
from dataclasses import dataclass, field
from enum import StrEnum
from math import floor, fsum
from typing import Any

from explain.errors import DoesNotAddUp
from model.card import PointsCard, Row
from model.extra import extra_for
from model.inputs import Criterion
from model.scoring import row_of
from model.units import PooledInputs

TOLERANCE_POINTS = 1e-6
_CRITERIA = tuple(Criterion)  # going through an enumeration costs ten times as much as through a tuple


class Baseline(StrEnum):
    """What a score is measured from."""

    EMPTY_ACCOUNT = "empty-account"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Background:
    """The mean points of each criterion over those one is compared with."""

    means: Mapping[Criterion, float]
    row: tuple[float, ...] = field(init=False, repr=False)  # the same, in the order of `Criterion`
    total: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", tuple(self.means[criterion] for criterion in _CRITERIA))
        object.__setattr__(self, "total", fsum(self.row))


@dataclass(frozen=True, slots=True)
class View:
    """A base value and one attribution per criterion, in score points, that sum to the exact score."""

    baseline: Baseline
    base_value: float
    values: Mapping[Criterion, float]

    @property
    def total(self) -> float:
        return self.base_value + fsum(self.values.values())


@dataclass(slots=True)  # not frozen: freezing triples what it costs to make one
class Attribution:
    """Both views of one score, and the inputs it was given for, in common units; `None` is missing.

    Each row holds one number per criterion, in the order of `Criterion`; the views say the same by name.
    """

    exact: float
    row: Row
    points: tuple[float, ...]
    differences: tuple[float, ...]  # from the background's mean points
    base: float
    reference: float  # the score of the background: base plus its mean points

    @property
    def inputs(self) -> Mapping[Criterion, float | None]:
        return dict(zip(_CRITERIA, self.row, strict=True))

    @property
    def earned(self) -> View:
        return View(Baseline.EMPTY_ACCOUNT, self.base, dict(zip(_CRITERIA, self.points, strict=True)))

    @property
    def comparison(self) -> View:
        return View(Baseline.REFERENCE, self.reference, dict(zip(_CRITERIA, self.differences, strict=True)))

    def to_shap(self, view: Baseline = Baseline.REFERENCE) -> Any:
        """One view as a `shap.Explanation` of shape (6,), in score points; a missing input is NaN in `data`.

        Raises:
            ExtraMissing: shap is not installed.
        """
        with extra_for("An object of shap"):
            import numpy as np
            import shap

        parts = self.earned if view is Baseline.EMPTY_ACCOUNT else self.comparison
        return shap.Explanation(
            values=np.array([parts.values[criterion] for criterion in Criterion]),
            base_values=parts.base_value,
            data=np.array([self.inputs[criterion] for criterion in Criterion], dtype=np.float64),
            feature_names=[criterion.value for criterion in Criterion],
        )


def background_of(card: PointsCard) -> Background:
    """The mean points over the card's reference rows, as the card holds it since it was loaded."""
    if card.digest not in _BACKGROUNDS:
        _BACKGROUNDS[card.digest] = Background(card.reference_means)
    return _BACKGROUNDS[card.digest]


_BACKGROUNDS: dict[str, Background] = {}  # by digest: one or two cards in a process, asked for at each page


def attribute(card: PointsCard, pooled: PooledInputs, background: Background) -> Attribution:
    """Split a score into a base value and one attribution per criterion, in both views.

    A missing input earns no points, so in the comparison it stands at minus the reference's mean.

    Raises:
        DoesNotAddUp: base value plus attributions miss the score by over 1e-6 points.
    """
    row = row_of(pooled)
    points = card.points_of(row)
    return _both_views(card.base, row, points, card.base + fsum(points), background)


def compare(card: PointsCard, parts: Mapping[str, Any]) -> Attribution:
    """The same from a score that was computed, and perhaps stored, before; on the card it came from.

    Args:
        parts: the score in its JSON form (`result_to_json`).

    Raises:
        DoesNotAddUp: the score came from another card, or its parts miss it by over 1e-6 points.
    """
    if parts["model"] != card.digest:
        raise DoesNotAddUp("This score was computed with another points card.")
    stored = {one["name"]: one for one in parts["criteria"]}
    criteria = [stored[criterion] for criterion in _CRITERIA]
    row = tuple([one["input"] for one in criteria])
    points = tuple([one["points"] for one in criteria])
    return _both_views(parts["base"], row, points, parts["exact"], background_of(card))


def _both_views(
    base: float, row: Row, points: tuple[float, ...], exact: float, background: Background
) -> Attribution:
    # Written out, because a loop over six costs three times as much.
    means = background.row
    differences = (
        points[0] - means[0],
        points[1] - means[1],
        points[2] - means[2],
        points[3] - means[3],
        points[4] - means[4],
        points[5] - means[5],
    )
    reference = base + background.total
    # What the points lack, the differences lack too: one check holds both views.
    verify_adds_up(reference + fsum(differences), exact, Baseline.REFERENCE)
    return Attribution(exact, row, points, differences, base, reference)


def verify_adds_up(total: float, exact: float, baseline: Baseline) -> None:
    # Written so that a NaN in any part is refused too.
    if not abs(total - exact) <= TOLERANCE_POINTS:
        raise DoesNotAddUp("The parts of a score do not add up to it.", baseline=baseline.value)


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
