"""What a person's browser asks: not to sell or share (Global Privacy Control), heeded by the gate.

    heard     once a session: a log entry, and the row that stops every purpose with `heeds_signal`
    it stops  every consent given before, and every one given without saying “all the same”
    it never  grants, erases, or ends a consent: what was given stands in the history as before

It holds for the person and not for the session: a browser that is silent later brings nothing back by itself
(docs/decisions/0053). Which header it is, and when a session hears it: app/signals.py.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from consent.purpose import Scope
from consent.record import Latest
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding
from vault.subject import Subject, lock_subject

OBJECTION = "gdpr-21-5"  # by automated means, with technical specifications


class BrowserSignal(Base):
    """That a browser of one data subject asked not to share, first and last."""

    __tablename__ = "browser_signal"
    __holding__ = Holding(
        what="That your browser asked not to share (Global Privacy Control): when first and when last",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until the account is erased",
        source="the person's browser",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"first_seen_at": "when first", "last_seen_at": "when a session last brought it"},
        copied_to="data/browser_signal.jsonl",
    )

    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


_COLUMNS = BrowserSignal.__table__.c
_SINCE = select(_COLUMNS.first_seen_at).where(_COLUMNS.subject_id == bindparam("subject"))


def hear(vault: Vault, subject_id: UUID) -> None:
    """Record that a session of this person asks not to share; from this commit on the gate heeds it.

    Source: GDPR Art. 21(5); W3C Global Privacy Control.
    """
    lock_subject(vault, subject_id)
    known = vault.session.get(BrowserSignal, subject_id)
    if known is None:
        now = vault.now()
        vault.session.add(BrowserSignal(subject_id=subject_id, first_seen_at=now, last_seen_at=now))
    else:
        known.last_seen_at = vault.now()
    append(vault, Action.SIGNAL_SEEN, subject_id=subject_id, basis=OBJECTION)


def heard_since(vault: Vault, subject_id: UUID) -> datetime | None:
    """Since when a browser of this person asks not to share; None: none ever did."""
    since: datetime | None = vault.connection.execute(_SINCE, {"subject": subject_id}).scalar()
    return since


def is_stopped(vault: Vault, subject_id: UUID, scope: Scope, given: Latest) -> bool:
    """Whether a consent in force is off, because a browser asks not to share and it says nothing of that."""
    return scope.rule.heeds_signal and not given.despite_signal and heard_since(vault, subject_id) is not None
