"""Where a published curve lies in its drawing: knots in, coordinates out; pure.

Across, ln(1 + input), on which the curve is made of straight lines; upwards, points, on one scale for all
criteria. templates/card.html draws it as SVG beside the table that says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from app.chart import PLOT_BOTTOM, PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, Point

SIGN_WIDTH = 5.6  # of a digit in the drawing's small letters
STEP = 5  # points between two lines of the grid


@dataclass(frozen=True)
class Tick:
    """A value on an axis, and where it stands."""

    at: float
    value: float


@dataclass(frozen=True)
class CurveDrawing:
    """The line, a mark at every knot, and as many labels as there is room for."""

    path: str
    marks: tuple[Point, ...]
    across: tuple[Tick, ...]
    upwards: tuple[Tick, ...]


def draw_curve(knots: Sequence[float], points: Sequence[float], most: float) -> CurveDrawing:
    """Draw one curve; `most` is the largest number of points of any criterion."""
    top = -(-most // STEP) * STEP or STEP
    marks = tuple(
        Point(_across(knot, knots[-1]), _upwards(value, top))
        for knot, value in zip(knots, points, strict=True)
    )
    return CurveDrawing(
        path="M" + "L".join(f"{mark.x} {mark.y}" for mark in marks),
        marks=marks,
        across=_labels(knots),
        upwards=tuple(Tick(_upwards(value, top), value) for value in range(0, int(top) + 1, STEP)),
    )


def _labels(knots: Sequence[float]) -> tuple[Tick, ...]:
    """The knots that can be written under the axis without touching, the last one first."""
    free, chosen = PLOT_RIGHT, []
    for knot in reversed(knots):
        at, width = _across(knot, knots[-1]), SIGN_WIDTH * len(f"{knot:,.0f}")
        end = PLOT_RIGHT if knot == knots[-1] else at + width / 2
        if end <= free:
            chosen.append(Tick(at, knot))
            free = (PLOT_RIGHT - width if knot == knots[-1] else at - width / 2) - SIGN_WIDTH
    return tuple(reversed(chosen))


def _across(x: float, last: float) -> float:
    return round(PLOT_LEFT + log1p(x) / log1p(last) * (PLOT_RIGHT - PLOT_LEFT), 2)


def _upwards(points: float, top: float) -> float:
    return round(PLOT_BOTTOM - points / top * (PLOT_BOTTOM - PLOT_TOP), 2)
