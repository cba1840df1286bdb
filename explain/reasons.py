"""Reason codes: at most four criteria that lift a score and four that hold it down, from a closed set.

A code is a criterion and a kind, written `audience.above`. What ranks them is the comparison view, in
whole points: a criterion comes before another only by a whole point more, and ties stand in the order of
the criteria. So the same inputs always give the same codes, attributions that keep their whole points
give the same list, and two reasons two points apart never change places through changes below half a
point each. Under one whole point nothing is a reason.

A missing figure stands at minus the reference's mean in the comparison, because it earns no points; the
code says `missing`, which is not `below`: nobody knows that figure to be low.

Source: more than four reasons are not likely to help, Regulation B (12 CFR part 1002), comment 9(b)(2)-1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from explain.attribution import View
from model.inputs import Criterion
from model.scoring import CriterionScore

MOST_REASONS = 4


class ReasonKind(StrEnum):
    """What a criterion does in comparison with the reference population."""

    FULL = "full"  # above, with all the points there are
    ABOVE = "above"
    BELOW = "below"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `points` is its attribution in the comparison view."""

    criterion: Criterion
    kind: ReasonKind
    points: float

    @property
    def code(self) -> str:
        return f"{self.criterion}.{self.kind}"

    @property
    def whole_points(self) -> int:
        return int(abs(self.points))


@dataclass(frozen=True, slots=True)
class Reasons:
    """The strongest first, in each direction."""

    up: tuple[Reason, ...]
    down: tuple[Reason, ...]


def all_codes() -> tuple[str, ...]:
    """The closed set."""
    return tuple(f"{criterion}.{kind}" for criterion in Criterion for kind in ReasonKind)


def reasons_of(criteria: Iterable[CriterionScore], comparison: View) -> Reasons:
    """The reasons behind a score, in its comparison with the reference population."""
    found = [Reason(one.name, _kind(one, comparison), comparison.values[one.name]) for one in criteria]
    return Reasons(
        up=_strongest(one for one in found if one.points > 0),
        down=_strongest(one for one in found if one.points < 0),
    )


def _kind(one: CriterionScore, comparison: View) -> ReasonKind:
    if one.input is None:
        return ReasonKind.MISSING
    if comparison.values[one.name] < 0:
        return ReasonKind.BELOW
    return ReasonKind.FULL if one.points >= one.max_points else ReasonKind.ABOVE


def _strongest(found: Iterable[Reason]) -> tuple[Reason, ...]:
    # Sorting is stable, so ties keep the order of the criteria.
    ranked = sorted((one for one in found if one.whole_points), key=lambda one: -one.whole_points)
    return tuple(ranked[:MOST_REASONS])
