"""Decisions brought from another installation: kept as history, and in force nowhere.

    what was decided there  ->  a record `carried` here, with what it said there beside it

A consent is given to one controller in one's own session (GDPR Art. 4(11), 7); nothing that comes in a file
can stand for it. So a carried record opens nothing, ends nothing and answers no question: it only tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from audit.entry import Action, is_notice, is_scope, parse
from audit.log import append
from consent.purpose import Basis, Purpose, Scope
from consent.record import ConsentRecord, Decision, EndReason, Surface
from vault.desk import Vault
from vault.subject import lock_subject

MOST = 5_000  # decisions of one person; beyond that a file is no history but an attack


@dataclass(frozen=True)
class CarriedDecision:
    """One decision as it was made elsewhere."""

    scope: Scope
    number: int
    decision: Decision
    version: str
    language: str
    sha256: str
    surface: Surface
    reason: EndReason | None
    decided_at: datetime


def carried_decision(row: Mapping[str, Any], now: datetime) -> CarriedDecision:
    """One decision out of an untrusted row, every value of a closed type.

    Raises:
        ValueError, TypeError, KeyError: one of them is not.
    """
    said = Decision(row["decision"])
    found = CarriedDecision(
        scope=_scope(row["purpose"], row["about"]),
        number=row["number"],
        decision=Decision(row["carried_as"]) if said is Decision.CARRIED else said,
        version=row["notice_version"],
        language=row["notice_language"],
        sha256=row["notice_sha256"],
        surface=Surface(row["surface"]),
        reason=None if row["reason"] is None else EndReason(row["reason"]),
        decided_at=datetime.fromisoformat(row["decided_at"]),
    )
    if type(found.number) is not int or not 0 < found.number <= 1_000_000:
        raise ValueError
    if found.decision is Decision.CARRIED or found.decided_at > now or found.decided_at.year < 1970:
        raise ValueError
    if not is_notice(_notice(found)) or len(found.language) > 8 or len(found.version) > 20:
        raise ValueError
    return found


def carry(vault: Vault, subject_id: UUID, decisions: Sequence[CarriedDecision]) -> None:
    """Keep what somebody decided elsewhere, in its order, for an account that has decided nothing yet.

    Raises:
        SubjectUnknown: erased, or never there. ValueError: there are decisions already.

    Source: GDPR Art. 20(1); 7(1): nothing here is a consent.
    """
    lock_subject(vault, subject_id)
    if has_decided(vault, subject_id):
        raise ValueError("History comes before what is decided here.")
    numbers: dict[Scope, int] = {}
    for made in sorted(decisions, key=lambda one: (one.decided_at, one.number)):
        numbers[made.scope] = numbers.get(made.scope, 0) + 1
        entry = append(
            vault,
            Action.CONSENT_CARRIED,
            subject_id=subject_id,
            scope=str(made.scope),
            basis="gdpr-20",
            notice=_notice(made),
        )
        vault.session.add(
            ConsentRecord(
                id=uuid4(),
                subject_id=subject_id,
                purpose=made.scope.purpose,
                about=made.scope.about,
                number=numbers[made.scope],
                decision=Decision.CARRIED,
                carried_as=made.decision,
                notice_version=made.version,
                notice_language=made.language,
                notice_sha256=made.sha256,
                surface=made.surface,
                reason=made.reason,
                decided_at=made.decided_at,
                log_entry_id=parse(entry).id,
            )
        )


def has_decided(vault: Vault, subject_id: UUID) -> bool:
    """Whether there is any decision of a person, carried ones included."""
    statement = select(ConsentRecord.id).where(ConsentRecord.subject_id == subject_id).limit(1)
    return vault.session.scalar(statement) is not None


def _scope(purpose: str, about: str) -> Scope:
    scope = Scope(Purpose(purpose), about)
    if scope.rule.basis is not Basis.CONSENT or not is_scope(str(scope)) or len(about) > 200:
        raise ValueError
    return scope


def _notice(made: CarriedDecision) -> str:
    return f"{made.version}.{made.language}.{made.sha256}"
