"""Erasing an account at once; rights/erasure.py has the order of what happens."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exports import drop_file, end_copies
from app.jobs import Job
from app.transaction import House
from audit.log import StoredLog
from audit.merkle import inclusion_proof
from rights.erasure import LoggedAt, certificate, erase
from vault.spool import remove_upload


def erase_account(house: House, subject_id: UUID) -> str:
    """Erase everything about a person; returns the certificate for them to keep.

    Raises:
        SubjectUnknown: erased before.
    """
    with house.open_vault("subject") as vault:
        uploads = vault.session.scalars(select(Job.id).where(Job.subject_id == subject_id)).all()
        copies = end_copies(vault, subject_id)
        report = erase(vault, subject_id)
    for upload_id in uploads:
        remove_upload(house.config.spool, upload_id)
    for file_id in copies:
        drop_file(house, file_id)
    house.leave_no_remnants()
    checkpoint = house.sign_checkpoint()
    index = vault.entry_indices[report.entry]
    with Session(house.data) as session:
        proof = inclusion_proof(StoredLog(session).source(), index, house.high_water.open(checkpoint).size)
    return certificate(report, LoggedAt(index, proof, checkpoint), house.receipts, house.log_key)
