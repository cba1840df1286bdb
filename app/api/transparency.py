"""The transparency report: counts in tens of at least ten people, for everybody."""

from flask import Response
from marshmallow import Schema, fields

from app.api.answering import answer
from app.api.fields import Count
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from consent.purpose import Purpose
from rights.request import Right
from rights.transparency import transparency

views = api_blueprint("transparency")
_FEW = {"description": "in tens; null where fewer than ten"}


class ConsentingSchema(Schema):
    """People with a consent in force for one purpose."""

    purpose = fields.Enum(Purpose, by_value=fields.String, required=True)
    people = Count(required=True, allow_none=True, metadata=_FEW)


class RequestFiguresSchema(Schema):
    """Requests about one right."""

    right = fields.Enum(Right, by_value=fields.String, required=True)
    received = Count(required=True, allow_none=True, metadata=_FEW)
    fulfilled = Count(required=True, allow_none=True, metadata=_FEW)
    refused = Count(required=True, allow_none=True, metadata=_FEW)
    median_days = Count(
        required=True,
        allow_none=True,
        metadata={"description": "from receipt to answer; null where fewer than ten were answered"},
    )


class ReviewFiguresSchema(Schema):
    """People's looks at scores: how many and shares in tens, over at least ten people."""

    reviews = Count(required=True)
    changed_percent = Count(required=True)
    refused_percent = Count(required=True)
    median_days = Count(required=True)


class TransparencySchema(Schema):
    """How many, never who."""

    people = Count(required=True, allow_none=True, metadata=_FEW)
    consenting = fields.List(fields.Nested(ConsentingSchema), required=True)
    requests = fields.List(fields.Nested(RequestFiguresSchema), required=True)
    breaches = Count(required=True)
    reviews = fields.Nested(
        ReviewFiguresSchema,
        required=True,
        allow_none=True,
        metadata={"description": "null where fewer than ten people were answered"},
    )


@views.get("/transparency")
@operation(
    Operation(
        "How many people, consents, requests, reviews and breaches there are, in tens of at least ten",
        Answer(200, "The figures as they stand", (TransparencySchema,)),
        is_public=True,
    )
)
def show_transparency() -> Response:
    with this_house().open_reading_vault("system") as vault:
        figures = transparency(vault)
    return answer(
        TransparencySchema().dump(
            {
                "people": figures.people,
                "consenting": [
                    {"purpose": purpose, "people": people} for purpose, people in figures.consenting.items()
                ],
                "requests": [{"right": right, **vars(one)} for right, one in figures.requests.items()],
                "breaches": figures.breaches,
                "reviews": vars(figures.reviews) if figures.reviews is not None else None,
            }
        )
    )
