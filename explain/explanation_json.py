"""The JSON form of an explanation: numbers, days and closed words, and the sentences beside them.

It follows `explanation.schema.json` (JSON Schema draft 2020-12), which is closed: what it does not name is
not there. What a network does not give is null, never 0.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from explain.changes import Changes
from explain.counterfactual.answers import counterfactuals_to_json
from explain.explanation import (
    RECOURSE_PAGES,
    Coverage,
    CriterionInput,
    EarnedPoints,
    Explanation,
    NetworkFigure,
    Past,
    Recourse,
)
from explain.reasons import Reason
from explain.sentences import Told, tell
from explain.wording import Language
from model.inputs import WINDOW_WEEKS, Window
from sources.correction import figure_to_json
from sources.figure import CorrectedFigure

SCHEMA = "klarwert-explanation/1"
_SCHEMA_FILE = Path(__file__).with_name("explanation.schema.json")


@cache
def explanation_schema() -> Mapping[str, Any]:
    """The JSON Schema, for everybody."""
    schema: dict[str, Any] = json.loads(_SCHEMA_FILE.read_bytes())
    return schema


def explanation_to_json(about: Explanation, language: Language = Language.EN) -> dict[str, Any]:
    """An explanation as it goes out, its ten parts by name, with its sentences in one language."""
    result = about.result
    return {
        "schema": SCHEMA,
        "score": result.score,
        "exact": result.exact,
        "model": result.model,
        "features": result.features,
        "computed_at": about.computed_at.isoformat() if about.computed_at is not None else None,
        "earned": {"base": result.base, "criteria": [_earned(one) for one in about.earned]},
        "comparison": _comparison(about),
        "reasons": {
            "up": [_reason(one) for one in about.reasons.up],
            "down": [_reason(one) for one in about.reasons.down],
        },
        "inputs": [_input(one) for one in about.inputs],
        "pieces": [_piece(one) for one in about.inputs],
        "counterfactuals": counterfactuals_to_json(about.counterfactuals),
        "band": _band(about),
        "coverage": [_coverage(one) for one in about.coverage],
        "changes": _past(about.past) if about.past is not None else None,
        "recipients": _recipients(about),
        "corrections": [_correction(one) for one in about.corrections],
        "language": language.value,
        "words": _words(tell(about, language)),
    }


def _earned(one: EarnedPoints) -> dict[str, Any]:
    return {
        "criterion": one.criterion.value,
        "points": one.points,
        "shown_points": one.shown_points,
        "max_points": one.max_points,
        "networks": [
            {
                "platform": platform.value,
                "points": points,
                "shown_points": one.shown_by_network[platform],
            }
            for platform, points in one.by_network.items()
        ],
    }


def _comparison(about: Explanation) -> dict[str, Any]:
    view = about.comparison
    return {
        "base": view.base,
        "shown_base": view.shown_base,
        "criteria": [
            {
                "criterion": criterion.value,
                "points": points,
                "shown_points": view.shown_values[criterion],
            }
            for criterion, points in view.values.items()
        ],
    }


def _reason(one: Reason) -> dict[str, Any]:
    return {"code": one.code, "points": one.points}


def _input(one: CriterionInput) -> dict[str, Any]:
    return {
        "criterion": one.criterion.value,
        "value": one.value,
        "networks": [_figure(figure) for figure in one.networks],
    }


def _figure(one: NetworkFigure) -> dict[str, Any]:
    return {
        "platform": one.platform.value,
        "availability": one.availability.value,
        "figure": one.unit.figure.value if one.unit is not None else None,
        "factor": one.unit.factor if one.unit is not None else None,
        "set_by": one.unit.set_by.value if one.unit is not None else None,
        "own": one.own,
        "common": one.common,
        "source": one.source.value,
        "as_of": _day(one.as_of),
        "window": _window(one.window),
    }


def _piece(one: CriterionInput) -> dict[str, Any]:
    applied = one.piece
    return {
        "criterion": one.criterion.value,
        "origin": one.origin.value,
        "applied": None
        if applied is None
        else {
            "from_input": applied.from_input,
            "to_input": applied.to_input,
            "from_points": applied.from_points,
            "to_points": applied.to_points,
        },
    }


def _band(about: Explanation) -> dict[str, Any]:
    band = about.band
    return {
        "low": band.low,
        "high": band.high,
        "level": band.level,
        "lead_points": band.lead_points,
        "right_in_100": band.right_in_100,
        "learned": [criterion.value for criterion in band.learned],
    }


def _coverage(one: Coverage) -> dict[str, Any]:
    return {
        "platform": one.platform.value,
        "score": one.score,
        "source": one.source.value,
        "supplied_by": one.supplied_by.value,
        "weeks_seen": one.weeks_seen,
        "weeks": WINDOW_WEEKS,
        "posts": one.posts,
        "as_of": _day(one.as_of),
        "window": _window(one.window),
        "is_stale": one.is_stale,
    }


def _past(past: Past) -> dict[str, Any]:
    return {
        "status": past.status.value,
        "since": _day(past.since),
        "difference": _difference(past.changes) if past.changes is not None else None,
        "endings": [
            {
                "platform": one.platform.value,
                "ended_on": one.ended_on.isoformat(),
                "is_withdrawn": one.is_withdrawn,
            }
            for one in past.endings
        ],
    }


def _difference(made: Changes) -> dict[str, Any]:
    return {
        "score_before": made.before,
        "exact_before": made.exact_before,
        "steps": [
            {
                "kind": step.kind.value,
                "criterion": step.criterion.value,
                "platform": step.platform.value if step.platform is not None else None,
                "points": step.points,
                "shown_points": shown,
            }
            for step, shown in zip(made.steps, made.shown_points, strict=True)
        ],
        "shown_rounding": made.shown_rounding,
    }


def _recipients(about: Explanation) -> dict[str, Any]:
    disclosed = about.recipients
    return {
        "disclosed_to": list(disclosed) if disclosed is not None else None,
        "recourse": [{"way": way.value, "page": RECOURSE_PAGES.get(way)} for way in Recourse],
    }


def _correction(one: CorrectedFigure) -> dict[str, Any]:
    return {
        **figure_to_json(one.figure),
        "superseded": one.superseded,
        "value": one.value,
        "provenance": one.provenance.value,
        "corrected_at": one.corrected_at.isoformat(),
    }


def _words(told: Told) -> dict[str, Any]:
    return {
        "summary": list(told.summary),
        "earned": [told.earned, *(f"{one.name}: {one.points}" for one in told.criteria)],
        "comparison": list(told.comparison),
        "reasons": {"up": list(told.up), "down": list(told.down)},
        "inputs": {one.key: [one.measures, one.input, *one.figures] for one in told.criteria},
        "pieces": {one.key: [one.piece, one.origin] if one.piece else [one.origin] for one in told.criteria},
        "counterfactuals": [*told.singles, *told.together],
        "band": list(told.band),
        "coverage": list(told.coverage),
        "changes": [*told.past, *told.steps],
        "recipients": [*told.recipients, *told.recourse],
        "corrections": list(told.corrections),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _window(window: Window | None) -> list[str] | None:
    return None if window is None else [window.starts_on.isoformat(), window.ends_on.isoformat()]
