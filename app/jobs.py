"""The queue: jobs lie in the data database and commit with the change that wants them.

A worker leases a job and renews the lease while it works. A worker that was killed stops renewing, and
the job is taken up again, at most three times (mails more often). Doing a job twice must change nothing:
what a job writes, it writes in one transaction together with its own end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, String, and_, literal, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from consent.limits import ProcessingLimit
from consent.purpose import Purpose
from sources.activity import Platform
from vault.base import Base, by_value
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.subject import Subject

KEPT = timedelta(days=30)
MOST_ATTEMPTS = 3
MOST_MAIL_ATTEMPTS = 8  # over about eight hours, with ever longer rests


class JobKind(StrEnum):
    """What there is to do."""

    IMPORT = "import"
    SCORE = "score"
    MAIL_CODE = "mail-code"
    EXPORT = "export"
    RESTORE = "restore"
    MAIL_CONFIRM = "mail-confirm"
    MAIL_KNOWN = "mail-known"
    MAIL_NEW_CARD = "mail-new-card"
    MAIL_CONSENT_CONFIRM = "mail-consent-confirm"
    MAIL_LETTER = "mail-letter"  # what somebody asked to be sent: app/letters.py
    MAIL_CONSENT_ENDS = "mail-consent-ends"
    MAIL_POST_DUE = "mail-post-due"
    MAIL_RESTRICTION_ENDS = "mail-restriction-ends"
    MAIL_BRAND_CONTACT = "mail-brand-contact"  # to the brand's own contact, asked for by a member of its team
    MAIL_REQUEST_RECEIVED = "mail-request-received"
    MAIL_REQUEST_NEWS = "mail-request-news"
    MAIL_REQUEST_ANSWERED = "mail-request-answered"


MAILS = frozenset(kind for kind in JobKind if kind.startswith("mail-"))
TO_EVERYBODY = frozenset({JobKind.MAIL_NEW_CARD, JobKind.MAIL_LETTER})
ABOUT_REQUESTS = frozenset(kind for kind in MAILS if kind.startswith("mail-request-"))


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobUnknown(DomainError):
    """No such job, or not this person's."""

    slug = "job-unknown"
    title = "Unknown import"

    def __init__(self) -> None:
        super().__init__("There is no such import.")


class JobAbandoned(DomainError):
    """A job was taken up three times and never came to an end."""

    slug = "job-abandoned"
    title = "Processing failed"

    def __init__(self) -> None:
        super().__init__("Processing stopped three times; nothing was stored. Please try again.")


class Job(Base):
    """One piece of work for one data subject."""

    __tablename__ = "job"
    __holding__ = Holding(
        what="Work in the queue and its outcome: kind, platform, progress in bytes, error code",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="30 days after it ended",
        ends=(Term("finished_at", KEPT),),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "kind": "what was done",
            "platform": "for which platform",
            "state": "how far it is",
            "bytes_total": "how large the upload was",
            "created_at": "when it was asked for",
            "finished_at": "when it ended",
            "problem": "why it failed, as a code",
        },
        copied_to="data/uploads.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    kind: Mapped[JobKind] = mapped_column(by_value(JobKind))
    platform: Mapped[Platform | None] = mapped_column(by_value(Platform))
    state: Mapped[JobState] = mapped_column(by_value(JobState), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    bytes_done: Mapped[int] = mapped_column(BigInteger, default=0)
    bytes_total: Mapped[int] = mapped_column(BigInteger, default=0)
    problem: Mapped[str | None] = mapped_column(String(60))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # numbers and closed words only
    detail: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True)
class JobView:
    """A job as shown to its person."""

    id: UUID
    platform: Platform | None
    state: JobState
    bytes_done: int
    bytes_total: int
    problem: str | None
    facts: Mapping[str, Any]
    detail: str | None
    created_at: datetime
    finished_at: datetime | None


def view(job: Job) -> JobView:
    """A job without what only the queue needs."""
    return JobView(**{name: getattr(job, name) for name in JobView.__dataclass_fields__})


def enqueue(
    vault: Vault,
    subject_id: UUID,
    kind: JobKind,
    *,
    job_id: UUID | None = None,
    platform: Platform | None = None,
    bytes_total: int = 0,
    facts: Mapping[str, str] | None = None,
) -> UUID:
    """Queue a job with this transaction; a score already waiting for the person is not queued twice."""
    if kind is JobKind.SCORE and (waiting := _find_waiting(vault, subject_id, kind)) is not None:
        return waiting
    job = Job(
        id=job_id or uuid4(),
        subject_id=subject_id,
        kind=kind,
        platform=platform,
        state=JobState.QUEUED,
        bytes_total=bytes_total,
        facts=dict(facts or {}),
        created_at=vault.now(),
    )
    vault.session.add(job)
    return job.id


