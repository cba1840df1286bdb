"""The points card as tables and sentences: all that anyone needs to recompute a score with a pencil.

Pure: a card in, rows and words of one language out. Numbers stay numbers; how many digits are printed is
the page's choice (app/templates/card.html, the model card), where four for `log` and `slope` are enough for
points right to a hundredth. The worked example: card_example.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from explain.card.wording import card_words
from explain.statement import catalog
from explain.wording import Language
from model.card import FOLLOWERS_TENFOLD_POINTS, FULL_POINTS, PointsCard
from model.curve import Curve, Origin
from model.inputs import WINDOW_WEEKS, Criterion
from model.units import SetBy, Unit
from sources.activity import Platform

LEADS = (5, 10, 20)  # points, for "what a lead means"
PRECISIONS = {"auc_mean": 4, "auc_sd": 4, "log_loss": 4, "slope": 3, "ece": 4}


@dataclass(frozen=True, slots=True)
class KnotRow:
    """One knot: ln(1 + x), the points there, and the slope of the piece that begins; flat after the last."""

    x: float
    log: float
    points: float
    slope: float


@dataclass(frozen=True, slots=True)
class CurveTable:
    """One criterion: its curve row by row, what x counts, and where the curve comes from, in words."""

    criterion: Criterion
    name: str
    measures: str
    counts: str
    origin: Origin
    said_origin: str
    rule: str | None
    maximum: float
    rows: tuple[KnotRow, ...]


@dataclass(frozen=True, slots=True)
class UnitCell:
    """What a network calls the figure of a criterion, and how many common units one of it counts."""

    figure: str
    factor: float
    set_by: SetBy
    said_set_by: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One network's line of the unit table; `None` where it has no such figure."""

    platform: Platform
    name: str
    cells: Mapping[Criterion, UnitCell | None]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of the training or the evaluation, and the digits it is printed with."""

    key: str
    name: str
    value: float
    digits: int


@dataclass(frozen=True, slots=True)
class LeadRow:
    """How likely people judge the account that is ahead by so many points to be the more influential."""

    points: int
    chance: float


@dataclass(frozen=True, slots=True)
class CardTables:
    """A points card in words and rows of one language."""

    version: str
    digest: str
    base: float
    formula: tuple[str, ...]
    curves: tuple[CurveTable, ...]
    units: tuple[UnitRow, ...]
    assumptions: tuple[str, ...]
    figures: tuple[FigureRow, ...]
    leads: tuple[LeadRow, ...]


def card_tables(card: PointsCard, language: Language) -> CardTables:
    """Everything the printed card says, in one language."""
    return CardTables(
        version=card.version,
        digest=card.digest,
        base=card.base,
        formula=_formula(card, language),
        curves=tuple(_curve_table(curve, card, language) for curve in card.curves.values()),
        units=tuple(_unit_row(platform, card, language) for platform in card.units.networks),
        assumptions=_assumptions(card, language),
        figures=_figures(card, language),
        leads=tuple(LeadRow(lead, 1 / (1 + exp(-lead / card.points_per_logit))) for lead in LEADS),
    )


def _formula(card: PointsCard, language: Language) -> tuple[str, ...]:
    facts = {"base": card.base, "criteria": len(card.curves)}
    parts = ("score", "points", "piece", "beyond", "missing")
    return tuple(card_words().say(f"formula.{part}", language, **facts) for part in parts)


def _curve_table(curve: Curve, card: PointsCard, language: Language) -> CurveTable:
    key = f"criterion.{curve.criterion}"
    slopes = (*curve.slopes, 0.0)
    return CurveTable(
        criterion=curve.criterion,
        name=catalog().say(f"{key}.name", language),
        measures=catalog().say(f"{key}.measures", language),
        counts=card_words().say(f"counts.{curve.criterion}", language),
        origin=curve.origin,
        said_origin=catalog().say(f"origin.{curve.origin}", language),
        rule=_rule(curve.criterion, card, language),
        maximum=curve.maximum,
        rows=tuple(
            KnotRow(*row) for row in zip(curve.knots, curve.log_knots, curve.values, slopes, strict=True)
        ),
    )


def _rule(criterion: Criterion, card: PointsCard, language: Language) -> str | None:
    """The card's own sentence in the language asked for; as it stands, where a card brings another one."""
    written: str | None = next(
        (row.get("rule") for row in card.document["criteria"] if row["name"] == criterion), None
    )
    key = f"rule.{criterion}"
    known = written is not None and key in card_words().keys(Language.EN)
    if known and card_words().say(key, Language.EN) == written:
        return card_words().say(key, language)
    return written


def _unit_row(platform: Platform, card: PointsCard, language: Language) -> UnitRow:
    cells = {criterion: card.units.find(platform, criterion) for criterion in Criterion}
    return UnitRow(
        platform,
        catalog().say(f"network.{platform}", language),
        {criterion: _unit_cell(unit, language) for criterion, unit in cells.items()},
    )


def _unit_cell(unit: Unit | None, language: Language) -> UnitCell | None:
    if unit is None:
        return None
    return UnitCell(
        figure=card_words().say(f"figure.{unit.figure}", language),
        factor=unit.factor,
        set_by=unit.set_by,
        said_set_by=card_words().say(f"set_by.{unit.set_by}", language),
    )


def _assumptions(card: PointsCard, language: Language) -> tuple[str, ...]:
    per_week = _anchor(card.document.get("training", {}).get("columns", {}))
    facts = {"weeks": WINDOW_WEEKS, "per_week": per_week}
    keys = ["window", "own", "pooled", "one-for-one", "matched", *(["anchor"] if per_week else [])]
    return (
        *(card_words().say(f"assumption.{key}", language, **facts) for key in keys),
        card_words().say("assumption.tenfold", language, points=FOLLOWERS_TENFOLD_POINTS),
        card_words().say("assumption.maxima", language, points=FULL_POINTS),
    )


def _anchor(columns: Mapping[str, Mapping[str, Any]]) -> float | None:
    """Responses a week per unit of the judged accounts' columns, as the card states it."""
    responses = (Criterion.CONVERSATION, Criterion.AMPLIFICATION)
    stated = [columns[one]["per_unit"] for one in responses if one in columns]
    return float(stated[0]) if stated else None


def _figures(card: PointsCard, language: Language) -> tuple[FigureRow, ...]:
    # Nobody here, where a card does not say how many people's consent it rests on.
    stated = {"people": 0, **card.document.get("training", {}), **card.document.get("evaluation", {})}
    keys: Sequence[str] = (*PRECISIONS, "splits", "pairs", "accounts", "people")
    return tuple(
        FigureRow(key, card_words().say(f"measure.{key}", language), stated[key], PRECISIONS.get(key, 0))
        for key in keys
        if key in stated
    )
