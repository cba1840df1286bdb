"""Where a brand's machines are told of events, what was told, and what nobody took."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from app.api.answering import answer, answer_nothing
from app.api.asking import body, query
from app.api.brand_asking import AnyUseSchema, brand_blueprint, caller
from app.api.fields import Count, Instant, Text
from app.api.operation import Answer, Operation, operation
from app.current import house as this_house
from app.webhooks import shown_secret
from perks.client import ApiScope
from perks.webhook import (
    CHOSEN_FROM,
    LONGEST_URL,
    BrandWebhook,
    WebhookEvent,
    WebhookUnfit,
    WebhookUnknown,
    add_webhook,
    challenge,
    remove_webhook,
    require_webhook,
    webhooks_of,
)
from perks.webhook_outbox import messages_to, send_again

views = brand_blueprint("webhooks")
WEBHOOK = {"webhook_id": {"type": "string", "format": "uuid"}}
MESSAGE = {"message_id": {"type": "string", "format": "uuid"}}


class NewWebhookSchema(Schema):
    """An address, and of what it is to be told."""

    url = Text(required=True, validate=Length(min=1, max=LONGEST_URL), metadata={"description": "https"})
    events = fields.List(
        fields.Enum(WebhookEvent, by_value=Text, validate=OneOf(sorted(CHOSEN_FROM))),
        required=True,
        validate=Length(min=1),
    )


class WebhookSchema(Schema):
    """One address; without `confirmed_at` it has not answered its challenge, and is told nothing else."""

    id = fields.UUID(required=True)
    url = fields.String(required=True)
    events = fields.List(fields.Enum(WebhookEvent, by_value=fields.String), required=True)
    created_at = Instant(required=True)
    confirmed_at = Instant(required=True, allow_none=True)


class MadeWebhookSchema(Schema):
    """A new one, with the secret that signs: shown now and never again."""

    webhook = fields.Nested(WebhookSchema, required=True)
    secret = fields.String(required=True)


class WebhooksSchema(Schema):
    """All of them, the oldest first."""

    webhooks = fields.List(fields.Nested(WebhookSchema), required=True)


class MessageSchema(Schema):
    """One message: what it was about, and how far it got. `state`: `pending`, `sent` or `dead`."""

    id = fields.UUID(required=True)
    event = fields.Enum(WebhookEvent, by_value=fields.String, required=True)
    state = fields.String(required=True, validate=OneOf(("pending", "sent", "dead")))
    attempts = Count(required=True)
    created_at = Instant(required=True)
    due_at = Instant(required=True)
    last_failure = fields.String(required=True, allow_none=True)


class MessagesSchema(Schema):
    """The last hundred, the newest first."""

    messages = fields.List(fields.Nested(MessageSchema), required=True)


@views.get("/brand/webhooks")
@operation(
    Operation(
        "The brand's addresses that are told of events",
        Answer(200, "All of them", (WebhooksSchema,)),
        asks=AnyUseSchema,
        scope=ApiScope.WEBHOOKS_WRITE,
    )
)
def list_webhooks() -> Response:
    query(AnyUseSchema)
    with this_house().open_reading_vault("recipient") as vault:
        found = [_said(one) for one in webhooks_of(vault, caller().recipient.id)]
    return answer({"webhooks": found})


@views.post("/brand/webhooks")
@operation(
    Operation(
        "Register an address: it is sent a challenge, and told of events once it answered it",
        Answer(201, "The address and its secret", (MadeWebhookSchema,)),
        takes=NewWebhookSchema,
        refuses=(WebhookUnfit,),
        scope=ApiScope.WEBHOOKS_WRITE,
        example={"url": "https://shop.example/hooks", "events": ["participation.consented"]},
    )
)
def register_webhook() -> Response:
    said, brand = body(NewWebhookSchema), caller().recipient
    with this_house().open_vault("recipient", brand.slug) as vault:
        made, secret = add_webhook(vault, brand.id, said["url"], said["events"])
        shown = _said(made)
    return answer({"webhook": shown, "secret": shown_secret(secret)}, 201)


@views.post("/brand/webhooks/<uuid:webhook_id>/challenge")
@operation(
    Operation(
        "Have an address tried again",
        Answer(204, "It is sent a challenge with the next round"),
        refuses=(WebhookUnknown,),
        places=WEBHOOK,
        scope=ApiScope.WEBHOOKS_WRITE,
    )
)
def challenge_webhook(webhook_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        challenge(vault, require_webhook(vault, caller().recipient.id, webhook_id))
    return answer_nothing()


@views.delete("/brand/webhooks/<uuid:webhook_id>")
@operation(
    Operation(
        "Take an address back, with every message to it",
        Answer(204, "Gone"),
        refuses=(WebhookUnknown,),
        places=WEBHOOK,
        scope=ApiScope.WEBHOOKS_WRITE,
    )
)
def take_back_webhook(webhook_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        remove_webhook(vault, caller().recipient.id, webhook_id)
    return answer_nothing()


@views.get("/brand/webhooks/<uuid:webhook_id>/messages")
@operation(
    Operation(
        "What an address was told, and what it did not take",
        Answer(200, "The last hundred", (MessagesSchema,)),
        asks=AnyUseSchema,
        refuses=(WebhookUnknown,),
        places=WEBHOOK,
        scope=ApiScope.WEBHOOKS_WRITE,
    )
)
def list_messages(webhook_id: UUID) -> Response:
    query(AnyUseSchema)
    with this_house().open_reading_vault("recipient") as vault:
        webhook = require_webhook(vault, caller().recipient.id, webhook_id)
        found = [
            {
                **{name: getattr(one, name) for name in ("id", "event", "attempts", "created_at", "due_at")},
                "last_failure": one.last_failure,
                "state": "sent" if one.sent_at else "dead" if one.dead_at else "pending",
            }
            for one in messages_to(vault, webhook.id)
        ]
    return answer(MessagesSchema().dump({"messages": found}))


@views.post("/brand/messages/<uuid:message_id>/resending")
@operation(
    Operation(
        "Have a message sent again, also one that was given up",
        Answer(204, "It is sent with the next round"),
        refuses=(WebhookUnknown,),
        places=MESSAGE,
        scope=ApiScope.WEBHOOKS_WRITE,
    )
)
def resend_message(message_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        send_again(vault, caller().recipient.id, message_id)
    return answer_nothing()


def _said(one: BrandWebhook) -> dict[str, Any]:
    names = ("id", "url", "created_at", "confirmed_at")
    said: dict[str, Any] = WebhookSchema().dump(
        {
            **{name: getattr(one, name) for name in names},
            "events": [WebhookEvent(event) for event in one.events.split()],
        }
    )
    return said
