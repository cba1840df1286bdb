"""Disputing a figure of one's record, and what became of it (rights/rectification.py)."""

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from app.accounts import change_language
from app.api.answering import answer, answer_nothing
from app.api.asking import body, signed_in
from app.api.fields import Count, Instant, Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.api.refusing import refuse_fields
from app.current import house as this_house
from app.rectifying import STATEMENT_MOST, Asked, dispute_figure
from consent.errors import ConsentMissing
from consent.register import LANGUAGES
from rights.errors import FigureUnchanged
from rights.rectification import Standing, disputes
from rights.request import Channel
from sources.activity import IsoWeek, Metric, Platform
from sources.correction import MOST, week_of
from sources.errors import FigureUnknown
from sources.figure import CORRECTABLE, Figure

views = api_blueprint("rectifications")


class DisputeSchema(Schema):
    """Which figure is wrong, and what is right; `week` is null for a figure of the whole record."""

    platform = fields.Enum(Platform, by_value=Text, required=True)
    metric = fields.Enum(Metric, by_value=Text, required=True, validate=OneOf(CORRECTABLE))
    week = Text(required=True, allow_none=True, validate=Regexp(r"^[0-9]{4}-W[0-9]{2}$"))
    value = Count(required=True, validate=Range(0, MOST))
    statement = Text(required=True, validate=Length(1, STATEMENT_MOST))


class RectificationSchema(Schema):
    """One disputed figure: what it was, what is asked, what counts now, and how the dispute stands."""

    reference = fields.String(required=True)
    platform = fields.Enum(Platform, by_value=fields.String, required=True)
    metric = fields.Enum(Metric, by_value=fields.String, required=True)
    week = fields.String(required=True, allow_none=True)
    disputed = Count(required=True)
    asked = Count(required=True)
    present = Count(required=True, allow_none=True, metadata={"description": "null where it is gone"})
    statement = fields.String(required=True)
    disputed_at = Instant(required=True)
    standing = fields.Enum(Standing, by_value=fields.String, required=True)


class RectificationsSchema(Schema):
    """Every disputed figure, newest first."""

    rectifications = fields.List(fields.Nested(RectificationSchema), required=True)


class RectificationMadeSchema(Schema):
    """The request a dispute became; GET /rights/rectifications says how it stands."""

    reference = fields.String(required=True)


class OwnLanguageSchema(Schema):
    """The language of mails."""

    language = Text(required=True, validate=OneOf(LANGUAGES))


@views.get("/rights/rectifications")
@operation(Operation("Your disputed figures", Answer(200, "All of them", (RectificationsSchema,))))
def list_rectifications() -> Response:
    subject_id = signed_in(this_house()).subject_id
    with this_house().open_reading_vault() as vault:
        found = disputes(vault, subject_id)
    rows = [
        {
            "reference": one.reference,
            "platform": one.figure.platform,
            "metric": one.figure.metric,
            "week": str(one.figure.week) if one.figure.week is not None else None,
            "disputed": one.disputed,
            "asked": one.asked,
            "present": one.present,
            "statement": one.statement,
            "disputed_at": one.disputed_at,
            "standing": one.standing,
        }
        for one in found
    ]
    return answer(RectificationsSchema().dump({"rectifications": rows}))


@views.post("/rights/rectifications")
@operation(
    Operation(
        "Say that a figure is wrong and what is right (Art. 16)",
        Answer(201, "It is marked as disputed, and a person decides", (RectificationMadeSchema,)),
        takes=DisputeSchema,
        refuses=(ConsentMissing, FigureUnchanged, FigureUnknown),
        example={
            "platform": "x",
            "metric": "followers",
            "week": None,
            "value": 1200,
            "statement": "My archive was made on a day when the counter stood still.",
        },
    )
)
def dispute_one() -> Response:
    house = this_house()
    subject_id, sent = signed_in(house).subject_id, body(DisputeSchema)
    figure = Figure(sent["platform"], sent["metric"], _week(sent["week"]))
    asked = Asked(figure, sent["value"], sent["statement"])
    reference = dispute_figure(house, subject_id, asked, Channel.API)
    return answer({"reference": reference}, 201)


@views.put("/account/language")
@operation(
    Operation(
        "Correct the language of mails",
        Answer(204, "Mails are in this language from now on"),
        takes=OwnLanguageSchema,
        example={"language": "de"},
    )
)
def set_language() -> Response:
    house = this_house()
    change_language(house, signed_in(house).subject_id, body(OwnLanguageSchema)["language"])
    return answer_nothing()


def _week(text: str | None) -> IsoWeek | None:
    try:
        return week_of(text)
    except ValueError:
        refuse_fields({"week": ["There is no such week."]})
