"""The gate: the only place where a `Permit` is made, from a legal basis in force now.

A `Permit` is what opens the vault, so code that forgot to ask cannot be written by accident. Whoever acts
as anybody but the person is also held to what the person restricted or objected to (limits.py), a refusal
is noted for the person to see (access.py), and a decision of theirs waits until the reader has committed.
What a browser asks not to share (signal.py) is off for everybody.
"""

from uuid import UUID

from consent.errors import ConsentMissing, ProcessingLimited, SignalHeeded
from consent.limits import LimitInForce, limits_in_force
from consent.notice import covered
from consent.part import Part
from consent.purpose import ACCOUNT, RIGHTS, Basis, Purpose, Scope, scope_of
from consent.record import Latest, all_decisions, decisions
from consent.register import PUBLISHED, Notices
from consent.signal import is_stopped
from vault.desk import Denial, Vault
from vault.errors import DomainError
from vault.permit import Permit
from vault.subject import Subject, hold_subject, require_subject

SUBJECT = "subject"


def require_permit(
    vault: Vault, subject_id: UUID, scope: Scope, part: Part | None = None, notices: Notices = PUBLISHED
) -> Permit:
    """The evidence that one subject's data may be processed for one scope, now.

    Args:
        part: what of it is about to be used, done or handed over; None: what every version covered.

    Raises:
        SubjectUnknown: erased, or never there.
        ConsentMissing: the scope needs a consent and none is in force, or it does not cover the part.
        SignalHeeded: a browser of the person asks not to share, and the consent was not given all the same.
        ProcessingLimited: the person restricted processing, or objected, and somebody else asks.

    Source: GDPR Art. 6(1), 18(2), 21(1), 21(5).
    """
    _hold(vault, subject_id)
    if scope.rule.basis is Basis.CONSENT:
        latest = decisions(vault, subject_id, scope.purpose).get(scope)
        if latest is None or not latest.is_in_force(vault.now()) or not _covers(latest, scope, part, notices):
            raise _denied(vault, subject_id, scope, ConsentMissing(scope))
        if is_stopped(vault, subject_id, scope, latest):
            raise _denied(vault, subject_id, scope, SignalHeeded(scope))
    else:
        require_subject(vault, subject_id)
    if _is_limited(vault, subject_id, scope):
        raise _denied(vault, subject_id, scope, ProcessingLimited(scope))
    return _permit(vault, subject_id, scope)


def find_permit(vault: Vault, subject_id: UUID, scope: Scope) -> Permit | None:
    """A permit, or None where none can be had: for work over many people, where a no is no attempt."""
    if scope.rule.basis is Basis.CONSENT:
        return permits_in_force(vault, subject_id, scope.purpose).get(scope)
    is_there = vault.session.get(Subject, subject_id) is not None
    return (
        _permit(vault, subject_id, scope) if is_there and not _is_limited(vault, subject_id, scope) else None
    )


def permits_in_force(vault: Vault, subject_id: UUID, purpose: Purpose) -> dict[Scope, Permit]:
    """A permit for every scope of one purpose that has a consent in force, in a stable order."""
    _hold(vault, subject_id)
    now = vault.now()
    limits = _limits(vault, subject_id)
    return {
        scope: _permit(vault, subject_id, scope)
        for scope, latest in decisions(vault, subject_id, purpose).items()
        if latest.is_in_force(now)
        and not is_stopped(vault, subject_id, scope, latest)
        and not any(limit.covers(scope) for limit in limits)
    }


def permits_for_rights(vault: Vault, subject_id: UUID) -> dict[Scope, Permit]:
    """Permits to give a person what is theirs: every scope whose data may still lie here.

    A copy for the person needs no consent of its own and is not stopped by a restriction: storage and the
    rights of the person go on (Art. 15, 18(2), 20).

    Raises:
        SubjectUnknown: erased, or never there.
    """
    require_subject(vault, subject_id)
    now = vault.now()
    by_consent = {
        scope: _permit(vault, subject_id, scope)
        for scope, latest in all_decisions(vault, subject_id).items()
        if latest.is_in_force(now)
    }
    by_contract = [scope_of(name) for name in vault.keystore.scopes(subject_id)]
    by_contract = [scope for scope in by_contract if scope.purpose is Purpose.PERK_DELIVER]
    always = (RIGHTS, ACCOUNT, *by_contract)
    return {scope: _permit(vault, subject_id, scope) for scope in always} | by_consent


def _hold(vault: Vault, subject_id: UUID) -> None:
    if vault.actor != SUBJECT:
        hold_subject(vault, subject_id)


def _is_limited(vault: Vault, subject_id: UUID, scope: Scope) -> bool:
    return any(limit.covers(scope) for limit in _limits(vault, subject_id))


def _limits(vault: Vault, subject_id: UUID) -> tuple[LimitInForce, ...]:
    """What holds whoever acts here: the person is not held to their own limits."""
    return () if vault.actor == SUBJECT else limits_in_force(vault, subject_id)


def _covers(latest: Latest, scope: Scope, part: Part | None, notices: Notices) -> bool:
    return part is None or part in covered(notices, scope, latest.version)


def _denied(vault: Vault, subject_id: UUID, scope: Scope, refusal: DomainError) -> DomainError:
    if vault.actor != SUBJECT:
        vault.denials.append(Denial(subject_id, str(scope), refusal.slug))
    return refusal


def _permit(vault: Vault, subject_id: UUID, scope: Scope) -> Permit:
    return Permit(subject_id, str(scope), str(scope.rule.basis), vault)
