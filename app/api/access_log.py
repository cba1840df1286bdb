"""Who looked at one's data, for programs; the same as the page /rights/access-log."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Range

from app.access_log import Access, access_page
from app.api.answering import answer
from app.api.asking import query, signed_in_within
from app.api.fields import Count, Instant, Text, Truth
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from audit.entry import ActorRole, Outcome
from consent.access import Shown
from consent.purpose import Purpose

views = api_blueprint("access_log")


class AccessLogQuerySchema(Schema):
    """Which, and which page of them."""

    show = fields.Enum(Shown, by_value=Text, load_default=Shown.ALL)
    page = fields.Integer(load_default=1, validate=Range(1, 10_000))


class AccessSchema(Schema):
    """One look or one refused attempt; `fields` are `table.column`, or names of what was disclosed."""

    at = Instant(required=True)
    role = fields.Enum(ActorRole, by_value=fields.String, required=True)
    alias = fields.String(required=True, allow_none=True)
    purpose = fields.Enum(Purpose, by_value=fields.String, required=True)
    about = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields")
    outcome = fields.Enum(Outcome, by_value=fields.String, required=True)
    reason = fields.String(required=True, allow_none=True)
    recipient = fields.String(required=True, allow_none=True)
    times = Count(required=True, metadata={"description": "over 1: openings by visitors within an hour"})


class AccessLogSchema(Schema):
    """One page, newest first; at most 50."""

    accesses = fields.List(fields.Nested(AccessSchema), required=True)
    page = Count(required=True)
    has_more = Truth(required=True)


@views.get("/access-log")
@operation(
    Operation(
        "Who looked at one's data or was refused, and to whom it was disclosed; not what one did oneself",
        Answer(200, "One page of at most 50, newest first", (AccessLogSchema,)),
        asks=AccessLogQuerySchema,
    )
)
def list_accesses() -> Response:
    house, asked = this_house(), query(AccessLogQuerySchema)
    with house.open_reading_vault() as vault:
        found = access_page(vault, signed_in_within(vault, house).subject_id, asked["show"], asked["page"])
    said = {
        "accesses": [_said(one) for one in found.accesses],
        "page": found.page,
        "has_more": found.has_more,
    }
    return answer(AccessLogSchema().dump(said))


def _said(one: Access) -> dict[str, Any]:
    names = ("at", "role", "alias", "outcome", "reason", "recipient", "times")
    told = {name: getattr(one.event, name) for name in names}
    return {**told, "purpose": one.scope.purpose, "about": one.scope.about, "fields_": one.fields}
