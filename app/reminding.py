"""A consent that is about to end is said to be, once, two weeks before, by a mail that wants nothing.

It says the day, what happens then and where to look, nothing else; doing nothing lets the consent end. The
mail's job bears the number of the consent record, so one record never makes two mails (jobs are kept for
30 days, which is longer than the two weeks). So does the mail with the link that confirms a wish.
"""

from app.jobs import Job, JobKind, enqueue
from consent.purpose import REMIND_BEFORE
from consent.record import ConsentRecord, Decision, expiring, find_in_force, find_latest
from vault.desk import Vault


def remind_of_ends(vault: Vault) -> int:
    """Queue a mail for every consent that ends within two weeks and was not told to; returns how many."""
    told = 0
    for given in expiring(vault, vault.now() + REMIND_BEFORE):
        if _ends_soon(vault, given) and vault.session.get(Job, given.id) is None:
            enqueue(vault, given.subject_id, JobKind.MAIL_CONSENT_ENDS, job_id=given.id)
            told += 1
    return told


def find_ending(vault: Vault, job: Job) -> ConsentRecord | None:
    """The consent a reminder is about, unless it was given anew, withdrawn or ended meanwhile."""
    given = vault.session.get(ConsentRecord, job.id)
    if given is None or find_in_force(vault, given.subject_id, given.scope) is not given:
        return None
    return given


def find_unconfirmed(vault: Vault, job: Job) -> ConsentRecord | None:
    """The wish that a mail with a confirming link is about, unless something was decided since."""
    wished = vault.session.get(ConsentRecord, job.id)
    if wished is None or wished.decision is not Decision.REQUESTED:
        return None
    return wished if find_latest(vault, wished.subject_id, wished.scope) is wished else None


def _ends_soon(vault: Vault, given: ConsentRecord) -> bool:
    """Not over yet, and not so short that the reminder would come with the consent itself."""
    ends_at = given.expires_at
    return ends_at is not None and vault.now() < ends_at and given.decided_at <= ends_at - 2 * REMIND_BEFORE
