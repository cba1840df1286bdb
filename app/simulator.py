"""The simulator on the score page: one slider for each criterion, worked out in the person's own browser.

The page carries the public curves and the person's own pooled inputs; static/simulator.js does the rest, so
nothing anyone tries out is sent. Sliders are logarithmic, as the curves are, from 0 to a bit beyond the last
knot; weeks are whole and there are only 52 of them.
"""

import json
from dataclasses import dataclass
from math import log1p

from explain.card.wording import card_words
from explain.statement import catalog
from explain.wording import Language, say_list, say_number
from model.card import PointsCard
from model.curve import Curve
from model.inputs import WINDOW_WEEKS, Criterion
from model.scoring import ScoreResult

BEYOND = 1.5  # times the last knot, so that the flat end can be seen to be flat
KNOT_SCALE = 1000.0  # across the drawing of the knots
COUNTED_DIGITS = {Criterion.CONVERSATION: 1, Criterion.AMPLIFICATION: 1, Criterion.APPRECIATION: 1}


@dataclass(frozen=True)
class Slider:
    """One criterion: `x` is the person's input, `None` where missing; `knots` lie from 0 to 1000.

    end: the input at the right end. digits: those an input moves in, whole numbers or tenths.
    """

    criterion: Criterion
    name: str
    counts: str
    counts_one: str
    x: float | None
    end: float
    digits: int
    is_linear: bool
    maximum: float
    knots: tuple[float, ...]
    said_knots: str


@dataclass(frozen=True)
class Simulator:
    """What the template needs; `curves` is JSON: the base, and every criterion's knots and points."""

    curves: str
    sliders: tuple[Slider, ...]


def simulator_of(card: PointsCard, result: ScoreResult, language: Language) -> Simulator:
    """Sliders that start at the inputs of a score, on its own card or a later one."""
    given = {one.name: one.input for one in result.criteria}
    curves = {
        criterion: {"knots": curve.knots, "points": curve.values} for criterion, curve in card.curves.items()
    }
    return Simulator(
        curves=json.dumps({"base": card.base, "curves": curves}),
        sliders=tuple(_slider(curve, given[criterion], language) for criterion, curve in card.curves.items()),
    )


def _slider(curve: Curve, x: float | None, language: Language) -> Slider:
    is_linear = curve.criterion is Criterion.CONSISTENCY
    end = float(WINDOW_WEEKS) if is_linear else max(BEYOND * curve.knots[-1], x or 0.0)
    return Slider(
        criterion=curve.criterion,
        name=catalog().say(f"criterion.{curve.criterion}.name", language),
        counts=card_words().say(f"counts.{curve.criterion}", language),
        counts_one=card_words().say(f"counts_one.{curve.criterion}", language),
        x=x,
        end=end,
        digits=COUNTED_DIGITS.get(curve.criterion, 0),
        is_linear=is_linear,
        maximum=curve.maximum,
        knots=tuple(round(KNOT_SCALE * _share(knot, end, is_linear=is_linear), 1) for knot in curve.knots),
        said_knots=say_list([say_number(knot, language) for knot in curve.knots], language),
    )


def _share(x: float, end: float, *, is_linear: bool) -> float:
    return x / end if is_linear else log1p(x) / log1p(end)
