"""Ending every consent of a person at once: the first step of erasing them (rights/erasure.py)."""

from uuid import UUID, uuid4

from audit.entry import Action, parse
from audit.log import append
from consent.record import STANDING, ConsentRecord, Decision, Surface, history
from vault.desk import Vault
from vault.destruction import order_destruction
from vault.holdings import delete_rows_resting_on
from vault.subject import lock_subject


def withdraw_all(vault: Vault, subject_id: UUID) -> int:
    """Withdraw every consent in force, under the words it was given under; returns how many.

    From this commit on the gate refuses, and what rested on them goes as with any withdrawal.

    Source: GDPR Art. 7(3), 17(1)(b).
    """
    lock_subject(vault, subject_id)
    made = history(vault, subject_id)
    standing = {record.scope: record for record in made if record.decision in STANDING}
    last = {record.scope: record.number for record in made}
    given = [record for record in standing.values() if record.is_in_force(vault.now())]
    for record in given:
        entry = append(
            vault,
            Action.CONSENT_WITHDRAWN,
            subject_id=subject_id,
            scope=str(record.scope),
            basis=str(record.scope.rule.basis),
            notice=f"{record.notice_version}.{record.notice_language}.{record.notice_sha256}",
        )
        vault.session.add(
            ConsentRecord(
                id=uuid4(),
                subject_id=subject_id,
                purpose=record.purpose,
                about=record.about,
                number=last[record.scope] + 1,
                decision=Decision.WITHDRAWN,
                notice_version=record.notice_version,
                notice_language=record.notice_language,
                notice_sha256=record.notice_sha256,
                surface=Surface.NONE,
                decided_at=vault.now(),
                expires_at=None,
                log_entry_id=parse(entry).id,
            )
        )
        delete_rows_resting_on(vault, subject_id, str(record.scope))
        order_destruction(vault, subject_id, str(record.scope))
    return len(given)
