"""Who looked: every opening of a person's data by anybody but them, and every refused attempt.

The person reads it on their own page within the moment it commits: when, for what purpose, in which role
(an alias at most, never a name), which fields, allowed or denied, and to whom something was disclosed
(GDPR Art. 15(1)(c); CJEU C-579/21, C-154/21). The same act stands in the log as `record.read`.

What a person shows to everybody may be opened by many: such openings are noted once an hour, with how
often (docs/decisions/0054).

A refusal undoes its transaction, so it is noted in another one right after (app/transaction.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action, ActorRole, Outcome
from audit.log import append
from vault.base import Base, by_value
from vault.desk import Denial, Vault
from vault.holding import Fate, Holding, Term
from vault.permit import Permit
from vault.subject import Subject

PAGE = 50  # of them on one page


class Shown(StrEnum):
    """Which of them."""

    ALL = "all"
    DONE = "done"
    DENIED = "denied"
    DISCLOSED = "disclosed"


class AccessEvent(Base):
    """One look at one person's data by somebody else, or one refused attempt."""

    __tablename__ = "access_event"
    __holding__ = Holding(
        what="Who looked at the data or was refused: when, in which role, for which purpose, which fields",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="two years",
        ends=(Term("at", timedelta(days=730)),),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "at": "when",
            "role": "in which role",
            "alias": "the alias of a member of staff",
            "scope": "for which purpose",
            "fields": "which fields",
            "outcome": "allowed or denied",
            "reason": "why it was denied, as a code",
            "recipient": "to whom something was disclosed",
            "times": "how often, where the openings of an hour are one row",
        },
        copied_to="access_log.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    at: Mapped[datetime]
    role: Mapped[ActorRole] = mapped_column(by_value(ActorRole))
    alias: Mapped[str | None] = mapped_column(String(60))
    scope: Mapped[str] = mapped_column(String(200))
    fields: Mapped[str] = mapped_column(String(1000))  # names of columns or of disclosed fields, by blanks
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome))
    reason: Mapped[str | None] = mapped_column(String(60))
    recipient: Mapped[str | None] = mapped_column(String(200))
    times: Mapped[int] = mapped_column(default=1, server_default="1")  # over 1: a visitor, in one hour


def note_read(vault: Vault, permit: Permit, *fields: str) -> None:
    """Note that what lies under a permit was opened, unless the person looks at their own.

    Args:
        fields: which, as `table.column`.
    """
    if vault.actor == ActorRole.SUBJECT:
        return
    append(vault, Action.RECORD_READ, subject_id=permit.subject_id, scope=permit.scope, basis=permit.basis)
    _note(vault, permit.subject_id, permit.scope, fields, Outcome.DONE)


def note_disclosure(vault: Vault, permit: Permit, recipient: str, fields: Sequence[str]) -> None:
    """Note to whom fields were handed over; the log entry is the caller's, committed before they leave."""
    _note(vault, permit.subject_id, permit.scope, fields, Outcome.DONE, recipient=recipient)


def note_opening(vault: Vault, permit: Permit, field: str) -> None:
    """Note that a visitor opened a field that its person shows to everybody, before it leaves.

    The first opening within an hour of the clock is an entry in the log and a row; each further one is
    counted in that row, in the same transaction in which it is opened.
    """
    hour = vault.now().replace(minute=0, second=0, microsecond=0)
    vault.flush()
    counted = vault.connection.execute(
        update(AccessEvent)
        .where(
            AccessEvent.subject_id == permit.subject_id,
            AccessEvent.role == ActorRole(vault.actor),
            AccessEvent.scope == permit.scope,
            AccessEvent.fields == field,
            AccessEvent.outcome == Outcome.DONE,
            AccessEvent.at >= hour,
        )
        .values(times=AccessEvent.times + 1)
    )
    if counted.rowcount == 0:
        note_read(vault, permit, field)


def note_denials(vault: Vault, denials: Sequence[Denial]) -> None:
    """Note what was refused, in a transaction of its own; what a person tried themselves is only logged."""
    for denial in denials:
        if vault.session.get(Subject, denial.subject_id) is None:  # erased meanwhile: there is nobody to tell
            continue
        append(
            vault,
            Action(denial.action),
            subject_id=denial.subject_id,
            scope=denial.scope,
            outcome=Outcome.DENIED,
        )
        if vault.actor != ActorRole.SUBJECT:
            _note(vault, denial.subject_id, denial.scope, (), Outcome.DENIED, reason=denial.reason)


def find_accesses(
    vault: Vault, subject_id: UUID, shown: Shown, *, offset: int, most: int
) -> Sequence[AccessEvent]:
    """Some of them, newest first."""
    conditions: dict[Shown, list[ColumnElement[bool]]] = {
        Shown.ALL: [],
        Shown.DONE: [AccessEvent.outcome == Outcome.DONE, AccessEvent.recipient.is_(None)],
        Shown.DENIED: [AccessEvent.outcome == Outcome.DENIED],
        Shown.DISCLOSED: [AccessEvent.recipient.is_not(None)],
    }
    statement = (
        select(AccessEvent)
        .where(AccessEvent.subject_id == subject_id, *conditions[shown])
        .order_by(AccessEvent.at.desc(), AccessEvent.id)
    )
    return vault.session.scalars(statement.offset(offset).limit(most)).all()


def accesses(vault: Vault, subject_id: UUID) -> Sequence[AccessEvent]:
    """Every look and every refusal, newest first."""
    statement = (
        select(AccessEvent)
        .where(AccessEvent.subject_id == subject_id)
        .order_by(AccessEvent.at.desc(), AccessEvent.id)
    )
    return vault.session.scalars(statement).all()


def _note(
    vault: Vault,
    subject_id: UUID,
    scope: str,
    fields: Sequence[str],
    outcome: Outcome,
    *,
    reason: str | None = None,
    recipient: str | None = None,
) -> None:
    vault.session.add(
        AccessEvent(
            subject_id=subject_id,
            at=vault.now(),
            role=ActorRole(vault.actor),
            alias=vault.alias,
            scope=scope,
            fields=" ".join(fields),
            outcome=outcome,
            reason=reason,
            recipient=recipient,
        )
    )
