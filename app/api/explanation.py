"""The score explained: ten parts as JSON, with the same in sentences; and the JSON Schema they follow.

`GET /score` stays lean; whoever wants the reasons, the counterfactuals and what changed asks here.
"""

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Range

from app.api.answering import answer
from app.api.asking import query, signed_in_within
from app.api.fields import Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.score import absent_score
from app.current import house as this_house
from explain.explanation_json import explanation_schema, explanation_to_json
from explain.report import score_explanation
from explain.wording import Language

views = api_blueprint("explanation")


class ExplanationQuerySchema(Schema):
    """In which language the sentences are, and to which score the counterfactuals lead."""

    target = fields.Integer(validate=Range(1, 100), metadata={"description": "by default five points more"})
    language = fields.Enum(Language, by_value=Text, load_default=Language.EN)


@views.get("/score/explanation")
@operation(
    Operation(
        "The score explained in ten parts, as numbers and in sentences",
        Answer(200, "As in GET /score/explanation/schema; without a score, as GET /score says it"),
        asks=ExplanationQuerySchema,
    )
)
def show_explanation() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        subject_id = signed_in_within(vault, house).subject_id
        asked = query(ExplanationQuerySchema)
        about = score_explanation(vault, subject_id, asked.get("target"))
        if about is None:
            return answer(absent_score(vault, subject_id))
        explained: dict[str, Any] = explanation_to_json(about, asked["language"])
    return answer(explained)


@views.get("/score/explanation/schema")
@operation(
    Operation(
        "The JSON Schema of an explanation, for everybody",
        Answer(200, "JSON Schema, draft 2020-12"),
        is_public=True,
    )
)
def show_explanation_schema() -> Response:
    return answer(explanation_schema())
