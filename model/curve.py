"""One criterion's published curve: from an input to points.

Piecewise linear in ln(1 + input), never falling, flat beyond its last knot. Between two knots a < b with
points p and q, an input x earns

    p + (q - p) * (ln(1 + x) - ln(1 + a)) / (ln(1 + b) - ln(1 + a))

which is all that anyone needs to recompute a score with a pencil.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import isfinite, log, log1p

from model.errors import CardRefused, InputsRefused
from model.inputs import Criterion

Points = Callable[[float | None], float]


class Origin(StrEnum):
    """Whether a curve was fitted to human judgements or set by a published rule."""

    LEARNED = "learned"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Piece:
    """The straight piece of a curve that applied; `to_input` is `None` beyond the last knot."""

    from_input: float
    to_input: float | None
    from_points: float
    to_points: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Knots in common units, points at each, and what makes reading them fast."""

    criterion: Criterion
    origin: Origin
    knots: tuple[float, ...]
    values: tuple[float, ...]
    log_knots: tuple[float, ...]
    slopes: tuple[float, ...]  # of each piece, in points per unit of ln(1 + input)
    points: Points = field(init=False, repr=False, compare=False)  # what an input earns

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", _compiled(self))

    @classmethod
    def through(
        cls, criterion: Criterion, origin: Origin, knots: Sequence[float], values: Sequence[float]
    ) -> "Curve":
        """Make a curve, refusing one that falls, is not finite, or does not start at 0 for 0.

        Raises:
            CardRefused: the named curve is not a curve of a points card.
        """
        if len(knots) != len(values) or len(knots) < 2:
            raise _refused(criterion, "does not have as many points as knots, two at least")
        if not all(isfinite(number) for number in (*knots, *values)):
            raise _refused(criterion, "holds a number that is not finite")
        if knots[0] != 0 or values[0] != 0:
            raise _refused(criterion, "does not start with 0 points for 0")
        if any(right <= left for left, right in pairwise(knots)):
            raise _refused(criterion, "has knots that do not rise")
        if any(right < left for left, right in pairwise(values)):
            raise _refused(criterion, "falls")
        log_knots = tuple(log1p(knot) for knot in knots)
        slopes = tuple(
            (right - left) / (b - a)
            for (left, right), (a, b) in zip(pairwise(values), pairwise(log_knots), strict=True)
        )
        return cls(criterion, origin, tuple(knots), tuple(values), log_knots, slopes)

    @property
    def maximum(self) -> float:
        return self.values[-1]

    def locate(self, x: float) -> tuple[int, float]:
        """The piece an input falls on, and how far along it, from 0 to 1; 1 on the last piece beyond it."""
        z = self._log(x)
        piece = bisect_right(self.log_knots, z) - 1
        if piece >= len(self.log_knots) - 1:
            return len(self.log_knots) - 2, 1.0
        left, right = self.log_knots[piece], self.log_knots[piece + 1]
        return piece, (z - left) / (right - left)

    def piece(self, x: float) -> Piece:
        at, _ = self.locate(x)
        if x >= self.knots[-1]:
            return Piece(self.knots[-1], None, self.maximum, self.maximum)
        return Piece(self.knots[at], self.knots[at + 1], self.values[at], self.values[at + 1])

    def steepest_decade(self) -> float:
        """An upper bound of the points that multiplying any input by ten can add.

        ln(1 + 10x) - ln(1 + x) is below ln 10 for every x >= 0, so the steepest piece bounds it.
        """
        return log(10) * max(self.slopes)

    def _log(self, x: float) -> float:
        if not x >= 0:
            raise refused_input(self.criterion)
        return log1p(x)


def _compiled(curve: Curve) -> Points:
    """The curve as a function over flat tuples, because every score runs through six of them."""
    edges = curve.log_knots[1:]
    # Of each piece: ln(1 + a), p, the slope, q. The last one, beyond the last knot, is flat.
    flat = (curve.log_knots[-1], curve.maximum, 0.0, curve.maximum)
    pieces = (*zip(curve.log_knots, curve.values, curve.slopes, curve.values[1:], strict=False), flat)

    def points(x: float | None) -> float:
        """What an input earns, a missing one nothing.

        Raises:
            InputsRefused: it is negative or not a number.
        """
        if x is None:
            return 0.0
        if not x >= 0:
            raise refused_input(curve.criterion)
        z = log1p(x)
        log_a, p, slope, q = pieces[bisect_right(edges, z)]
        risen = p + (z - log_a) * slope
        return risen if risen < q else q  # never one rounding error above the next knot

    return points


def refused_input(criterion: Criterion) -> InputsRefused:
    return InputsRefused(
        f"The input of “{criterion}” must be a number of at least 0.", criterion=criterion.value
    )


def _refused(criterion: Criterion, why: str) -> CardRefused:
    return CardRefused(f"The curve of “{criterion}” {why}.", criterion=criterion.value)
