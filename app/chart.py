"""Where the lines and bars of a chart lie: numbers in, coordinates out; pure.

The templates in templates/charts/ draw them as SVG, with a title, a description, and a table that says
the same. One unit is one CSS pixel on a phone; wider screens scale the drawing up, text and all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH = 340.0
ROW = 46.0  # a line of text, a bar, a gap
BAR = 12.0
PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_BOTTOM = 26.0, 330.0, 10.0, 150.0


@dataclass(frozen=True)
class Span:
    """A piece of a bar: where it begins and how wide it is."""

    x: float
    width: float


@dataclass(frozen=True)
class Bar:
    """One row: where its text stands, where its bar lies, and the pieces of it."""

    text_y: float
    y: float
    track: Span
    pieces: tuple[Span, ...]


@dataclass(frozen=True)
class Bars:
    """A bar chart; `zero_x` is where its bars begin."""

    height: float
    zero_x: float
    rows: tuple[Bar, ...]


@dataclass(frozen=True)
class Point:
    """One value of a line."""

    x: float
    y: float


@dataclass(frozen=True)
class Steps:
    """A line that keeps its value until the next one."""

    path: str
    points: tuple[Point, ...]


def bars(rows: Sequence[tuple[Sequence[float], float]]) -> Bars:
    """Bars from the left: each row's pieces one after the other, on a track of its maximum."""
    per_point = WIDTH / max((most for _, most in rows), default=1.0)
    drawn = []
    for index, (parts, most) in enumerate(rows):
        pieces, x = [], 0.0
        for part in parts:
            pieces.append(Span(round(x, 2), round(part * per_point, 2)))
            x += part * per_point
        drawn.append(_bar(index, Span(0.0, round(most * per_point, 2)), pieces))
    return Bars(len(rows) * ROW, 0.0, tuple(drawn))


def diverging(values: Sequence[float]) -> Bars:
    """Bars to both sides of a zero line, negative ones to the left."""
    most = max((abs(value) for value in values), default=0.0) or 1.0
    zero, per_point = WIDTH / 2, WIDTH / 2 / most
    drawn = [
        _bar(
            index,
            Span(0.0, WIDTH),
            [Span(round(zero + min(0.0, value) * per_point, 2), _wide(value, per_point))],
        )
        for index, value in enumerate(values)
    ]
    return Bars(len(values) * ROW, zero, tuple(drawn))


def on_scale(value: float) -> float:
    """Where a score from 1 to 100 lies on a scale of full width."""
    return round((value - 1) / 99 * WIDTH, 2)


def steps(values: Sequence[tuple[datetime, int]], most: int = 100) -> Steps:
    """Scores or counts up to `most` over time, oldest first; each holds until the next one."""
    if not values:
        return Steps("", ())
    first, last = values[0][0], values[-1][0]
    seconds = (last - first).total_seconds()
    points = tuple(
        Point(_along((at - first).total_seconds() / seconds if seconds else 0.0), height_of(score, most))
        for at, score in values
    )
    path = f"M{points[0].x} {points[0].y}" + "".join(f"H{point.x}V{point.y}" for point in points[1:])
    return Steps(path if seconds else f"M{PLOT_LEFT} {points[-1].y}H{PLOT_RIGHT}", points)


ROUND = (10, 15, 20, 25, 30, 40, 50, 60, 75, 100)  # tenths of a power of ten


def round_top(value: int) -> int:
    """Where a scale of four steps ends that reaches a count: every step is a whole and a round number."""
    digits = len(str(-(-max(value, 1) // 4)))
    power: int = 10 ** (digits - 1)
    wide = (tenths * power // 10 for tenths in ROUND if tenths * power % 10 == 0)
    return next(4 * step for step in wide if 4 * step >= value)


def height_of(score: float, most: float = 100) -> float:
    """Where a score or count lies in the plot; 0 is the bottom line, `most` the top."""
    return round(PLOT_BOTTOM - score / most * (PLOT_BOTTOM - PLOT_TOP), 2)


def _along(share: float) -> float:
    return round(PLOT_LEFT + share * (PLOT_RIGHT - PLOT_LEFT), 2)


def _wide(value: float, per_point: float) -> float:
    return round(abs(value) * per_point, 2)


def _bar(index: int, track: Span, pieces: Sequence[Span]) -> Bar:
    return Bar(index * ROW + 15, index * ROW + 22, track, tuple(pieces))
