"""Where a brand's machines are told of events: addresses with a secret each, what was told and given up.

Owners alone set addresses: what is told names people by pseudonym. Sending again is anybody's who edits.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.errors import status_of
from app.forms import Form, read_form, require_form
from app.pages.brand_door import acting, for_brand, looking, slug
from app.webhooks import shown_secret
from perks.team import Role
from perks.webhook import (
    CHOSEN_FROM,
    LONGEST_URL,
    BrandWebhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookUnfit,
    add_webhook,
    challenge,
    remove_webhook,
    require_webhook,
    webhooks_of,
)
from perks.webhook_outbox import messages_to, send_again
from vault.desk import Vault

pages = Blueprint("brand_webhooks", __name__)
EVENTS = {f"event_{event.name.lower()}": event for event in WebhookEvent if event in CHOSEN_FROM}
SAID = ("tried", "removed", "again")


class WebhookForm(Form):
    """An address, and of what it is to be told."""

    url = fields.String(required=True)
    event_consented = fields.String(load_default="")
    event_withdrawn = fields.String(load_default="")
    event_post_submitted = fields.String(load_default="")
    event_label_checked = fields.String(load_default="")
    event_offer_closed = fields.String(load_default="")
    event_notice_waiting = fields.String(load_default="")


class WhichForm(Form):
    """Which address."""

    webhook = fields.UUID(required=True)


class MessageForm(Form):
    """Which message."""

    message = fields.UUID(required=True)


@pages.get("/brand/<slug>/webhooks")
@for_brand()
def show() -> ResponseReturnValue:
    return _page({})


@pages.post("/brand/<slug>/webhooks")
@for_brand(Role.OWNER)
def make() -> ResponseReturnValue:
    values, unusable = read_form(WebhookForm())
    if unusable:
        return _page(values, unfit="url"), 422
    events = [event for name, event in EVENTS.items() if values[name]]
    try:
        with acting() as (vault, member):
            made, secret = add_webhook(vault, member.brand.recipient_id, values["url"].strip(), events)
            shown = {"url": made.url, "secret": shown_secret(secret)}
    except WebhookUnfit as refusal:
        return _page(values, unfit=refusal.facts["field"]), status_of(refusal)
    # On the answer itself: the secret is not shown again, so no address could lead to it.
    return _page({}, made=shown)


@pages.post("/brand/<slug>/webhooks/try")
@for_brand(Role.OWNER)
def try_again() -> ResponseReturnValue:
    webhook_id = require_form(WhichForm())["webhook"]
    with acting() as (vault, member):
        challenge(vault, require_webhook(vault, member.brand.recipient_id, webhook_id))
    return _back("tried")


@pages.post("/brand/<slug>/webhooks/remove")
@for_brand(Role.OWNER)
def remove() -> ResponseReturnValue:
    webhook_id = require_form(WhichForm())["webhook"]
    with acting() as (vault, member):
        remove_webhook(vault, member.brand.recipient_id, webhook_id)
    return _back("removed")


@pages.post("/brand/<slug>/webhooks/send-again")
@for_brand(Role.EDITOR)
def again() -> ResponseReturnValue:
    message_id = require_form(MessageForm())["message"]
    with acting() as (vault, member):
        send_again(vault, member.brand.recipient_id, message_id)
    return _back("again")


def _page(values: dict[str, Any], *, made: dict[str, str] | None = None, unfit: object = None) -> str:
    said = request.args.get("said")
    with looking() as (vault, member):
        return render_template(
            "brand-webhooks.html",
            member=member,
            webhooks=_with_messages(vault, member.brand.recipient_id),
            made=made,
            values=values,
            unfit=unfit,
            events=EVENTS,
            longest=LONGEST_URL,
            is_owner=member.role is Role.OWNER,
            may_edit=member.role.includes(Role.EDITOR),
            said=said if said in SAID else None,
        )


def _with_messages(
    vault: Vault, recipient_id: UUID
) -> list[tuple[BrandWebhook, list[tuple[WebhookDelivery, str]]]]:
    """Every address with its last messages, and how far each got."""
    return [
        (webhook, [(one, _state(one)) for one in messages_to(vault, webhook.id)])
        for webhook in webhooks_of(vault, recipient_id)
    ]


def _state(message: WebhookDelivery) -> str:
    return "sent" if message.sent_at else "dead" if message.dead_at else "pending"


def _back(said: str) -> ResponseReturnValue:
    return redirect(url_for("brand_webhooks.show", slug=slug(), said=said), 303)
