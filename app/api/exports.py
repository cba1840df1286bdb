"""A copy of everything: asked for with the password, followed, fetched once by the token that asked."""

from uuid import UUID

from flask import Response, url_for
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from app.accounts import CredentialsWrong, reauthenticate
from app.api.answering import answer
from app.api.asking import body, signed_in
from app.api.fields import Count, Instant, Text
from app.api.operation import ZIP, Answer, Operation, api_blueprint, operation
from app.copy_file import copy_file, require_fetching
from app.current import house as this_house
from app.exports import (
    ANSWERED_BY_COPY,
    ExportRunning,
    ExportUnknown,
    ask_for_copy,
    fetch_copy,
    find_export,
)
from app.jobs import JobState
from rights.request import Channel, Right

views = api_blueprint("exports")
_EXPORT_KEY = {"key": {"type": "string", "format": "uuid"}}


class ExportWishSchema(Schema):
    """A wish for a copy: the password once more, and the right it is asked for under."""

    password = Text(required=True, metadata={"format": "password"})
    right = fields.Enum(Right, by_value=fields.String, required=True, validate=OneOf(ANSWERED_BY_COPY))


class ExportSchema(Schema):
    """How far a copy is; fetched, over, or asked for with another token, it is not there."""

    id = fields.UUID(required=True)
    state = fields.Enum(JobState, by_value=fields.String, required=True)
    problem = fields.String(required=True, allow_none=True)
    reference = fields.String(required=True)
    bytes = Count(required=True)
    asked_at = Instant(required=True)
    made_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True)


@views.post("/exports")
@operation(
    Operation(
        "Ask for a copy of everything (GDPR Art. 15, 20)",
        Answer(202, "It is being made", (ExportSchema,), headers={"Location": "how far it is"}),
        takes=ExportWishSchema,
        refuses=(CredentialsWrong, ExportRunning),
        example={"password": "three words and more", "right": "access"},
    )
)
def ask() -> Response:
    house = this_house()
    session = signed_in(house)
    wish = body(ExportWishSchema)
    reauthenticate(house, session, wish["password"])
    copy_id = ask_for_copy(house, session, wish["right"], Channel.API)
    said = ExportSchema().dump(find_export(house, session, copy_id))
    return answer(said, 202, {"Location": url_for("api_exports.show_export", key=copy_id)})


@views.get("/exports/<uuid:key>")
@operation(
    Operation(
        "How far a copy is",
        Answer(200, "The copy, until it is fetched", (ExportSchema,)),
        refuses=(ExportUnknown,),
        places=_EXPORT_KEY,
    )
)
def show_export(key: UUID) -> Response:
    house = this_house()
    return answer(ExportSchema().dump(find_export(house, signed_in(house), key)))


@views.get("/exports/<uuid:key>/copy")
@operation(
    Operation(
        "Fetch a copy: once, within 15 minutes, with the token that asked",
        Answer(200, "The zip; it is gone from here", media_type=ZIP),
        refuses=(ExportUnknown,),
        places=_EXPORT_KEY,
    )
)
def fetch_export(key: UUID) -> Response:
    require_fetching()
    house = this_house()
    return copy_file(fetch_copy(house, signed_in(house), key))
