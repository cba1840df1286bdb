"""Restriction and objection in force: what the gate refuses on (GDPR Art. 18, 21).

    restricted   everything but storage, the account itself and the person's own rights stands still
    objected     one purpose stands still; it stops first and is weighed afterwards

State only; who may ask for it and how it is answered: rights/. A person looking at what is theirs is not
processing against them, so what acts as the person is not limited here (Art. 18(2)).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import Row, append
from consent.errors import ProcessingLimited
from consent.purpose import Purpose, Scope
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding
from vault.subject import Subject, lock_subject

ALWAYS = frozenset({Purpose.ACCOUNT, Purpose.RIGHTS})


class LimitKind(StrEnum):
    """What a person asked for."""

    RESTRICTED = "restricted"
    OBJECTED = "objected"


class Ground(StrEnum):
    """Why: the cases of Art. 18(1) and 21."""

    ACCURACY_CONTESTED = "18-1-a"
    UNLAWFUL = "18-1-b"
    NEEDED_FOR_CLAIMS = "18-1-c"
    OBJECTION_PENDING = "18-1-d"
    OWN_SITUATION = "21-1"
    DIRECT_MARKETING = "21-2"


class ProcessingLimit(Base):
    """One restriction or objection of one data subject, with its beginning and its end."""

    __tablename__ = "processing_limit"
    __holding__ = Holding(
        what="Restrictions and objections: kind, purpose, ground, since when and until when",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until the account is erased",
        source="the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "kind": "restriction or objection",
            "scope": "the purpose it is about; absent: all",
            "ground": "the case of Art. 18(1) or 21",
            "began_at": "since when",
            "ended_at": "until when",
            "reference": "the request it came from",
            "lift_announced_at": "when staff decided to end it",
            "lift_told_at": "when the mail that announces its end was sent",
        },
        copied_to="data/limits.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    kind: Mapped[LimitKind] = mapped_column(by_value(LimitKind))
    scope: Mapped[str | None] = mapped_column(String(200))  # a purpose or a scope; None is all of them
    ground: Mapped[Ground] = mapped_column(by_value(Ground))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(String(16))  # of the request (rights/request.py)
    lift_announced_at: Mapped[datetime | None]
    lift_told_at: Mapped[datetime | None]  # Art. 18(3): told before it ends


@dataclass(frozen=True)
class LimitInForce:
    """One limit as the gate needs it."""

    kind: LimitKind
    scope: str | None

    def covers(self, scope: Scope) -> bool:
        """Whether processing for this scope stands still."""
        if scope.purpose in ALWAYS:
            return False
        return self.scope in (None, str(scope), str(scope.purpose))


_COLUMNS = ProcessingLimit.__table__.c
_IN_FORCE = select(_COLUMNS.kind, _COLUMNS.scope).where(
    _COLUMNS.subject_id == bindparam("subject"), _COLUMNS.ended_at.is_(None)
)


def limits_in_force(vault: Vault, subject_id: UUID) -> tuple[LimitInForce, ...]:
    """What a person restricted or objected to and nobody lifted."""
    rows = vault.connection.execute(_IN_FORCE, {"subject": subject_id})
    return tuple(LimitInForce(row.kind, row.scope) for row in rows)


def require_unlimited(vault: Vault, subject_id: UUID, scope: Scope) -> None:
    """Refuse what a restriction or an objection stands against, whoever acts.

    Raises:
        ProcessingLimited: it stands still.
    """
    for limit in limits_in_force(vault, subject_id):
        if limit.covers(scope):
            raise ProcessingLimited(scope)


def find_limits(vault: Vault, subject_id: UUID) -> tuple[ProcessingLimit, ...]:
    """Every limit there was, oldest first."""
    statement = (
        select(ProcessingLimit)
        .where(ProcessingLimit.subject_id == subject_id)
        .order_by(ProcessingLimit.began_at)
    )
    return tuple(vault.session.scalars(statement))


def standing_limits(vault: Vault, subject_id: UUID) -> tuple[ProcessingLimit, ...]:
    """Every limit that has not ended, oldest first."""
    return tuple(made for made in find_limits(vault, subject_id) if made.ended_at is None)


def every_standing_limit(vault: Vault) -> tuple[ProcessingLimit, ...]:
    """What stands still for anybody, oldest first: for staff, without a word of anybody's data."""
    statement = (
        select(ProcessingLimit)
        .where(ProcessingLimit.ended_at.is_(None))
        .order_by(ProcessingLimit.began_at, ProcessingLimit.id)
    )
    return tuple(vault.session.scalars(statement))


def limit(
    vault: Vault,
    subject_id: UUID,
    kind: LimitKind,
    ground: Ground,
    scope: str | None = None,
    reference: str | None = None,
) -> ProcessingLimit:
    """Let processing stand still from this commit on; the same limit again changes nothing."""
    lock_subject(vault, subject_id)
    for known in standing_limits(vault, subject_id):
        if (known.kind, known.scope, known.ground) == (kind, scope, ground):
            return known
    made = ProcessingLimit(
        id=uuid4(),
        subject_id=subject_id,
        kind=kind,
        scope=scope,
        ground=ground,
        began_at=vault.now(),
        reference=reference,
    )
    vault.session.add(made)
    is_restriction = kind is LimitKind.RESTRICTED
    action = Action.PROCESSING_RESTRICTED if is_restriction else Action.OBJECTION_MADE
    _log(vault, action, made)
    return made


def lift(vault: Vault, made: ProcessingLimit) -> None:
    """End one limit; the person has been told before (Art. 18(3)), which the caller sees to."""
    lock_subject(vault, made.subject_id)
    made.ended_at = vault.now()
    is_restriction = made.kind is LimitKind.RESTRICTED
    _log(vault, Action.RESTRICTION_LIFTED if is_restriction else Action.OBJECTION_ENDED, made)


def _log(vault: Vault, action: Action, made: ProcessingLimit) -> None:
    append(
        vault,
        action,
        subject_id=made.subject_id,
        scope=made.scope,
        basis=f"gdpr-{made.ground.value}",
        row=Row(ProcessingLimit.__tablename__, made.id),
    )
    vault.checkpoint_wanted = True
