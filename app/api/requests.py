"""Requests about one's rights: asking, seeing how far they are, replying, taking them back."""

from dataclasses import replace
from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length

from app.api.answering import answer
from app.api.asking import body, signed_in
from app.api.fields import Instant, Text, Truth
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.requests import RequestView, reply, take_in, view_whole, views_of, withdraw_request
from rights.clock import ExtensionReason
from rights.errors import RequestStateWrong, RequestUnknown
from rights.request import Channel, ItemOutcome, RequestState, Right

views = api_blueprint("requests")
WORDS_MOST = 4000
PLACES = {"reference": {"type": "string", "pattern": "^R-[0-9A-HJKMNP-TV-Z]{8}$"}}


class AskSchema(Schema):
    """A demand: which right, and in the person's own words."""

    right = fields.Enum(Right, by_value=Text, required=True)
    words = Text(required=True, validate=Length(1, WORDS_MOST))


class WordsSchema(Schema):
    """What the person says about a request."""

    words = Text(required=True, validate=Length(1, WORDS_MOST))


class LineSchema(Schema):
    """One thing that was said: by `person`, by `service`, or by staff under an alias."""

    at = Instant(required=True)
    by = fields.String(required=True)
    text = fields.String(required=True)


class ItemSchema(Schema):
    """What became of one part of what was asked."""

    what = fields.String(required=True)
    outcome = fields.Enum(ItemOutcome, by_value=fields.String, required=True)


class AuthoritySchema(Schema):
    """The supervisory authority one may complain to."""

    name = fields.String(required=True)
    url = fields.String(required=True)


class RequestSchema(Schema):
    """A request and how far it is; `due_on` is the last day on which an answer is in time."""

    reference = fields.String(required=True)
    right = fields.Enum(Right, by_value=fields.String, required=True)
    state = fields.Enum(RequestState, by_value=fields.String, required=True)
    channel = fields.Enum(Channel, by_value=fields.String, required=True)
    received_at = Instant(required=True)
    due_on = fields.Date(required=True)
    is_open = Truth(required=True)
    is_resting = Truth(required=True, metadata={"description": "the clock rests for an identity answer"})
    extended_at = Instant(required=True, allow_none=True)
    extension_reason = fields.Enum(ExtensionReason, by_value=fields.String, required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    duplicate_of = fields.String(required=True, allow_none=True)


class RequestWholeSchema(RequestSchema):
    """The same with what was said, what became of each part, and who to complain to; it costs nothing."""

    lines = fields.List(fields.Nested(LineSchema), required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    authority = fields.Nested(AuthoritySchema, required=True)
    is_free = Truth(required=True)


class RequestsSchema(Schema):
    """Every request, newest first."""

    requests = fields.List(fields.Nested(RequestSchema), required=True)


@views.get("/requests")
@operation(Operation("Every request about one's rights", Answer(200, "The requests", (RequestsSchema,))))
def list_requests() -> Response:
    subject_id = signed_in(this_house()).subject_id
    with this_house().open_reading_vault() as vault:
        shown = [_shown(one) for one in views_of(vault, subject_id)]
    return answer(RequestsSchema().dump({"requests": shown}))


@views.post("/requests")
@operation(
    Operation(
        "Demand something in one's own words; the clock runs from this moment",
        Answer(201, "Received: its reference and the day the answer is due", (RequestWholeSchema,)),
        takes=AskSchema,
        example={"right": "access", "words": "Please send me everything you hold about me."},
    )
)
def open_request() -> Response:
    house, session, asked = this_house(), signed_in(this_house()), body(AskSchema)
    channel = Channel.MAIL_CODE if session.is_by_code else Channel.API
    with house.open_vault("subject") as vault:
        reference = take_in(vault, session.subject_id, asked["right"], channel, asked["words"]).reference
    return _whole(reference, 201)


@views.get("/requests/<reference>")
@operation(
    Operation(
        "One request, with everything that was said",
        Answer(200, "The request", (RequestWholeSchema,)),
        refuses=(RequestUnknown,),
        places=PLACES,
    )
)
def show_request(reference: str) -> Response:
    return _whole(reference)


@views.post("/requests/<reference>/replies")
@operation(
    Operation(
        "Say something about an open request; one that waited for it goes on",
        Answer(200, "The request as it now stands", (RequestWholeSchema,)),
        takes=WordsSchema,
        refuses=(RequestUnknown, RequestStateWrong),
        places=PLACES,
        example={"words": "The red lighthouse, please."},
    )
)
def reply_to_request(reference: str) -> Response:
    house, subject_id = this_house(), signed_in(this_house()).subject_id
    words = body(WordsSchema)["words"]
    with house.open_vault("subject") as vault:
        reply(vault, subject_id, reference, words)
    return _whole(reference)


@views.post("/requests/<reference>/withdrawal")
@operation(
    Operation(
        "Take a request back",
        Answer(200, "The request, closed", (RequestWholeSchema,)),
        refuses=(RequestUnknown, RequestStateWrong),
        places=PLACES,
    )
)
def take_back_request(reference: str) -> Response:
    house, subject_id = this_house(), signed_in(this_house()).subject_id
    with house.open_vault("subject") as vault:
        withdraw_request(vault, subject_id, reference)
    return _whole(reference)


def _whole(reference: str, status: int = 200) -> Response:
    house, subject_id = this_house(), signed_in(this_house()).subject_id
    with house.open_reading_vault() as vault:
        found = view_whole(vault, subject_id, reference)
    shown = _shown(found) | {"authority": house.config.controller.authority, "is_free": True}
    return answer(RequestWholeSchema().dump(shown), status)


def _shown(found: RequestView) -> dict[str, Any]:
    reason = found.extension_reason
    return vars(replace(found)) | {"extension_reason": ExtensionReason(reason) if reason else None}
