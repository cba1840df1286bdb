"""Who has something of one's data, for programs; the same as the page /rights/recipients."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length

from app.api.answering import answer
from app.api.asking import signed_in_within
from app.api.fields import Instant
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.recipients import Holder, holders
from consent.part import SharedField
from consent.purpose import Purpose
from consent.recipient import RecipientKind, TransferTool
from rights.notice import Answer as NoticeAnswer
from rights.notice import NoticeKind, NoticeState

views = api_blueprint("recipients")


class SentFieldSchema(Schema):
    """One field, with its value as sent."""

    field = fields.Enum(SharedField, by_value=fields.String, required=True)
    value = fields.String(required=True)


class HandoverSchema(Schema):
    """One handover: when, for what, and every field with its value."""

    at = Instant(required=True)
    purpose = fields.Enum(Purpose, by_value=fields.String, required=True)
    about = fields.String(required=True)
    fields_ = fields.List(fields.Nested(SentFieldSchema), required=True, data_key="fields")


class RecipientNoticeSchema(Schema):
    """What a recipient was told since (Art. 19), and what it answered; null: nothing so far."""

    at = Instant(required=True)
    kind = fields.Enum(NoticeKind, by_value=fields.String, required=True)
    state = fields.Enum(NoticeState, by_value=fields.String, required=True)
    answer = fields.Enum(NoticeAnswer, by_value=fields.String, required=True, allow_none=True)


class RecipientSchema(Schema):
    """One recipient by name; `pseudonym` is what it, and no other recipient, knows you by."""

    name = fields.String(required=True)
    kind = fields.Enum(RecipientKind, by_value=fields.String, required=True)
    country = fields.String(required=True, validate=Length(equal=2))
    transfer_tool = fields.Enum(TransferTool, by_value=fields.String, required=True, allow_none=True)
    contact = fields.String(required=True)
    pseudonym = fields.String(required=True, validate=Length(equal=32))
    handovers = fields.List(fields.Nested(HandoverSchema), required=True)
    notices = fields.List(fields.Nested(RecipientNoticeSchema), required=True)


class RecipientsSchema(Schema):
    """Everybody who was ever handed something, by name."""

    recipients = fields.List(fields.Nested(RecipientSchema), required=True)


@views.get("/account/recipients")
@operation(
    Operation(
        "Who was handed something of one's data: by name, with values as sent, and what they were told since",
        Answer(200, "The recipients; handovers and notices newest first", (RecipientsSchema,)),
    )
)
def list_recipients() -> Response:
    house = this_house()
    with house.open_reading_vault() as vault:
        found = holders(vault, signed_in_within(vault, house).subject_id)
    return answer(RecipientsSchema().dump({"recipients": [_said(one) for one in found]}))


def _said(one: Holder) -> dict[str, Any]:
    names = ("name", "kind", "country", "transfer_tool", "contact")
    return {
        **{name: getattr(one.recipient, name) for name in names},
        "pseudonym": one.pseudonym,
        "handovers": [
            {
                "at": handed.disclosed.at,
                "purpose": handed.scope.purpose,
                "about": handed.scope.about,
                "fields_": [
                    {"field": SharedField(field), "value": value}
                    for field, value in handed.disclosed.values.items()
                ],
            }
            for handed in one.handed
        ],
        "notices": [
            {name: getattr(told, name) for name in ("at", "kind", "state", "answer")} for told in one.told
        ],
    }
