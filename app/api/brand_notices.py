"""Notices of Art. 19 that a brand has still to carry out, and its answers; they are sent to it anyway."""

from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from app.api.answering import answer, answer_nothing
from app.api.asking import body, query
from app.api.brand_asking import FulfilmentSchema, brand_blueprint, caller
from app.api.fields import Instant
from app.api.notices import AcknowledgementSchema
from app.api.operation import Answer, Operation, operation
from app.current import house as this_house
from perks.client import ApiScope
from rights.notice import NoticeKind
from rights.notice_outbox import NoticeGone, note_answer, open_notices

views = brand_blueprint("notices")
NOTICE = {"notice_id": {"type": "string", "format": "uuid"}}


class OpenNoticeSchema(Schema):
    """One notice: what is to be done about whom."""

    id = fields.UUID(required=True)
    kind = fields.Enum(NoticeKind, by_value=fields.String, required=True)
    pseudonym = fields.String(required=True)
    about = fields.String(required=True, allow_none=True, metadata={"description": "null: whatever you had"})
    fields_ = fields.List(
        fields.String(), required=True, data_key="fields", metadata={"description": "none: all of it"}
    )
    since = Instant(required=True)


class OpenNoticesSchema(Schema):
    """All that are open, the longest waiting first."""

    notices = fields.List(fields.Nested(OpenNoticeSchema), required=True)


@views.get("/brand/notices")
@operation(
    Operation(
        "What is to be erased, corrected or left alone, and was not yet said to be",
        Answer(200, "The notices", (OpenNoticesSchema,)),
        asks=FulfilmentSchema,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def list_notices() -> Response:
    query(FulfilmentSchema)
    with this_house().open_reading_vault("recipient") as vault:
        said = [
            {
                "id": one.id,
                "kind": one.kind,
                "pseudonym": one.pseudonym,
                "about": one.about,
                "fields_": one.fields.split(),
                "since": one.created_at,
            }
            for one in open_notices(vault, caller().recipient.id)
        ]
    return answer(OpenNoticesSchema().dump({"notices": said}))


@views.post("/brand/notices/<uuid:notice_id>/acknowledgement")
@operation(
    Operation(
        "Say how far one of them is",
        Answer(204, "Noted"),
        takes=AcknowledgementSchema,
        refuses=(NoticeGone,),
        places=NOTICE,
        scope=ApiScope.PARTICIPANTS_READ,
        example={"request_status": "completed"},
    )
)
def answer_notice(notice_id: UUID) -> Response:
    said = body(AcknowledgementSchema)
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        note_answer(vault, caller().recipient.id, notice_id, said["request_status"])
    return answer_nothing()
