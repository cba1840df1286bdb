"""Bringing an archive: from the upload, sealed while it arrives, to the job that reads it.

    upload sealed into the spool  ->  file durable  ->  job committed  ->  worker reads, stores, deletes it

A crash before the job is committed leaves a file nobody names; the sweep deletes it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from app.jobs import Job, JobKind, JobState, JobUnknown, JobView, enqueue, find_unfinished, view
from app.transaction import House
from consent.gate import require_permit
from consent.limits import require_unlimited
from consent.purpose import score_scope
from sources.activity import Platform
from vault.errors import DomainError
from vault.spool import SpoolWriter, remove_upload
from vault.subject import lock_subject

ABANDONED_AFTER = timedelta(days=1)


class UploadEmpty(DomainError):
    """Nothing was uploaded."""

    slug = "upload-empty"
    title = "No file was uploaded"

    def __init__(self) -> None:
        super().__init__("Please choose the archive file you got from the platform.")


class ImportRunning(DomainError):
    """An import of the same platform has not ended yet."""

    slug = "import-running"
    title = "An import is already running"

    def __init__(self) -> None:
        super().__init__("An import of this platform is still running; wait until it has ended.")


@dataclass
class Upload:
    """An upload on its way into the spool."""

    id: UUID
    platform: Platform
    writer: SpoolWriter


def open_upload(house: House, subject_id: UUID, platform: Platform) -> Upload:
    """Begin an upload; not a byte is taken without consent.

    Raises:
        ConsentMissing: no consent is in force for the platform.
        ProcessingLimited: the person restricted processing.
        ImportRunning: one import of a platform at a time.
    """
    with house.open_vault("subject") as vault:
        permit = require_permit(vault, subject_id, score_scope(platform))
        require_unlimited(vault, subject_id, score_scope(platform))  # the worker could not store it
        if find_unfinished(vault, subject_id, JobKind.IMPORT, platform):
            raise ImportRunning
        key = vault.upload_key(permit)
    upload_id = uuid4()
    return Upload(upload_id, platform, SpoolWriter(house.config.spool, upload_id, key))


def enqueue_upload(house: House, subject_id: UUID, upload: Upload) -> UUID:
    """Queue a finished upload; returns the job's id, which is the upload's.

    Raises:
        UploadEmpty, ImportRunning, ConsentMissing: the upload is deleted.
    """
    try:
        if upload.writer.plain_bytes == 0:
            raise UploadEmpty
        upload.writer.finish()
        with house.open_vault("subject") as vault:
            lock_subject(vault, subject_id)
            require_permit(vault, subject_id, score_scope(upload.platform))
            if find_unfinished(vault, subject_id, JobKind.IMPORT, upload.platform):
                raise ImportRunning
            return enqueue(
                vault,
                subject_id,
                JobKind.IMPORT,
                job_id=upload.id,
                platform=upload.platform,
                bytes_total=upload.writer.plain_bytes,
            )
    except BaseException:
        upload.writer.close()
        remove_upload(house.config.spool, upload.id)
        raise


def find_import(house: House, subject_id: UUID, job_id: UUID) -> JobView:
    """One import of one person.

    Raises:
        JobUnknown: no such import, or somebody else's.
    """
    with house.open_reading_vault() as vault:
        job = vault.session.get(Job, job_id)
        if job is None or job.subject_id != subject_id or job.kind is not JobKind.IMPORT:
            raise JobUnknown
        return view(job)


def imports(house: House, subject_id: UUID) -> tuple[JobView, ...]:
    """A person's imports, newest first."""
    statement = (
        select(Job)
        .where(Job.subject_id == subject_id, Job.kind == JobKind.IMPORT)
        .order_by(Job.created_at.desc())
    )
    with house.open_reading_vault() as vault:
        return tuple(view(job) for job in vault.session.scalars(statement))


def is_scoring(house: House, subject_id: UUID) -> bool:
    """Whether a new score is on its way."""
    with house.open_reading_vault() as vault:
        return find_unfinished(vault, subject_id, JobKind.SCORE)


def sweep_spool(house: House) -> int:
    """Delete uploads that no job will read; returns how many.

    An upload still arriving has no job yet, so only those older than a day are taken for abandoned,
    or at once those whose job has ended.
    """
    removed = 0
    with house.open_reading_vault("system") as vault:
        for path in house.config.spool.glob("*.*"):
            job = vault.session.get(Job, UUID(path.stem))
            age = house.clock() - datetime.fromtimestamp(path.stat().st_mtime, UTC)
            has_ended = job is not None and job.state in (JobState.DONE, JobState.FAILED)
            if has_ended or (job is None and age > ABANDONED_AFTER):
                path.unlink(missing_ok=True)
                removed += 1
    return removed
