"""The outbox of messages to brands' machines: which are due, how long they rest, and what nobody took.

    due -> attempt counted, next one put off -> sent -> taken | due again | after ten attempts: a dead letter

A dead letter is kept for 30 days, seen by the brand, and sent again when it says so.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from consent.recipient import Recipient
from perks.webhook import BrandWebhook, WebhookDelivery, WebhookEvent, WebhookUnknown
from vault.desk import Vault

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=12)
MOST_ATTEMPTS = 10  # the last one about eight and a half hours after the first
SENT_KEPT = timedelta(days=7)
DEAD_KEPT = timedelta(days=30)
AT_ONCE = 200
SHOWN = 100


def find_due(vault: Vault) -> Sequence[tuple[UUID, UUID]]:
    """The messages to send now, each with its address, the longest due first."""
    statement = (
        select(WebhookDelivery.id, WebhookDelivery.webhook_id)
        .where(
            WebhookDelivery.sent_at.is_(None),
            WebhookDelivery.dead_at.is_(None),
            WebhookDelivery.due_at <= vault.now(),
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(AT_ONCE)
    )
    return [(message, webhook) for message, webhook in vault.session.execute(statement)]


def begin_attempt(vault: Vault, message_id: UUID) -> tuple[WebhookDelivery, BrandWebhook] | None:
    """Count an attempt and put the next one off, before anything is sent; None if there is no need any more.

    So two workers never send the same message at the same time, and one that was killed while sending leaves
    a message that is sent again. To a suspended brand nothing goes out; its messages rest meanwhile.
    """
    message = _find_open(vault, message_id)
    if message is None or message.due_at > vault.now():
        return None
    message.due_at = vault.now() + min(FIRST_REST * 2**message.attempts, LONGEST_REST)
    message.attempts += 1
    webhook = vault.session.get_one(BrandWebhook, message.webhook_id)
    if vault.session.get_one(Recipient, webhook.recipient_id).suspended_at is not None:
        _note(vault, message, "suspended")
        return None
    return message, webhook


def note_taken(vault: Vault, message_id: UUID) -> None:
    """Note that a message was taken; an address that answered its challenge may be told of events."""
    message = _find_open(vault, message_id)
    if message is None:
        return
    message.sent_at, message.last_failure = vault.now(), None
    message.ends_at = vault.now() + SENT_KEPT
    if message.event is WebhookEvent.CHALLENGE:
        webhook = vault.session.get_one(BrandWebhook, message.webhook_id)
        webhook.confirmed_at = webhook.confirmed_at or vault.now()


def note_failure(vault: Vault, message_id: UUID, failure: str) -> None:
    """Note why a message was not taken, as a closed word; after the last attempt it is a dead letter."""
    message = _find_open(vault, message_id)
    if message is not None:
        _note(vault, message, failure)


def messages_to(vault: Vault, webhook_id: UUID) -> Sequence[WebhookDelivery]:
    """The last messages to one address, the newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    newest = statement.order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id).limit(SHOWN)
    return vault.session.scalars(newest).all()


def send_again(vault: Vault, recipient_id: UUID, message_id: UUID) -> None:
    """Have a message sent with the next round, dead or taken: with its own name, so that it counts once.

    Raises:
        WebhookUnknown: none, or to another brand's address.
    """
    statement = (
        select(WebhookDelivery)
        .join(BrandWebhook, BrandWebhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.id == message_id, BrandWebhook.recipient_id == recipient_id)
        .with_for_update(of=WebhookDelivery)
    )
    message = vault.session.scalar(statement)
    if message is None:
        raise WebhookUnknown
    message.attempts, message.due_at = 0, vault.now()
    message.sent_at = message.dead_at = message.ends_at = None


def _find_open(vault: Vault, message_id: UUID) -> WebhookDelivery | None:
    statement = select(WebhookDelivery).where(WebhookDelivery.id == message_id).with_for_update()
    message = vault.session.scalar(statement)
    is_open = message is not None and message.sent_at is None and message.dead_at is None
    return message if is_open else None


def _note(vault: Vault, message: WebhookDelivery, failure: str) -> None:
    message.last_failure = failure
    if message.attempts >= MOST_ATTEMPTS:
        message.dead_at, message.ends_at = vault.now(), vault.now() + DEAD_KEPT
