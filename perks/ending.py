"""What ends when a consent ends: a participation is withdrawn in the same transaction, whoever ended it.

Before the person agreed to share, it rests on the consent to matching; from then on on the consent to share.
A consent that runs out ends what nobody claimed; what was claimed goes on under its contract, and the brand
reads nothing more of it. What no shipper has yet is cancelled.

Source: GDPR Art. 7(3), 17(1)(b), 18(2).
"""

from uuid import UUID

from consent.record import Decision, find_in_force, find_standing
from perks.claims import cancel_claim
from perks.life import SHARING, Event, State
from perks.participation import MATCH, Participation, advance, participations_of
from vault.desk import Vault
from vault.subject import Subject

_OVER = (State.LAPSED, State.WITHDRAWN)
_UNCLAIMED = (State.CONSENTED, State.DISCLOSED)


def follow_ended(vault: Vault) -> None:
    """The same for everybody a consent of whom ended in this transaction, whoever ended it.

    Called once before every commit (app/transaction.py), so no way of ending is left out.
    """
    for subject_id in dict.fromkeys(subject_id for subject_id, _ in vault.ended):
        if vault.session.get(Subject, subject_id) is not None:
            follow_consents(vault, subject_id)


def follow_consents(vault: Vault, subject_id: UUID) -> int:
    """Withdraw every participation that lost the consent it rests on; returns how many."""
    vault.flush()
    lost = [
        one for one in participations_of(vault, subject_id) if one.state not in _OVER and _is_lost(vault, one)
    ]
    for one in lost:
        end(vault, one)
    return len(lost)


def end(vault: Vault, participation: Participation) -> Participation:
    """Withdraw one participation, and cancel what was not sent yet.

    Raises:
        StepIllegal: it was withdrawn before.
    """
    moved = advance(vault, participation, Event.WITHDRAW)
    cancel_claim(vault, moved)
    return moved


def _is_lost(vault: Vault, participation: Participation) -> bool:
    if participation.state not in SHARING:
        return find_in_force(vault, participation.subject_id, MATCH) is None
    if participation.grant_number is None:  # the offer asked for nothing
        return False
    standing = find_standing(vault, participation.subject_id, participation.share_scope)
    if standing is None or standing.is_in_force(vault.now()):
        return standing is None
    ran_out = standing.decision in (Decision.GIVEN, Decision.EXPIRED)
    return participation.state in _UNCLAIMED if ran_out else True
