"""The score, explained: the number and its band, the points of each criterion, the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.chart import Bars, bars, diverging, on_scale
from app.current import house, signed_in
from app.language import language
from app.pages.steps import next_step
from consent.notice import NAMES
from explain.attribution import shown_parts
from explain.report import ScoreReport, score_report
from explain.statement import CriterionStatement, Statement, state
from model.card import load_card
from sources.activity import Platform

pages = Blueprint("score", __name__)


@dataclass(frozen=True)
class CriterionRow:
    """One criterion: its sentences, its maximum, and each network's shown points."""

    said: CriterionStatement
    max_points: float
    by_network: tuple[tuple[Platform, float], ...]


@dataclass(frozen=True)
class NetworkRow:
    """One network: the points it brought, and the score it would give alone."""

    platform: Platform
    points: float
    alone: int


@dataclass(frozen=True)
class Comparison:
    """The second view: a base value, and what each criterion adds to it or takes away, as shown."""

    base: float
    parts: tuple[tuple[str, float], ...]
    chart: Bars


@dataclass(frozen=True)
class ScorePage:
    """Everything the page shows."""

    report: ScoreReport
    said: Statement
    rows: tuple[CriterionRow, ...]
    networks: tuple[NetworkRow, ...]
    chart: Bars
    comparison: Comparison | None
    scale: tuple[float, float, float]


@pages.get("/score")
def show() -> ResponseReturnValue:
    person = signed_in()
    with house().open_reading_vault() as vault:
        report, today = score_report(vault, person.subject_id), vault.now().date()
    if report is None:
        return render_template("score-none.html", step=next_step(person.subject_id))
    return render_template("score.html", names=NAMES, **vars(_page(report, today)))


def _page(report: ScoreReport, today: date) -> ScorePage:
    result = report.result
    said = state(result, load_card(), language(), today=today)
    rows = tuple(
        CriterionRow(statement, one.max_points, _split(one.by_network, statement.shown_points))
        for statement, one in zip(said.criteria, result.criteria, strict=True)
    )
    drawn = [([points for _, points in row.by_network], row.max_points) for row in rows]
    return ScorePage(
        report=report,
        said=said,
        rows=rows,
        networks=_networks(report, rows),
        chart=bars(drawn),
        comparison=_comparison(report, said),
        scale=(on_scale(result.band[0]), on_scale(result.band[1]), on_scale(result.exact)),
    )


def _split(by_network: Mapping[Platform, float], shown: float) -> tuple[tuple[Platform, float], ...]:
    if not by_network:
        return ()
    return tuple(zip(by_network, shown_parts(list(by_network.values()), shown), strict=True))


def _networks(report: ScoreReport, rows: Sequence[CriterionRow]) -> tuple[NetworkRow, ...]:
    """The shown points of each network: the sum of what stands in the table above it."""
    return tuple(
        NetworkRow(
            one.platform,
            fsum(points for row in rows for platform, points in row.by_network if platform is one.platform),
            one.score,
        )
        for one in report.result.networks
    )


def _comparison(report: ScoreReport, said: Statement) -> Comparison | None:
    if report.comparison is None:
        return None
    view = report.comparison.comparison
    values = [view.values[one.name] for one in report.result.criteria]
    base, *shown = shown_parts([view.base_value, *values], report.result.score)
    names = [statement.name for statement in said.criteria]
    return Comparison(base, tuple(zip(names, shown, strict=True)), diverging(shown))
