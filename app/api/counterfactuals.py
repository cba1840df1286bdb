"""What would have to change for a score, from the newest sealed inputs; nothing of it is stored.

What goes out is made by explain/counterfactual/answers.py; its answers follow `counterfactuals` in the
JSON Schema of the explanation.
"""

from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Equal, Length, Range

from app.api.answering import answer
from app.api.asking import signed_in_within
from app.api.fields import Count, Instant, Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.refusing import refuse_fields
from app.api.score import absent_score
from app.api.score_schemas import ScoreAbsentSchema
from app.current import house as this_house
from explain.counterfactual.answers import HIGHEST, LOWEST, counterfactuals, counterfactuals_to_json
from explain.report import ScoreReport, score_report
from model.card import PointsCard
from model.inputs import Criterion
from model.units import pool

HELD_FIXED = "held_fixed"
_ANSWER = {"description": "as in GET /score/explanation/schema: changes, or the reason why there are none"}

views = api_blueprint("counterfactuals")


class CounterfactualQuerySchema(Schema):
    """Which score is asked about, and what shall stay as it is; `held_fixed` may be given several times."""

    target = fields.Integer(
        validate=Range(LOWEST, HIGHEST), metadata={"description": "by default five points more"}
    )
    held_fixed = fields.List(
        fields.Enum(Criterion, by_value=Text),
        load_default=list,
        metadata={"description": "what `least_effort` leaves as it is; may be given several times"},
    )


class CounterfactualsSchema(Schema):
    """For each criterion what it alone would have to be, and the least effort over several."""

    status = fields.String(required=True, validate=Equal("computed"))
    score = Count(required=True, validate=Range(LOWEST, HIGHEST))
    exact = fields.Float(required=True)
    target = Count(required=True, validate=Range(LOWEST, HIGHEST))
    held_fixed = fields.List(fields.Enum(Criterion, by_value=fields.String), required=True)
    singles = fields.List(fields.Dict(metadata=_ANSWER), required=True, validate=Length(equal=len(Criterion)))
    least_effort = fields.Dict(required=True, metadata=_ANSWER)
    model = fields.String(required=True, metadata={"description": "digest of the points card"})
    computed_at = Instant(required=True)


@views.get("/score/counterfactuals")
@operation(
    Operation(
        "What would have to change for a score of `target`: exact, and rounded so that it keeps its promise",
        Answer(
            200,
            "An answer for each criterion and the least effort; without a score, why there is none",
            (CounterfactualsSchema, ScoreAbsentSchema),
        ),
        asks=CounterfactualQuerySchema,
    )
)
def show_counterfactuals() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        subject_id = signed_in_within(vault, house).subject_id
        asked = _asked()
        report = score_report(vault, subject_id)
        if report is None or report.card is None:
            return answer(absent_score(vault, subject_id))
    return answer(_found(report, report.card, asked))


def _asked() -> dict[str, Any]:
    """The query; only `held_fixed` is a list, so any other name given twice is of no valid form."""
    given = {
        name: values if len(values) > 1 or name == HELD_FIXED else values[0]
        for name, values in request.args.lists()
    }
    try:
        asked: dict[str, Any] = CounterfactualQuerySchema().load(given)
    except ValidationError as error:
        refuse_fields(error.messages_dict)
    return asked


def _found(report: ScoreReport, card: PointsCard, asked: dict[str, Any]) -> dict[str, Any]:
    pooled = pool([network.inputs for network in report.result.networks], card.units)
    found = counterfactuals(card, pooled, asked.get("target"), frozenset(asked[HELD_FIXED]))
    return {
        "status": "computed",
        **counterfactuals_to_json(found),
        "model": card.digest,
        "computed_at": report.computed_at.isoformat(),
    }
