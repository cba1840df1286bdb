"""The score with all its parts, one network's view of it, and its history.

What goes out is one flat mapping, made without marshmallow: this is the path every page of a client
takes. The schemas in score_schemas.py document it, and a test holds the two together.
"""

from typing import Any
from uuid import UUID

from flask import Response, request

from app.api.answering import answer
from app.api.asking import query, signed_in, signed_in_within
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.score_schemas import (
    HistorySchema,
    NetworkViewSchema,
    PlatformSchema,
    ScoreAbsentSchema,
    ScoreSchema,
)
from app.current import house as this_house
from app.jobs import JobKind, find_unfinished
from consent.errors import ConsentMissing
from consent.gate import permits_in_force, require_permit
from consent.purpose import Purpose, score_scope
from explain.attribution import View
from explain.report import ScoreReport, score_history, score_report
from sources.activity import Platform
from sources.store import find_batches
from vault.desk import Vault

views = api_blueprint("score")


@views.get("/score")
@operation(
    Operation(
        "The score and where each point comes from; with `platform`, the same card on that network alone",
        Answer(
            200,
            "The score, or why there is none: “not computed” is not 0",
            (ScoreSchema, ScoreAbsentSchema, NetworkViewSchema),
        ),
        asks=PlatformSchema,
        refuses=(ConsentMissing,),
    )
)
def show_score() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        subject_id = signed_in_within(vault, house).subject_id
        platform = query(PlatformSchema).get("platform") if request.query_string else None
        if platform is None:
            return answer(_whole_score(vault, subject_id))
        return answer(_one_network(vault, subject_id, platform))


@views.get("/score/history")
@operation(
    Operation("Every score that may still be read", Answer(200, "The scores, newest first", (HistorySchema,)))
)
def show_history() -> Response:
    subject_id = signed_in(this_house()).subject_id
    with this_house().open_reading_vault() as vault:
        return answer(HistorySchema().dump({"scores": score_history(vault, subject_id)}))


def _whole_score(vault: Vault, subject_id: UUID) -> dict[str, Any]:
    report = score_report(vault, subject_id)
    return score_json(report) if report is not None else absent_score(vault, subject_id)


def _one_network(vault: Vault, subject_id: UUID, platform: Platform) -> dict[str, Any]:
    require_permit(vault, subject_id, score_scope(platform))
    report = score_report(vault, subject_id)
    if report is not None and platform in report.platforms:
        return _network_view(report, platform)
    return absent_score(vault, subject_id, platform)


def score_json(report: ScoreReport) -> dict[str, Any]:
    """A report as it goes out: the parts as they were sealed, and what only today can say of them."""
    return {
        "status": "computed",
        **report.parts,
        "comparison": _view_json(report.comparison.comparison) if report.comparison is not None else None,
        "platforms": report.platforms,
        "is_stale": report.is_stale,
        "computed_at": report.computed_at.isoformat(),
    }


def _view_json(view: View) -> dict[str, Any]:
    return {
        "base": view.base_value,
        "values": view.values,
    }


def _network_view(report: ScoreReport, platform: Platform) -> dict[str, Any]:
    (network,) = (one for one in report.parts["networks"] if one["platform"] == platform)
    return {
        "status": "computed",
        **network,
        "points_in_score": {one["name"]: one["by_network"].get(platform) for one in report.parts["criteria"]},
        "model": report.parts["model"],
        "computed_at": report.computed_at.isoformat(),
    }


def absent_score(vault: Vault, subject_id: UUID, platform: Platform | None = None) -> dict[str, Any]:
    """No score, and why."""
    reason = _why_absent(vault, subject_id, platform)
    return {
        "status": "computing" if reason == "computing" else "not-computed",
        "score": None,
        "reason": reason,
    }


def _why_absent(vault: Vault, subject_id: UUID, platform: Platform | None) -> str:
    permitted = {scope.about for scope in permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)}
    wanted = permitted if platform is None else permitted & {platform.value}
    if not wanted:
        return "no-consent"
    unfinished = (find_unfinished(vault, subject_id, kind) for kind in (JobKind.IMPORT, JobKind.SCORE))
    if any(unfinished):
        return "computing"
    return "failed" if wanted & {batch.value for batch in find_batches(vault, subject_id)} else "no-import"
