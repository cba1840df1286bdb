"""Consent as a history: decisions are added, never changed (GDPR Art. 7(1), 7(3)).

The last decision about a scope that stands counts, by its number and not by the clock. A no, a wish that
waits for its confirmation, and history carried from elsewhere are records too, but change nothing that is in
force. The table and what is read of it; deciding: decision.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Row, Select, String, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from consent.purpose import Purpose, Scope
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding
from vault.subject import Subject


class Choice(StrEnum):
    """What a person may decide."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What a record says: a person's choice, or what became of it."""

    GIVEN = Choice.GIVEN
    REFUSED = Choice.REFUSED
    WITHDRAWN = Choice.WITHDRAWN
    REQUESTED = "requested"  # said, and not yet confirmed by mail: not in force
    EXPIRED = "expired"  # by the passing of its term; recorded by the service, decided by nobody
    REVOKED = "revoked"  # ended by staff, with a reason; staff can end a consent and never give one
    INVALIDATED = "invalidated"  # it never was a valid consent, and nothing rests on it any more
    CARRIED = "carried"  # brought from another installation as history: not in force


STANDING = frozenset(
    {Decision.GIVEN, Decision.WITHDRAWN, Decision.EXPIRED, Decision.REVOKED, Decision.INVALIDATED}
)


class Surface(StrEnum):
    """Where the decision was made."""

    PAGE = "page"
    API = "api"
    MAIL = "mail"  # by a link in a mail
    STAFF = "staff"
    NONE = "none"


class EndReason(StrEnum):
    """Why somebody other than the person ended a consent, or why it never was one."""

    NOT_BY_THE_PERSON = "not-by-the-person"  # somebody else used the account
    NOT_INFORMED = "not-informed"  # the words were wrong or incomplete (Art. 7(2), 13)
    NOT_FREE = "not-free"  # something was made to depend on it (Art. 7(4))
    TOO_YOUNG = "too-young"
    ENDED_BY_US = "ended-by-us"  # what it was for is not done any more
    MISUSE = "misuse"  # a recipient used it otherwise
    ORDERED = "ordered"  # by an authority or a court


@dataclass(frozen=True)
class Latest:
    """What counts about a scope: the last decision that stands, else the last one.

    number: of the last record, whatever it says; a decision names the number it saw.
    """

    number: int
    decision: Decision
    expires_at: datetime | None
    version: str = ""  # of the words it was about
    despite_signal: bool = False  # said in view of a browser that asks not to share (signal.py)

    def is_in_force(self, now: datetime) -> bool:
        """Whether it permits processing."""
        return self.decision is Decision.GIVEN and (self.expires_at is None or now < self.expires_at)


class ConsentRecord(Base):
    """One decision by one data subject about one scope; inserted, never updated."""

    __tablename__ = "consent_record"
    __table_args__ = (UniqueConstraint("subject_id", "purpose", "about", "number"),)
    __holding__ = Holding(
        what="Consent decisions: scope, decision, the version and digest of the words shown, when and where",
        purpose="account",
        basis="gdpr-6-1-c",
        retained="until the account is erased; the log keeps a keyed reference as proof (Art. 7(1))",
        source="the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "purpose": "the purpose decided on",
            "about": "what the purpose is about, e.g. the platform",
            "number": "its place among the decisions about the same",
            "decision": "given, refused, withdrawn or ended, or carried here as history",
            "carried_as": "what a decision carried here said where it was made",
            "notice_version": "the version of the words shown",
            "notice_language": "the language of the words shown",
            "notice_sha256": "digest of the words shown",
            "surface": "page or API",
            "decided_at": "when",
            "expires_at": "until when it holds",
            "log_entry_id": "the random name of its entry in the log",
            "despite_signal": "whether it was said although the browser asks not to share",
            "reason": "why it was ended by somebody else, as a code",
            "alias": "the alias of the member of staff who ended it",
        },
        copied_to="consents/events.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id))
    purpose: Mapped[Purpose] = mapped_column(by_value(Purpose))
    about: Mapped[str] = mapped_column(String(200))
    number: Mapped[int]  # 1, 2, … per subject and scope: two decisions at once cannot both count
    decision: Mapped[Decision] = mapped_column(by_value(Decision))
    carried_as: Mapped[Decision | None] = mapped_column(by_value(Decision))
    notice_version: Mapped[str] = mapped_column(String(20))
    notice_language: Mapped[str] = mapped_column(String(8))
    notice_sha256: Mapped[str] = mapped_column(String(64))
    surface: Mapped[Surface] = mapped_column(by_value(Surface))
    decided_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    log_entry_id: Mapped[str | None] = mapped_column(String(32))  # None: from before entries were named
    despite_signal: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[EndReason | None] = mapped_column(by_value(EndReason))
    alias: Mapped[str | None] = mapped_column(String(60))

    @property
    def scope(self) -> Scope:
        """The scope decided on."""
        return Scope(self.purpose, self.about)

    def is_in_force(self, now: datetime) -> bool:
        """Whether this decision, if it is the one that stands, permits processing."""
        return Latest(self.number, self.decision, self.expires_at).is_in_force(now)


