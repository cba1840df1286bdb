"""Consent as a history: decisions are added, never changed (GDPR Art. 7(1), 7(3)).

The latest decision about a scope counts, by its number and not by the clock. A withdrawal is a new
record; what rested on the scope is deleted, and its key is destroyed right after the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action, ActorRole, parse
from audit.log import append
from consent.errors import ConsentChanged, ConsentMissing, GrantNotTheirs, NoticeUnknown
from consent.notice import PRESENT, Notice
from consent.notice import notice as shown_notice
from consent.purpose import Purpose, Scope
from vault.base import Base, by_value
from vault.desk import Vault
from vault.destruction import carry_out, order_destruction
from vault.holding import Fate, Holding
from vault.holdings import delete_rows_resting_on
from vault.subject import Subject, lock_subject


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


class Surface(StrEnum):
    """Where the decision was made."""

    PAGE = "page"
    API = "api"
    NONE = "none"


@dataclass(frozen=True)
class Latest:
    """The last decision about a scope."""

    number: int
    decision: Decision
    expires_at: datetime | None

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
            "decision": "given or withdrawn",
            "notice_version": "the version of the words shown",
            "notice_language": "the language of the words shown",
            "notice_sha256": "digest of the words shown",
            "surface": "page or API",
            "decided_at": "when",
            "expires_at": "until when it holds",
            "log_entry_id": "the random name of its entry in the log",
        },
        copied_to="consents/events.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id))
    purpose: Mapped[Purpose] = mapped_column(by_value(Purpose))
    about: Mapped[str] = mapped_column(String(200))
    number: Mapped[int]  # 1, 2, … per subject and scope: two decisions at once cannot both count
    decision: Mapped[Decision] = mapped_column(by_value(Decision))
    notice_version: Mapped[str] = mapped_column(String(20))
    notice_language: Mapped[str] = mapped_column(String(8))
    notice_sha256: Mapped[str] = mapped_column(String(64))
    surface: Mapped[Surface] = mapped_column(by_value(Surface))
    decided_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    log_entry_id: Mapped[str | None] = mapped_column(String(32))  # None: from before entries were named

    @property
    def scope(self) -> Scope:
        """The scope decided on."""
        return Scope(self.purpose, self.about)

    def is_in_force(self, now: datetime) -> bool:
        """Whether this decision, if it is the latest, permits processing."""
        return Latest(self.number, self.decision, self.expires_at).is_in_force(now)


_ACTIONS = {decision: Action(f"consent.{decision.value}") for decision in Decision}

# The gate stands on every path, so it reads columns and makes no objects. Later numbers come later.
_COLUMNS = ConsentRecord.__table__.c
_DECISIONS = (
    select(_COLUMNS.about, _COLUMNS.number, _COLUMNS.decision, _COLUMNS.expires_at)
    .where(_COLUMNS.subject_id == bindparam("subject"), _COLUMNS.purpose == bindparam("purpose"))
    .order_by(_COLUMNS.about, _COLUMNS.number)
)


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
    latest: dict[str, Latest] = {}
    for row in vault.connection.execute(_DECISIONS, {"subject": subject_id, "purpose": purpose}):
        latest[row.about] = Latest(row.number, row.decision, row.expires_at)
    return {Scope(purpose, about): decision for about, decision in latest.items()}


def people_consenting(vault: Vault) -> dict[Purpose, int]:
    """How many people have at least one consent in force, by purpose; nobody is named."""
    newest = (
        select(
            _COLUMNS.subject_id, _COLUMNS.purpose, _COLUMNS.about, func.max(_COLUMNS.number).label("number")
        )
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
    return dict(vault.connection.execute(statement).tuples().all())


def find_latest(vault: Vault, subject_id: UUID, scope: Scope) -> ConsentRecord | None:
    """The decision that counts for a scope."""
    statement = (
        select(ConsentRecord)
        .where(
            ConsentRecord.subject_id == subject_id,
            ConsentRecord.purpose == scope.purpose,
            ConsentRecord.about == scope.about,
        )
        .order_by(ConsentRecord.number.desc())
        .limit(1)
    )
    return vault.session.scalar(statement)


def find_in_force(vault: Vault, subject_id: UUID, scope: Scope) -> ConsentRecord | None:
    """The consent in force for a scope."""
    latest = find_latest(vault, subject_id, scope)
    return latest if latest is not None and latest.is_in_force(vault.now()) else None


def give(
    vault: Vault,
    subject_id: UUID,
    notice: Notice,
    *,
    seen: int | None = None,
    surface: Surface = Surface.PAGE,
) -> ConsentRecord:
    """Record that a data subject consents to the scope of the notice they were shown.

    Args:
        seen: the number of the last decision the person saw (0 for none), or None not to ask.

    Raises:
        SubjectUnknown, ConsentChanged, NoticeUnknown: see their own words.
        GrantNotTheirs: anybody but the person acts in this transaction.

    Source: GDPR Art. 4(11), 6(1)(a), 7(1).
    """
    if vault.actor != ActorRole.SUBJECT:
        raise GrantNotTheirs
    lock_subject(vault, subject_id)
    if notice.version != PRESENT.get(notice.scope.purpose):
        raise NoticeUnknown
    # An order left by a crash must not hit the key this consent will get: carried out first, it cannot.
    carry_out(vault, subject_id)
    lasts = notice.scope.rule.lasts
    until = vault.now() + lasts if lasts is not None else None
    return _decide(vault, subject_id, Decision.GIVEN, notice, seen=seen, surface=surface, expires_at=until)


def withdraw(
    vault: Vault,
    subject_id: UUID,
    notice: Notice,
    *,
    seen: int | None = None,
    surface: Surface = Surface.PAGE,
) -> ConsentRecord:
    """Record that a data subject withdraws consent, and make what rested on it unreadable.

    Raises:
        ConsentMissing: no consent is in force for the scope.
        SubjectUnknown, ConsentChanged: see their own words.

    Source: GDPR Art. 7(3), 17(1)(b).
    """
    lock_subject(vault, subject_id)
    if find_in_force(vault, subject_id, notice.scope) is None:
        raise ConsentMissing(notice.scope)
    record = _decide(
        vault, subject_id, Decision.WITHDRAWN, notice, seen=seen, surface=surface, expires_at=None
    )
    _forget(vault, subject_id, notice.scope)
    return record


def expire(vault: Vault) -> list[UUID]:
    """End every consent whose term is over, as a withdrawal would; returns whose they were.

    The gate refuses from the very instant; this makes what is left of it go.

    Source: GDPR Art. 5(1)(e).
    """
    due = select(ConsentRecord).where(ConsentRecord.expires_at <= vault.now())
    ended = []
    for record in vault.session.scalars(due).all():
        lock_subject(vault, record.subject_id)
        latest = find_latest(vault, record.subject_id, record.scope)
        if latest is record:
            shown = shown_notice(record.scope, record.notice_language, record.notice_version)
            _decide(
                vault,
                record.subject_id,
                Decision.EXPIRED,
                shown,
                seen=None,
                surface=Surface.NONE,
                expires_at=None,
            )
            _forget(vault, record.subject_id, record.scope)
            ended.append(record.subject_id)
    return ended


def _forget(vault: Vault, subject_id: UUID, scope: Scope) -> None:
    delete_rows_resting_on(vault, subject_id, str(scope))
    order_destruction(vault, subject_id, str(scope))


def _decide(
    vault: Vault,
    subject_id: UUID,
    decision: Decision,
    notice: Notice,
    *,
    seen: int | None,
    surface: Surface,
    expires_at: datetime | None,
) -> ConsentRecord:
    latest = find_latest(vault, subject_id, notice.scope)
    last = latest.number if latest is not None else 0
    if seen is not None and seen != last:
        raise ConsentChanged
    entry = append(
        vault,
        _ACTIONS[decision],
        subject_id=subject_id,
        scope=str(notice.scope),
        basis=str(notice.scope.rule.basis),
        notice=f"{notice.version}.{notice.language}.{notice.sha256}",
    )
    record = ConsentRecord(
        subject_id=subject_id,
        purpose=notice.scope.purpose,
        about=notice.scope.about,
        number=last + 1,
        decision=decision,
        notice_version=notice.version,
        notice_language=notice.language,
        notice_sha256=notice.sha256,
        surface=surface,
        decided_at=vault.now(),
        expires_at=expires_at,
        log_entry_id=parse(entry).id,
    )
    vault.session.add(record)
    vault.checkpoint_wanted = True
    return record
