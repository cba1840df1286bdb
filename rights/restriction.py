"""Restriction: everything but storage and the person's own rights stands still (GDPR Art. 18).

    asked for   ->  in force from that commit, held by the gate (consent/gate.py)
    ended by the person, at once
    ended by staff: announced with reasons  ->  the person told by mail  ->  some days  ->  ended

Nobody weighs a restriction before it takes effect: whether its ground holds is looked at while it stands.
"""

from datetime import datetime, timedelta
from uuid import UUID

from consent.limits import (
    Ground,
    LimitKind,
    ProcessingLimit,
    lift,
    limit,
    standing_limits,
)
from rights.errors import LiftTooEarly, require_reasons
from rights.notice import NoticeKind, notify_recipients
from rights.request import Channel, RequestState, Right, find_by_reference, move, open_request, say
from vault.desk import Vault
from vault.subject import lock_subject

GROUNDS = (
    Ground.ACCURACY_CONTESTED,
    Ground.UNLAWFUL,
    Ground.NEEDED_FOR_CLAIMS,
    Ground.OBJECTION_PENDING,
)


def restrict(
    vault: Vault, subject_id: UUID, ground: Ground, channel: Channel, statement: str = ""
) -> ProcessingLimit:
    """Restrict processing on one of the grounds of Art. 18(1); the same again changes nothing.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    if ground not in GROUNDS:
        raise ValueError("This is no ground of Art. 18(1).")
    lock_subject(vault, subject_id)
    for known in standing_restrictions(vault, subject_id):
        if known.ground is ground:
            return known
    request = open_request(vault, subject_id, Right.RESTRICTION, channel, statement)
    made = limit(vault, subject_id, LimitKind.RESTRICTED, ground, reference=request.reference)
    notify_recipients(vault, subject_id, NoticeKind.RESTRICTION)
    move(vault, request, RequestState.FULFILLED)
    return made


def standing_restrictions(vault: Vault, subject_id: UUID) -> tuple[ProcessingLimit, ...]:
    """A person's restrictions that have not ended, oldest first."""
    return tuple(made for made in standing_limits(vault, subject_id) if made.kind is LimitKind.RESTRICTED)


def end_restrictions(vault: Vault, subject_id: UUID) -> int:
    """End every restriction, as its person asks; returns how many there were."""
    standing = standing_restrictions(vault, subject_id)
    for made in standing:
        lift(vault, made)
    _tell_of_end(vault, subject_id, len(standing))
    return len(standing)


def announce_lift(vault: Vault, made: ProcessingLimit, reasons: str) -> None:
    """Decide as staff that a restriction will end; the mail to the person is the caller's to queue.

    Raises:
        ReasonsMissing: nothing was written.

    Source: GDPR Art. 18(3).
    """
    reasons = require_reasons(reasons)
    lock_subject(vault, made.subject_id)
    if made.lift_announced_at is None:
        made.lift_announced_at = vault.now()
    if (request := find_by_reference(vault, made.reference)) is not None:
        say(vault, request, reasons)


def note_told(vault: Vault, subject_id: UUID) -> None:
    """Note that the mail which announces the end was handed over; from now on the days count."""
    for made in standing_restrictions(vault, subject_id):
        if made.lift_announced_at is not None and made.lift_told_at is None:
            made.lift_told_at = vault.now()


def lift_due_at(made: ProcessingLimit, notice: timedelta) -> datetime | None:
    """From when on staff may end a restriction; None while the person has not been told."""
    return made.lift_told_at + notice if made.lift_told_at is not None else None


def lift_as_staff(vault: Vault, made: ProcessingLimit, notice: timedelta) -> None:
    """End a restriction as staff.

    Raises:
        LiftTooEarly: the person was not told, or not long enough ago (Art. 18(3)).
    """
    due_at = lift_due_at(made, notice)
    if due_at is None or vault.now() < due_at:
        raise LiftTooEarly
    lift(vault, made)
    _tell_of_end(vault, made.subject_id, 1)


def _tell_of_end(vault: Vault, subject_id: UUID, lifted: int) -> None:
    """Tell recipients once no restriction stands any more (Art. 19)."""
    vault.flush()
    if lifted and not standing_restrictions(vault, subject_id):
        notify_recipients(vault, subject_id, NoticeKind.RESTRICTION_LIFTED)
