"""The score, explained in ten parts: the number and its band in words first, then what lies behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.chart import Bars, bars, diverging, on_scale
from app.current import house, signed_in
from app.language import language
from app.pages.correcting import METRIC_OF, remarks_of
from app.pages.steps import next_step
from app.simulator import Simulator, simulator_of
from consent.notice import NAMES
from explain.changes import changes
from explain.explanation import RECOURSE_PAGES, EarnedPoints, Explanation, Recourse
from explain.report import ScoreReport, explain_report, score_report
from explain.sentences import Told, say_steps, tell
from explain.statement import CriterionStatement, catalog
from explain.voice import Voice
from sources.activity import Platform

pages = Blueprint("score", __name__)
LOWEST_TARGET, HIGHEST_TARGET = 1, 100


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
class Upcoming:
    """What an announced points card will make of the same data, and why."""

    effective_at: datetime
    score: int
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """Everything the page shows of an explanation."""

    explanation: Explanation
    told: Told
    rows: tuple[CriterionRow, ...]
    networks: tuple[NetworkRow, ...]
    chart: Bars
    comparison: Comparison
    upcoming: Upcoming | None
    simulator: Simulator | None
    recourse: tuple[tuple[str, str | None], ...]


@pages.get("/score")
def show() -> ResponseReturnValue:
    person = signed_in()
    asked = request.args.get("target", "")
    target = int(asked) if _is_target(asked) else None
    with house().open_reading_vault() as vault:
        report = score_report(vault, person.subject_id)
        about = explain_report(vault, person.subject_id, report, target) if report is not None else None
        remarks = remarks_of(vault, person.subject_id) if report is not None else ()
    if report is None:
        return render_template("score-none.html", step=next_step(person.subject_id))
    low, high = report.result.band
    return render_template(
        "score.html",
        names=NAMES,
        report=report,
        scale=(on_scale(low), on_scale(high), on_scale(report.result.exact)),
        remarks=remarks,
        metrics=METRIC_OF,
        is_target_unusable=bool(asked) and target is None,
        **(vars(_explained(report, about)) if about is not None else {}),
    )


def _is_target(text: str) -> bool:
    is_short_number = text.isascii() and text.isdecimal() and len(text) <= len(str(HIGHEST_TARGET))
    return is_short_number and LOWEST_TARGET <= int(text) <= HIGHEST_TARGET


def _explained(report: ScoreReport, about: Explanation) -> Explained:
    told = tell(about, language())
    rows = tuple(
        CriterionRow(said, one.max_points, tuple(one.shown_by_network.items()))
        for said, one in zip(told.criteria, about.earned, strict=True)
    )
    drawn = [([points for _, points in row.by_network], row.max_points) for row in rows]
    return Explained(
        explanation=about,
        told=told,
        rows=rows,
        networks=_networks(about),
        chart=bars(drawn),
        comparison=_comparison(about, told),
        upcoming=_upcoming(report),
        simulator=simulator_of(report.card, report.result, language()) if report.card is not None else None,
        recourse=tuple(
            (line, RECOURSE_PAGES.get(way)) for way, line in zip(Recourse, told.recourse, strict=True)
        ),
    )


def _networks(about: Explanation) -> tuple[NetworkRow, ...]:
    """The shown points of each network: the sum of what stands in the table above it."""
    return tuple(
        NetworkRow(one.platform, _shown_points(about.earned, one.platform), one.score)
        for one in about.coverage
    )


def _shown_points(earned: Sequence[EarnedPoints], platform: Platform) -> float:
    return fsum(one.shown_by_network.get(platform, 0.0) for one in earned)


def _comparison(about: Explanation, told: Told) -> Comparison:
    shown = list(about.comparison.shown_values.values())
    names = [said.name for said in told.criteria]
    return Comparison(about.comparison.shown_base, tuple(zip(names, shown, strict=True)), diverging(shown))


def _upcoming(report: ScoreReport) -> Upcoming | None:
    ahead = report.upcoming
    if ahead is None:
        return None
    made = changes(report.result, ahead.result, ahead.card)
    return Upcoming(ahead.effective_at, ahead.result.score, say_steps(made, Voice(catalog(), language())))
