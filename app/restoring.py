"""Bringing an account along from another installation: the upload, its job, and what became of it.

    sealed into the spool  ->  job committed  ->  worker verifies, takes over in one transaction, deletes

As with archives (imports.py): a crash before the job is committed leaves a file nobody names, and the sweep
deletes it; a worker killed in the middle leaves nothing taken over.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from app.imports import ImportRunning, UploadEmpty
from app.jobs import Job, JobAbandoned, JobKind, JobView, enqueue, find_unfinished, view
from app.transaction import House
from consent.gate import permits_for_rights
from consent.purpose import RIGHTS
from rights.restoration import (
    Brought,
    Restoration,
    find_restoration,
    is_new,
    read_brought,
    require_new,
    restore,
)
from sources.errors import Flaw, PackageRefused
from sources.package import find_package
from vault.desk import Vault
from vault.spool import SpoolReader, SpoolWriter, remove_upload
from vault.subject import lock_subject

BUFFER_BYTES = 1 << 18
Progress = Callable[[int, int], None]


@dataclass
class CopyUpload:
    """A copy on its way into the spool."""

    id: UUID
    writer: SpoolWriter


@dataclass(frozen=True)
class RestoredView:
    """What was taken over, as its person is told."""

    restored_at: datetime
    issuer: str
    key: str
    is_known: bool
    decisions: int
    took_language: bool
    age_agrees: bool


@dataclass(frozen=True)
class Restoring:
    """How it stands: nothing yet, a job, or what was taken over.

    is_new: whether a copy may be brought to this account at all.
    """

    job: JobView | None
    restored: RestoredView | None
    is_new: bool


def open_copy(house: House, subject_id: UUID) -> CopyUpload:
    """Begin an upload; not a byte is taken for an account that is not new.

    Raises:
        AccountNotNew, ImportRunning.
    """
    with house.open_vault("subject") as vault:
        _require_open(vault, subject_id)
        key = vault.upload_key(permits_for_rights(vault, subject_id)[RIGHTS])
    upload_id = uuid4()
    return CopyUpload(upload_id, SpoolWriter(house.config.spool, upload_id, key))


def enqueue_copy(house: House, subject_id: UUID, upload: CopyUpload) -> UUID:
    """Queue a finished upload; returns the job's id, which is the upload's.

    Raises:
        UploadEmpty, AccountNotNew, ImportRunning: the upload is deleted.
    """
    try:
        if upload.writer.plain_bytes == 0:
            raise UploadEmpty
        upload.writer.finish()
        with house.open_vault("subject") as vault:
            lock_subject(vault, subject_id)
            _require_open(vault, subject_id)
            size = upload.writer.plain_bytes
            return enqueue(vault, subject_id, JobKind.RESTORE, job_id=upload.id, bytes_total=size)
    except BaseException:
        upload.writer.close()
        remove_upload(house.config.spool, upload.id)
        raise


def restoring(house: House, subject_id: UUID) -> Restoring:
    """How it stands for one person."""
    statement = (
        select(Job)
        .where(Job.subject_id == subject_id, Job.kind == JobKind.RESTORE)
        .order_by(Job.created_at.desc(), Job.id)
        .limit(1)
    )
    with house.open_reading_vault() as vault:
        job, restored = vault.session.scalar(statement), find_restoration(vault, subject_id)
        return Restoring(
            view(job) if job is not None else None,
            _told(restored) if restored is not None else None,
            is_new(vault, subject_id),
        )


def read_copy(house: House, job: Job, progress: Progress) -> Brought:
    """Verify and read an uploaded copy, outside any transaction for as long as it takes.

    Raises:
        PackageRefused and what else hostile archives are refused with; JobAbandoned: the file is gone.
    """
    with house.open_vault("worker") as vault:
        key, now = vault.upload_key(permits_for_rights(vault, job.subject_id)[RIGHTS]), vault.now()
    try:
        reader = SpoolReader(house.config.spool, job.id, key)
    except FileNotFoundError:
        raise JobAbandoned from None
    with io.BufferedReader(reader, BUFFER_BYTES) as file:
        package = find_package(file)
        if package is None:
            raise PackageRefused(Flaw.KIND)
        package.verify(progress)
        return read_brought(package, now)


def take_over(house: House, vault: Vault, job: Job, brought: Brought) -> None:
    """Take over what was read, in the transaction that ends its job."""
    restore(vault, job.subject_id, brought, {house.receipts.verifier_key(), *house.config.known_issuers})


def _require_open(vault: Vault, subject_id: UUID) -> None:
    require_new(vault, subject_id)
    if find_unfinished(vault, subject_id, JobKind.RESTORE):
        raise ImportRunning


def _told(restored: Restoration) -> RestoredView:
    return RestoredView(**{name: getattr(restored, name) for name in RestoredView.__dataclass_fields__})
