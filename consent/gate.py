"""The gate: the only place where a `Permit` is made, from a legal basis in force now.

A `Permit` is what opens the vault, so code that forgot to ask cannot be written by accident.
"""

from uuid import UUID

from consent.errors import ConsentMissing
from consent.purpose import Basis, Purpose, Scope
from consent.record import ConsentRecord, find_in_force, history
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
        if find_in_force(vault, subject_id, scope) is None:
            raise ConsentMissing(scope)
    else:
        require_subject(vault, subject_id)
    return Permit(subject_id, str(scope), str(scope.rule.basis), vault)


def permits_in_force(vault: Vault, subject_id: UUID, purpose: Purpose) -> dict[Scope, Permit]:
    """A permit for every scope of one purpose that has a consent in force, in a stable order."""
    latest: dict[Scope, ConsentRecord] = {}
    for record in history(vault, subject_id):
        if record.purpose is purpose:
            known = latest.get(record.scope)
            latest[record.scope] = max(known or record, record, key=lambda decision: decision.number)
    return {
        scope: Permit(subject_id, str(scope), str(scope.rule.basis), vault)
        for scope, record in sorted(latest.items(), key=lambda item: item[0].about)
        if record.is_in_force(vault.now())
    }