def find_unfinished(vault: Vault, subject_id: UUID, kind: JobKind, platform: Platform | None = None) -> bool:
    """Whether such a job is queued or running."""
    statement = select(Job.id).where(
        Job.subject_id == subject_id, Job.kind == kind, Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    )
    if platform is not None:
        statement = statement.where(Job.platform == platform)
    return vault.session.scalars(statement.limit(1)).first() is not None


def lease(vault: Vault, lasts: timedelta) -> Job | None:
    """Take the oldest job that is waiting, or whose worker stopped renewing its lease.

    Mails to everybody come last: nobody sits and waits for one, and there may be thousands.
    """
    now = vault.now()
    statement = (
        select(Job)
        .where(_is_free(now))
        .order_by(Job.kind.in_(TO_EVERYBODY), Job.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = vault.session.scalar(statement)
    if job is not None:
        job.state, job.leased_until, job.attempts = JobState.RUNNING, now + lasts, job.attempts + 1
    return job


def is_any_free(vault: Vault) -> bool:
    """Whether there is anything to lease; a look that takes no lock."""
    return vault.session.scalars(select(Job.id).where(_is_free(vault.now())).limit(1)).first() is not None


def postpone(vault: Vault, job: Job) -> None:
    """Let a job rest after a passing fault: two minutes, then four, then eight, …"""
    rests = timedelta(minutes=2**job.attempts)
    vault.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(leased_until=vault.now() + rests)
    )


def put_back(vault: Vault, job: Job) -> None:
    """Give a job back as if it had never been taken up: its person restricted processing meanwhile."""
    vault.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(state=JobState.QUEUED, leased_until=None, attempts=job.attempts - 1)
    )


def renew(vault: Vault, job: Job, lasts: timedelta, bytes_done: int, bytes_total: int) -> bool:
    """Renew a lease and note the progress; False if the job was erased or taken by another worker."""
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(leased_until=vault.now() + lasts, bytes_done=bytes_done, bytes_total=bytes_total)
    )
    return bool(getattr(vault.session.execute(statement), "rowcount", 0))


def finish(vault: Vault, job: Job, error: DomainError | None = None) -> bool:
    """End a job, with its error if it failed; False if it is not this worker's any more."""
    values: dict[str, Any] = {"state": JobState.DONE, "finished_at": vault.now(), "leased_until": None}
    if error is not None:
        values |= {
            "state": JobState.FAILED,
            "problem": error.slug,
            "facts": {name: str(fact) for name, fact in error.facts.items() if fact is not None},
            "detail": error.detail,
        }
    else:
        values["bytes_done"] = Job.bytes_total
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.RUNNING, Job.attempts == job.attempts)
        .values(**values)
    )
    return bool(getattr(vault.session.execute(statement), "rowcount", 0))


def _is_free(now: datetime) -> ColumnElement[bool]:
    is_waiting = or_(
        Job.state == JobState.QUEUED, and_(Job.state == JobState.RUNNING, Job.leased_until <= now)
    )
    return and_(is_waiting, ~_stands_still())


def _stands_still() -> ColumnElement[bool]:
    """Work on a score whose person restricted it, or objected: it waits, quietly, until that has ended."""
    scoring = Purpose.SCORE_COMPUTE.value
    covers = or_(
        ProcessingLimit.scope.is_(None),
        ProcessingLimit.scope == scoring,
        and_(
            Job.kind == JobKind.IMPORT, ProcessingLimit.scope == literal(f"{scoring}/").concat(Job.platform)
        ),
    )
    limited = select(ProcessingLimit.id).where(
        ProcessingLimit.subject_id == Job.subject_id, ProcessingLimit.ended_at.is_(None), covers
    )
    return and_(Job.kind.in_((JobKind.IMPORT, JobKind.SCORE)), limited.exists())


def _find_waiting(vault: Vault, subject_id: UUID, kind: JobKind) -> UUID | None:
    statement = select(Job.id).where(
        Job.subject_id == subject_id, Job.kind == kind, Job.state == JobState.QUEUED
    )
    return vault.session.scalars(statement.limit(1)).first()
