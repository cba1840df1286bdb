"""What a brand's machines are told by themselves: that something happened, never what it says about anybody.

    event -> one line for every address that wants it, in the same transaction -> sent later (app/webhooks.py)

An address is tried before it is used: it has to answer a challenge. A line names an offer, the pseudonym this
brand knows, or a notice, and nothing else; whoever wants to know more asks the API, where everything is on
record. What happens before somebody agreed to share is told to nobody.

Source: GDPR Art. 5(1)(c); Standard Webhooks.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.disclosure import pseudonym
from consent.recipient import Recipient, is_fit_address, require_recipient
from vault.base import Base, by_value
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.subject import Subject

MOST_WEBHOOKS = 5
LONGEST_URL = 500
SECRET_BYTES = 32


class WebhookEvent(StrEnum):
    """What may be told."""

    CONSENTED = "participation.consented"
    WITHDRAWN = "participation.withdrawn"
    POST_SUBMITTED = "post.submitted"
    LABEL_CHECKED = "post.label-checked"
    OFFER_CLOSED = "offer.closed"
    NOTICE_WAITING = "notice.waiting"
    CHALLENGE = "webhook.challenge"  # whether the address is whose it is said to be


CHOSEN_FROM = frozenset(WebhookEvent) - {WebhookEvent.CHALLENGE}


class WebhookUnknown(DomainError):
    """The brand has no such address, or no such message to one: the same for both."""

    slug = "webhook-unknown"
    title = "Unknown webhook"

    def __init__(self) -> None:
        super().__init__("The brand has no such webhook.")


class WebhookUnfit(DomainError):
    """An address cannot be told anything as described."""

    slug = "webhook-unfit"
    title = "Webhook cannot be used as described"

    def __init__(self, field: str) -> None:
        super().__init__(f"This field cannot be used: {field}.", field=field)


class BrandWebhook(Base):
    """One address of one brand that wants to be told."""

    __tablename__ = "brand_webhook"
    __holding__ = Holding(
        what="Addresses at which brands' machines are told of events, with the secret that signs (sealed)",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until the brand takes it back",
        source="the brand",
        fate=Fate.NOT_PERSONAL,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Recipient.id), index=True)
    url: Mapped[str] = mapped_column(String(LONGEST_URL))
    events: Mapped[str] = mapped_column(String(300))  # by blanks
    row_version: Mapped[int] = mapped_column(default=1)
    secret: Mapped[bytes]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    def wants(self, event: WebhookEvent) -> bool:
        """Whether it is to be told of an event."""
        return event.value in self.events.split()


class WebhookDelivery(Base):
    """One message to one address."""

    __tablename__ = "webhook_delivery"
    # A row names a person by both or by neither: what it says of somebody goes with their account.
    __table_args__ = (
        CheckConstraint("(subject_id IS NULL) = (pseudonym IS NULL)", name="about_nobody_or_an_account"),
    )
    __holding__ = Holding(
        what="Messages to a brand's machines that something happened in your part in an offer",
        purpose="brand.share",
        basis="gdpr-6-1-a",
        retained="a week after it was sent; 30 days where it could not be",
        ends=(Term("ends_at"),),
        source="the steps of the participation",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "webhook_id": "which address of the brand",
            "event": "what happened",
            "offer_id": "in which offer",
            "pseudonym": "the name under which that brand knows you",
            "notice_id": "which notice, where it is about one",
            "due_at": "when it is tried next",
            "sent_at": "when it was taken",
            "dead_at": "when it was given up",
            "last_failure": "why the last attempt failed",
            "ends_at": "when this row is deleted",
        },
        copied_to="perks/webhook_messages.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey(BrandWebhook.id, ondelete="CASCADE"), index=True)
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey(Subject.id), index=True)
    event: Mapped[WebhookEvent] = mapped_column(by_value(WebhookEvent))
    offer_id: Mapped[UUID | None]
    pseudonym: Mapped[str | None] = mapped_column(String(32))
    notice_id: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_failure: Mapped[str | None] = mapped_column(String(20))  # a closed word
    ends_at: Mapped[datetime | None]


def add_webhook(
    vault: Vault, recipient_id: UUID, url: str, events: Collection[WebhookEvent]
) -> tuple[BrandWebhook, bytes]:
    """Register an address; returns the secret that signs, which is shown now and never again.

    Raises:
        WebhookUnfit: not https, no event, or one address too many.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not is_fit_address(url):
        raise WebhookUnfit("url")
    if not events or not set(events) <= CHOSEN_FROM:
        raise WebhookUnfit("events")
    if len(webhooks_of(vault, recipient_id)) >= MOST_WEBHOOKS:
        raise WebhookUnfit("number")
    made = BrandWebhook(
        id=uuid4(),
        recipient_id=recipient_id,
        url=url,
        events=" ".join(sorted(events)),
        row_version=1,
        created_at=vault.now(),
    )
    secret = secrets.token_bytes(SECRET_BYTES)
    made.secret = vault.seal_stock(recipient_id, made.cell("secret"), secret)
    vault.session.add(made)
    vault.flush()
    challenge(vault, made)
    return made, secret