# The gate stands on every path, so it reads columns and makes no objects. Later numbers come later.
_COLUMNS = ConsentRecord.__table__.c
_ALL_DECISIONS = (
    select(
        _COLUMNS.purpose,
        _COLUMNS.about,
        _COLUMNS.number,
        _COLUMNS.decision,
        _COLUMNS.expires_at,
        _COLUMNS.notice_version,
        _COLUMNS.despite_signal,
    )
    .where(_COLUMNS.subject_id == bindparam("subject"))
    .order_by(_COLUMNS.purpose, _COLUMNS.about, _COLUMNS.number)
)
_DECISIONS = _ALL_DECISIONS.where(_COLUMNS.purpose == bindparam("purpose"))


def history(vault: Vault, subject_id: UUID) -> Sequence[ConsentRecord]:
    """Every decision of a subject, oldest first."""
    statement = (
        select(ConsentRecord)
        .where(ConsentRecord.subject_id == subject_id)
        .order_by(ConsentRecord.decided_at, ConsentRecord.number)
    )
    return vault.session.scalars(statement).all()


def decisions(vault: Vault, subject_id: UUID, purpose: Purpose) -> dict[Scope, Latest]:
    """The decision that counts for every scope of one purpose, by what the gate needs of it."""
    return _latest(vault.connection.execute(_DECISIONS, {"subject": subject_id, "purpose": purpose}))


def all_decisions(vault: Vault, subject_id: UUID) -> dict[Scope, Latest]:
    """The same for every purpose at once."""
    return _latest(vault.connection.execute(_ALL_DECISIONS, {"subject": subject_id}))


def _latest(rows: Iterable[Row[Any]]) -> dict[Scope, Latest]:
    latest: dict[Scope, Latest] = {}
    for row in rows:
        scope = Scope(row.purpose, row.about)
        before = latest.get(scope)
        if before is not None and before.decision in STANDING and row.decision not in STANDING:
            latest[scope] = replace(before, number=row.number)
            continue
        latest[scope] = Latest(
            row.number, row.decision, row.expires_at, row.notice_version, row.despite_signal
        )
    return latest


def people_consenting(vault: Vault) -> dict[Purpose, int]:
    """How many people have at least one consent in force, by purpose; nobody is named."""
    newest = (
        select(
            _COLUMNS.subject_id, _COLUMNS.purpose, _COLUMNS.about, func.max(_COLUMNS.number).label("number")
        )
        .where(_COLUMNS.decision.in_(STANDING))
        .group_by(_COLUMNS.subject_id, _COLUMNS.purpose, _COLUMNS.about)
        .subquery()
    )
    is_newest = (
        (_COLUMNS.subject_id == newest.c.subject_id)
        & (_COLUMNS.purpose == newest.c.purpose)
        & (_COLUMNS.about == newest.c.about)
        & (_COLUMNS.number == newest.c.number)
    )
    in_force = (_COLUMNS.decision == Decision.GIVEN) & (
        _COLUMNS.expires_at.is_(None) | (_COLUMNS.expires_at > vault.now())
    )
    statement = (
        select(_COLUMNS.purpose, func.count(_COLUMNS.subject_id.distinct()))
        .select_from(ConsentRecord.__table__.join(newest, is_newest))
        .where(in_force)
        .group_by(_COLUMNS.purpose)
    )
    return {row[0]: row[1] for row in vault.connection.execute(statement)}


def find_latest(vault: Vault, subject_id: UUID, scope: Scope) -> ConsentRecord | None:
    """The last decision about a scope, whatever it says."""
    return vault.session.scalar(_newest(subject_id, scope).limit(1))


def find_record(vault: Vault, subject_id: UUID, record_id: UUID) -> ConsentRecord | None:
    """One decision, if it is this person's."""
    record = vault.session.get(ConsentRecord, record_id)
    return record if record is not None and record.subject_id == subject_id else None


def find_standing(vault: Vault, subject_id: UUID, scope: Scope) -> ConsentRecord | None:
    """The decision about a scope that stands."""
    stands = ConsentRecord.decision.in_(STANDING)
    return vault.session.scalar(_newest(subject_id, scope).where(stands).limit(1))


def find_in_force(vault: Vault, subject_id: UUID, scope: Scope) -> ConsentRecord | None:
    """The consent in force for a scope."""
    standing = find_standing(vault, subject_id, scope)
    return standing if standing is not None and standing.is_in_force(vault.now()) else None


def expiring(vault: Vault, until: datetime) -> Sequence[ConsentRecord]:
    """The consents whose term is over by an instant and that nobody gave anew or ended, the first first."""
    later = aliased(ConsentRecord)
    decided_since = select(later.id).where(
        later.subject_id == ConsentRecord.subject_id,
        later.purpose == ConsentRecord.purpose,
        later.about == ConsentRecord.about,
        later.number > ConsentRecord.number,
        later.decision.in_(STANDING),
    )
    statement = (
        select(ConsentRecord)
        .where(ConsentRecord.decision == Decision.GIVEN, ConsentRecord.expires_at <= until)
        .where(~decided_since.exists())
        .order_by(ConsentRecord.expires_at, ConsentRecord.id)
    )
    return vault.session.scalars(statement).all()


def _newest(subject_id: UUID, scope: Scope) -> Select[ConsentRecord]:
    return (
        select(ConsentRecord)
        .where(
            ConsentRecord.subject_id == subject_id,
            ConsentRecord.purpose == scope.purpose,
            ConsentRecord.about == scope.about,
        )
        .order_by(ConsentRecord.number.desc())
    )
