"""The gate: the only place where a `Permit` is made, from a legal basis in force now.

A `Permit` is what opens the vault, so code that forgot to ask cannot be written by accident.
"""

from uuid import UUID

from consent.errors import ConsentMissing
from consent.purpose import Basis, Purpose, Scope
from consent.record import decisions
from vault.desk import Vault
from vault.permit import Permit
from vault.subject import require_subject


def require_permit(vault: Vault, subject_id: UUID, scope: Scope) -> Permit:
    """The evidence that one subject's data may be processed for one scope, now.

    Raises:
        SubjectUnknown: erased, or never there.
        ConsentMissing: the scope needs a consent and none is in force.

    Source: GDPR Art. 6(1).
    """
    if scope.rule.basis is Basis.CONSENT:
        latest = decisions(vault, subject_id, scope.purpose).get(scope)
        if latest is None or not latest.is_in_force(vault.now()):
            raise ConsentMissing(scope)
    else:
        require_subject(vault, subject_id)
    return _permit(vault, subject_id, scope)


def permits_in_force(vault: Vault, subject_id: UUID, purpose: Purpose) -> dict[Scope, Permit]:
    """A permit for every scope of one purpose that has a consent in force, in a stable order."""
    now = vault.now()
    return {
        scope: _permit(vault, subject_id, scope)
        for scope, latest in decisions(vault, subject_id, purpose).items()
        if latest.is_in_force(now)
    }


def _permit(vault: Vault, subject_id: UUID, scope: Scope) -> Permit:
    return Permit(subject_id, str(scope), str(scope.rule.basis), vault)
