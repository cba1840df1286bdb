"""Notices to recipients: whoever was handed something learns of its erasure, correction or freeze (Art. 19).

    pending ─▶ sent ─▶ acknowledged          what to say: here; carrying it there: app/noticing.py
       └────────┴─────▶ escalated            after N days without a word: staff look after it by hand

A notice names the person by the pseudonym its recipient knows and by nothing else, so it outlives their
erasure without leading to them. It is OpenDSR-shaped, because brands' systems read that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from consent.disclosure import known_to
from consent.recipient import Recipient
from vault.base import Base, by_value
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(hours=12)
KEPT = timedelta(days=730)  # what a recipient answered about somebody who still has an account


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


FINAL = frozenset({Answer.COMPLETED, Answer.CANCELLED})


class NoticeGone(DomainError):
    """No such notice, not its token, or acknowledged already."""

    slug = "notice-gone"
    title = "Notice is not open"

    def __init__(self) -> None:
        super().__init__("There is no open notice with this token.")


class RecipientNotice(Base):
    """One notice to one recipient about one person it knows by a pseudonym."""

    __tablename__ = "recipient_notice"
    __holding__ = Holding(
        what="Notices to recipients that something was erased, corrected or frozen: the recipient, the name "
        "it knows a person by, and what it answered",
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
    state: Mapped[NoticeState] = mapped_column(by_value(NoticeState), index=True)
    answer: Mapped[Answer | None] = mapped_column(by_value(Answer))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]  # of the next attempt
    sent_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Told:
    """One recipient and what it was told, for the person's page and the certificate."""

    recipient_id: UUID
    recipient: str
    kind: NoticeKind
    state: NoticeState
    answer: Answer | None
    at: datetime


def notify_recipients(
    vault: Vault, subject_id: UUID, kind: NoticeKind, fields: Sequence[str] = ()
) -> tuple[Recipient, ...]:
    """Queue a notice to everybody who was ever handed something of a person; returns whom.

    Args:
        fields: what it is about; none: everything the recipient has.

    Source: GDPR Art. 19.
    """
    told = []
    for known in known_to(vault, subject_id):
        vault.session.add(
            RecipientNotice(
                id=uuid4(),
                recipient_id=known.recipient.id,
                kind=kind,
                pseudonym=known.pseudonym,
                fields=" ".join(fields),
                state=NoticeState.PENDING,
                created_at=vault.now(),
                due_at=vault.now(),
            )
        )
        told.append(known.recipient)
    return tuple(told)


def notices_about(vault: Vault, subject_id: UUID) -> tuple[Told, ...]:
    """What recipients were told about a person and what they answered, newest first."""
    known_as = {known.pseudonym: known.recipient for known in known_to(vault, subject_id)}
    statement = (
        select(RecipientNotice)
        .where(RecipientNotice.pseudonym.in_(known_as))
        .order_by(RecipientNotice.created_at.desc(), RecipientNotice.id)
    )
    return tuple(
        Told(one.recipient_id, known_as[one.pseudonym].name, one.kind, one.state, one.answer, one.created_at)
        for one in vault.session.scalars(statement)
    )


def find_due(vault: Vault) -> tuple[UUID, ...]:
    """The notices to send now."""
    statement = (
        select(RecipientNotice.id)
        .where(RecipientNotice.acknowledged_at.is_(None), RecipientNotice.due_at <= vault.now())
        .order_by(RecipientNotice.due_at)
    )
    return tuple(vault.session.scalars(statement))


def begin_attempt(vault: Vault, notice_id: UUID) -> tuple[RecipientNotice, Recipient] | None:
    """Count an attempt and put the next one off, before anything is sent; None if there is no need any more.

    Rests grow from a minute to half a day, so two workers never send the same notice at the same time, and
    one that was killed while sending leaves a notice that is sent again.
    """
    statement = select(RecipientNotice).where(RecipientNotice.id == notice_id).with_for_update()
    notice = vault.session.scalar(statement)
    if notice is None or notice.acknowledged_at is not None or notice.due_at > vault.now():
        return None
    notice.due_at = vault.now() + min(FIRST_REST * 2 ** min(notice.attempts, 12), LONGEST_REST)
    notice.attempts += 1
    recipient = vault.session.get(Recipient, notice.recipient_id)
    return (notice, recipient) if recipient is not None else None


def note_taken(vault: Vault, notice_id: UUID, answer: Answer) -> None:
    """Note what a recipient answered; a final answer ends the notice, any other lets it be asked again.

    Raises:
        NoticeGone: acknowledged already, or never there.
    """
    statement = select(RecipientNotice).where(RecipientNotice.id == notice_id).with_for_update()
    notice = vault.session.scalar(statement)
    if notice is None or notice.acknowledged_at is not None:
        raise NoticeGone
    if notice.sent_at is None:
        notice.sent_at = vault.now()
        append(vault, Action.NOTICE_SENT, scope=_scope(notice), basis="gdpr-19")
    notice.answer = answer
    if answer in FINAL:
        notice.state, notice.acknowledged_at = NoticeState.ACKNOWLEDGED, vault.now()
        notice.ends_at = vault.now() + (timedelta() if notice.kind is NoticeKind.ERASURE else KEPT)
        append(vault, Action.NOTICE_ACKNOWLEDGED, scope=_scope(notice), basis="gdpr-19")
    elif notice.state is NoticeState.PENDING:
        notice.state = NoticeState.SENT


def escalate(vault: Vault, after: timedelta) -> int:
    """Put notices that nobody acknowledged in time before the staff; returns how many are new there."""
    statement = select(RecipientNotice).where(
        RecipientNotice.created_at <= vault.now() - after,
        or_(RecipientNotice.state == NoticeState.PENDING, RecipientNotice.state == NoticeState.SENT),
    )
    late = vault.session.scalars(statement).all()
    for notice in late:
        notice.state = NoticeState.ESCALATED
        append(vault, Action.NOTICE_ESCALATED, scope=_scope(notice), basis="gdpr-19")
    return len(late)


def escalated(vault: Vault) -> Sequence[tuple[RecipientNotice, Recipient]]:
    """What staff have to look after, oldest first."""
    statement = (
        select(RecipientNotice, Recipient)
        .join(Recipient)
        .where(RecipientNotice.state == NoticeState.ESCALATED)
        .order_by(RecipientNotice.created_at)
    )
    return [(notice, recipient) for notice, recipient in vault.session.execute(statement)]


def document(notice: RecipientNotice, callback: str, token: str) -> dict[str, Any]:
    """The notice as its recipient reads it.

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
        "fields": notice.fields.split(),
        "status_callback_url": callback,
        "status_callback_token": token,
    }


def _scope(notice: RecipientNotice) -> str:
    return f"notice/{notice.kind}"