def webhooks_of(vault: Vault, recipient_id: UUID) -> Sequence[BrandWebhook]:
    """A brand's addresses, the oldest first."""
    statement = select(BrandWebhook).where(BrandWebhook.recipient_id == recipient_id)
    return vault.session.scalars(statement.order_by(BrandWebhook.created_at, BrandWebhook.id)).all()


def require_webhook(vault: Vault, recipient_id: UUID, webhook_id: UUID) -> BrandWebhook:
    """One of them.

    Raises:
        WebhookUnknown: none, or another brand's.
    """
    found = vault.session.get(BrandWebhook, webhook_id)
    if found is None or found.recipient_id != recipient_id:
        raise WebhookUnknown
    return found


def remove_webhook(vault: Vault, recipient_id: UUID, webhook_id: UUID) -> None:
    """Take an address back, with every message to it.

    Raises:
        WebhookUnknown: none, or another brand's.
    """
    vault.session.delete(require_webhook(vault, recipient_id, webhook_id))


def secret_of(vault: Vault, webhook: BrandWebhook) -> bytes:
    """What signs messages to an address."""
    return vault.unseal_stock(webhook.recipient_id, webhook.cell("secret"), webhook.secret)


def challenge(vault: Vault, webhook: BrandWebhook) -> None:
    """Have an address tried; it is told nothing else before it answered."""
    _queue(vault, webhook, WebhookEvent.CHALLENGE)


def tell_of_person(vault: Vault, event: WebhookEvent, brand: str, subject_id: UUID, offer_id: UUID) -> None:
    """Tell a brand that something happened with somebody who agreed to share with it."""
    recipient = require_recipient(vault, brand)
    if event is WebhookEvent.WITHDRAWN:
        _forget_unsent(vault, subject_id, offer_id)
    for webhook in _wanting(vault, recipient.id, event):
        known_as = pseudonym(vault, subject_id, recipient)
        _queue(vault, webhook, event, subject_id=subject_id, offer_id=offer_id, pseudonym=known_as)


def tell_of_offer(vault: Vault, event: WebhookEvent, recipient_id: UUID, offer_id: UUID) -> None:
    """Tell a brand that something happened with its offer."""
    for webhook in _wanting(vault, recipient_id, event):
        _queue(vault, webhook, event, offer_id=offer_id)


def tell_of_notices(vault: Vault) -> None:
    """Tell of every notice that was queued in this transaction: only that it is there, and which.

    Called once before every commit (app/transaction.py), so that rights need not know of this.
    """
    for recipient_id, notice_id in vault.noticed:
        for webhook in _wanting(vault, recipient_id, WebhookEvent.NOTICE_WAITING):
            _queue(vault, webhook, WebhookEvent.NOTICE_WAITING, notice_id=notice_id)


def _forget_unsent(vault: Vault, subject_id: UUID, offer_id: UUID) -> None:
    """What was not sent before a withdrawal is not sent after it."""
    vault.session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.subject_id == subject_id,
            WebhookDelivery.offer_id == offer_id,
            WebhookDelivery.sent_at.is_(None),
        )
    )


def _wanting(vault: Vault, recipient_id: UUID, event: WebhookEvent) -> Sequence[BrandWebhook]:
    return [
        webhook
        for webhook in webhooks_of(vault, recipient_id)
        if webhook.confirmed_at is not None and webhook.wants(event)
    ]


def _queue(
    vault: Vault,
    webhook: BrandWebhook,
    event: WebhookEvent,
    *,
    subject_id: UUID | None = None,
    offer_id: UUID | None = None,
    pseudonym: str | None = None,
    notice_id: UUID | None = None,
) -> None:
    vault.session.add(
        WebhookDelivery(
            id=uuid4(),
            webhook_id=webhook.id,
            subject_id=subject_id,
            event=event,
            offer_id=offer_id,
            pseudonym=pseudonym,
            notice_id=notice_id,
            attempts=0,
            created_at=vault.now(),
            due_at=vault.now(),
        )
    )
