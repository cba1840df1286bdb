"""Suspending an account: no sign-in and no use, while every right of its person goes on.

Sessions end with the commit; a code to the confirmed address (rights_code.py) opens the pages of rights.
Done on the command line, for a reason from a closed list that stands in the log.
"""

from enum import StrEnum

from sqlalchemy import delete

from app.sessions import WebSession
from app.transaction import House
from audit.entry import Action
from audit.log import append
from consent.purpose import ACCOUNT
from vault.desk import Vault
from vault.errors import SubjectUnknown
from vault.subject import Subject, lock_subject, require_subject


class SuspensionReason(StrEnum):
    """Why an account is suspended."""

    SECURITY = "security"  # somebody else may be using it
    MISUSE = "misuse"  # against the terms or the law
    COURT_ORDER = "court-order"
    UNDER_AGE = "under-age"


def suspend(house: House, address: str, reason: SuspensionReason) -> None:
    """Suspend an account; suspending it again changes nothing but the log.

    Raises:
        SubjectUnknown: nobody has this address.
    """
    with house.open_vault("operator") as vault:
        subject = _find(house, vault, address)
        subject.suspended_at = subject.suspended_at or vault.now()
        vault.session.execute(delete(WebSession).where(WebSession.subject_id == subject.id))
        scope = f"{ACCOUNT}/{reason}"
        append(vault, Action.ACCOUNT_SUSPENDED, subject_id=subject.id, scope=scope)
        vault.checkpoint_wanted = True


def reinstate(house: House, address: str) -> None:
    """Let an account be used again.

    Raises:
        SubjectUnknown: nobody has this address.
    """
    with house.open_vault("operator") as vault:
        subject = _find(house, vault, address)
        subject.suspended_at = None
        append(vault, Action.ACCOUNT_REINSTATED, subject_id=subject.id, scope=str(ACCOUNT))
        vault.checkpoint_wanted = True


def _find(house: House, vault: Vault, address: str) -> Subject:
    known = house.keystore.find_subject(address.strip())
    if known is None:
        raise SubjectUnknown
    lock_subject(vault, known)
    return require_subject(vault, known)
