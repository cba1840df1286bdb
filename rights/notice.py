"""Notices to recipients: whoever was handed something learns of its erasure, correction or freeze (Art. 19).

    pending ─▶ sent ─▶ acknowledged          what to say: here; when, and what was answered: notice_outbox.py
       └────────┴─────▶ escalated            after N days without a word: staff look after it by hand

A notice names the person by the pseudonym its recipient knows and by nothing else, so it outlives their
erasure without leading to them. It is OpenDSR-shaped, because brands' systems read that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.disclosure import Disclosed, disclosures, known_to
from consent.purpose import Purpose
from consent.recipient import Recipient
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Term

KIND = "recipient-notice+jws"  # of the signature that goes with a notice


class NoticeKind(StrEnum):
    """What the recipient is to carry out, as OpenDSR calls it where it has a word."""

    ERASURE = "erasure"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    RESTRICTION_LIFTED = "restriction-lifted"


class NoticeState(StrEnum):
    """How far a notice is."""

    PENDING = "pending"
    SENT = "sent"  # taken, and not yet said to be carried out
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"  # too long without a word; still tried


class Answer(StrEnum):
    """What a recipient may answer (OpenDSR `request_status`)."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"  # it holds nothing of this person


class ByHand(StrEnum):
    """How staff learned that a recipient carried a notice out, or that nobody is left to do it."""

    LETTER = "letter"
    MAIL = "mail"
    TELEPHONE = "telephone"
    NOT_THERE = "not-there"  # the recipient is no more: Art. 19, impossible


class RecipientNotice(Base):
    """One notice to one recipient about one person it knows by a pseudonym."""

    __tablename__ = "recipient_notice"
    __holding__ = Holding(
        what="Notices to recipients that something was erased, corrected or frozen: the recipient, the name "
        "it knows a person by, and what it answered or staff noted for it",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until acknowledged; two years after that where the account goes on",
        source="the service",
        fate=Fate.KEPT,
        kept_because="Art. 19, 17(3)(b): the recipient must learn of it and answer; the name is known to "
        "that recipient alone and leads nowhere here",
        ends=(Term("ends_at"),),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Recipient.id), index=True)
    kind: Mapped[NoticeKind] = mapped_column(by_value(NoticeKind))
    pseudonym: Mapped[str] = mapped_column(String(32), index=True)
    fields: Mapped[str] = mapped_column(String(500))  # which fields it is about, by blanks; empty: all
    about: Mapped[str | None] = mapped_column(String(200))  # under which scope they were had; None: any
    state: Mapped[NoticeState] = mapped_column(by_value(NoticeState), index=True)
    answer: Mapped[Answer | None] = mapped_column(by_value(Answer))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]  # of the next attempt
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    last_failure: Mapped[str | None] = mapped_column(String(20))  # of the last attempt, a closed word
    by_hand: Mapped[ByHand | None] = mapped_column(by_value(ByHand))
    confirmed_by: Mapped[str | None] = mapped_column(String(31))  # the alias, where staff noted it


@dataclass(frozen=True)
class Told:
    """One recipient and what it was told, for the person's page and the certificate."""

    recipient_id: UUID
    recipient: str
    kind: NoticeKind
    state: NoticeState
    answer: Answer | None
    at: datetime
    about: str | None  # under which scope it had that; None: any
    fields: tuple[str, ...]  # none: all it had
    acknowledged_at: datetime | None
    by_hand: ByHand | None


def notify_recipients(
    vault: Vault, subject_id: UUID, kind: NoticeKind, fields: Sequence[str] = ()
) -> tuple[Recipient, ...]:
    """Queue a notice to everybody who was ever handed something of a person; returns whom.

    Args:
        fields: what it is about; none: everything the recipient has.

    Source: GDPR Art. 19.
    """
    known = known_to(vault, subject_id)
    for one in known:
        _queue(vault, one, kind, fields)
    return tuple(one.recipient for one in known)


def notify_of_ended_shares(vault: Vault) -> None:
    """Queue an erasure for what was had under every consent to share that ended in this transaction.

    Whoever ended it: called once before every commit (app/transaction.py), so no way of ending is left out.

    Source: GDPR Art. 17(1)(b), 19.
    """
    for subject_id, scope in vault.ended:
        if scope.partition("/")[0] != Purpose.BRAND_SHARE:
            continue
        handed = [one for one in disclosures(vault, subject_id) if one.scope == scope]
        if handed:
            fields = sorted({field for one in handed for field in one.values})
            _queue(vault, handed[0], NoticeKind.ERASURE, fields, scope)


def notices_about(vault: Vault, subject_id: UUID) -> tuple[Told, ...]:
    """What recipients were told about a person and what they answered, newest first."""
    known_as = {known.pseudonym: known.recipient for known in known_to(vault, subject_id)}
    statement = (
        select(RecipientNotice)
        .where(RecipientNotice.pseudonym.in_(known_as))
        .order_by(RecipientNotice.created_at.desc(), RecipientNotice.id)
    )
    return tuple(_told(one, known_as[one.pseudonym]) for one in vault.session.scalars(statement))


def _told(one: RecipientNotice, recipient: Recipient) -> Told:
    return Told(
        recipient_id=one.recipient_id,
        recipient=recipient.name,
        kind=one.kind,
        state=one.state,
        answer=one.answer,
        at=one.created_at,
        about=one.about,
        fields=tuple(one.fields.split()),
        acknowledged_at=one.acknowledged_at,
        by_hand=one.by_hand,
    )


def _queue(
    vault: Vault, known: Disclosed, kind: NoticeKind, fields: Sequence[str], about: str | None = None
) -> None:
    notice_id = uuid4()
    vault.noticed.append((known.recipient.id, notice_id))
    vault.session.add(
        RecipientNotice(
            id=notice_id,
            recipient_id=known.recipient.id,
            kind=kind,
            pseudonym=known.pseudonym,
            fields=" ".join(fields),
            about=about,
            state=NoticeState.PENDING,
            created_at=vault.now(),
            due_at=vault.now(),
        )
    )


def document(notice: RecipientNotice, callback: str, token: str) -> dict[str, Any]:
    """The notice as its recipient reads it: what it had before `submitted_time`, and nothing it got later.

    Source: OpenDSR (opengdpr) request, with the identity and the token of this notice.
    """
    return {
        "api_version": "3.0",
        "subject_request_id": str(notice.id),
        "subject_request_type": notice.kind.value,
        "submitted_time": notice.created_at.isoformat(timespec="seconds"),
        "subject_identities": [
            {"identity_type": "controller_customer_id", "identity_value": notice.pseudonym}
        ],
        "scope": notice.about,
        "fields": notice.fields.split(),
        "status_callback_url": callback,
        "status_callback_token": token,
    }
