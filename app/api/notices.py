"""Where recipients acknowledge the notices they were sent (app/noticing.py); no person signs in here."""

from uuid import UUID

from flask import Response, request
from marshmallow import Schema, fields

from app.api.answering import answer_nothing
from app.api.asking import body
from app.api.fields import Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.noticing import acknowledge
from rights.notice import Answer as Answered
from rights.notice_outbox import NoticeGone

views = api_blueprint("notices")


class AcknowledgementSchema(Schema):
    """How far a recipient is."""

    request_status = fields.Enum(
        Answered,
        by_value=Text,
        required=True,
        metadata={"description": "OpenDSR; `completed` and `cancelled` (nothing is held) are final"},
    )


@views.post("/notices/<uuid:notice_id>/acknowledgement")
@operation(
    Operation(
        "Acknowledge a notice of Art. 19, as its recipient: the notice's own token is the bearer token",
        Answer(204, "Noted"),
        takes=AcknowledgementSchema,
        refuses=(NoticeGone,),
        is_public=True,
        places={"notice_id": {"type": "string", "format": "uuid"}},
        example={"request_status": "completed"},
    )
)
def acknowledge_notice(notice_id: UUID) -> Response:
    said = body(AcknowledgementSchema)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip() if scheme.lower() == "bearer" else ""
    acknowledge(this_house(), notice_id, token, said["request_status"])
    return answer_nothing()
