"""Restricting processing and objecting to it (rights/restriction.py, rights/objection.py)."""

from uuid import UUID

from flask import Response, abort
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from app.api.answering import answer, answer_nothing
from app.api.asking import body, signed_in
from app.api.fields import Instant, Text, Truth
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.limiting import (
    STATEMENT_MOST,
    end_own_objection,
    end_own_restrictions,
    make_objection,
    restrict_processing,
    standing,
)
from consent.limits import Ground
from rights.objection import About
from rights.request import Channel
from rights.restriction import GROUNDS

views = api_blueprint("limiting")
_STATEMENT = {"description": "in one's own words; sealed, and read by whoever weighs it"}


class RestrictSchema(Schema):
    """A ground of Art. 18(1)."""

    ground = fields.Enum(Ground, by_value=Text, required=True, validate=OneOf(GROUNDS))
    statement = Text(required=True, validate=Length(max=STATEMENT_MOST), metadata=_STATEMENT)


class ObjectSchema(Schema):
    """What one objects to."""

    about = fields.Enum(About, by_value=Text, required=True)
    statement = Text(required=True, validate=Length(max=STATEMENT_MOST), metadata=_STATEMENT)


class RestrictedSchema(Schema):
    """One restriction in force."""

    ground = fields.Enum(Ground, by_value=fields.String, required=True)
    since = Instant(required=True)


class LimitsSchema(Schema):
    """What stands still."""

    restricted = fields.List(fields.Nested(RestrictedSchema), required=True)
    lift_announced = Truth(required=True, metadata={"description": "staff told the person that it will end"})
    objected = fields.List(fields.Enum(About, by_value=fields.String), required=True)


class ObjectionSchema(Schema):
    """An objection that was made: it stands from now on, and is weighed afterwards."""

    about = fields.Enum(About, by_value=fields.String, required=True)
    reference = fields.String(required=True, metadata={"description": "of the request"})


@views.get("/rights/limits")
@operation(Operation("What stands still for you", Answer(200, "What has not ended", (LimitsSchema,))))
def show_limits() -> Response:
    return _limits(signed_in(this_house()).subject_id)


@views.post("/rights/restriction")
@operation(
    Operation(
        "Restrict processing, from this answer on (Art. 18)",
        Answer(200, "What now stands still", (LimitsSchema,)),
        takes=RestrictSchema,
        example={"ground": "18-1-a", "statement": "My followers are miscounted."},
    )
)
def restrict() -> Response:
    house = this_house()
    subject_id, asked = signed_in(house).subject_id, body(RestrictSchema)
    restrict_processing(house, subject_id, asked["ground"], asked["statement"], Channel.API)
    return _limits(subject_id)


@views.delete("/rights/restriction")
@operation(Operation("End every restriction", Answer(204, "Nothing is restricted any more")))
def end_restriction() -> Response:
    end_own_restrictions(this_house(), signed_in(this_house()).subject_id)
    return answer_nothing()


@views.post("/rights/objections")
@operation(
    Operation(
        "Object to processing: it stops first and is weighed afterwards (Art. 21)",
        Answer(201, "It has stopped", (ObjectionSchema,)),
        takes=ObjectSchema,
        example={"about": "statistics", "statement": ""},
    )
)
def make_one_objection() -> Response:
    house = this_house()
    subject_id, asked = signed_in(house).subject_id, body(ObjectSchema)
    reference = make_objection(house, subject_id, asked["about"], asked["statement"], Channel.API)
    return answer(ObjectionSchema().dump({"about": asked["about"], "reference": reference}), 201)


@views.delete("/rights/objections/<about>")
@operation(
    Operation(
        "Take an objection back",
        Answer(204, "It does not stand any more"),
        places={"about": {"type": "string", "enum": [about.value for about in About]}},
    )
)
def end_objection(about: str) -> Response:
    house = this_house()
    subject_id = signed_in(house).subject_id
    known = {one.value: one for one in About}
    end_own_objection(house, subject_id, known.get(about) or abort(404))
    return answer_nothing()


def _limits(subject_id: UUID) -> Response:
    with this_house().open_reading_vault() as vault:
        now = standing(vault, subject_id)
    return answer(
        LimitsSchema().dump(
            {
                "restricted": [{"ground": ground, "since": since} for ground, since in now.restricted],
                "lift_announced": now.lift_announced,
                "objected": now.objected,
            }
        )
    )
