"""What one may decide on, how it stands, and deciding: the same for pages and API."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.jobs import Job, JobKind, JobState, enqueue
from app.transaction import House
from consent.errors import NoticeUnknown
from consent.notice import Notice, notice
from consent.purpose import Scope, score_scope
from consent.record import Choice, Surface, find_latest, give, withdraw
from sources.activity import Platform
from sources.readers import READABLE
from vault.desk import Vault
from vault.spool import remove_upload


@dataclass(frozen=True)
class ConsentState:
    """One scope: the words, and how the person decided last."""

    scope: Scope
    notice: Notice
    is_in_force: bool
    number: int  # of the last decision; 0 where none was made
    decided_at: datetime | None
    expires_at: datetime | None


def scopes() -> tuple[Scope, ...]:
    """Every scope one may decide on."""
    return tuple(score_scope(platform) for platform in READABLE)


def consent_states(vault: Vault, subject_id: UUID, language: str) -> tuple[ConsentState, ...]:
    """How each scope stands; everything is off until decided otherwise."""
    return tuple(_state(vault, subject_id, scope, language) for scope in scopes())


def decide(
    house: House,
    subject_id: UUID,
    scope: Scope,
    decision: Choice,
    *,
    language: str,
    notice_sha256: str,
    seen: int,
    surface: Surface,
) -> None:
    """Give or withdraw a consent; a withdrawal has the score computed again from what remains.

    Raises:
        NoticeUnknown: the digest is not that of the present words in this language.
        ConsentChanged: decided on an outdated page. ConsentMissing: nothing to withdraw.
    """
    shown = notice(scope, language)
    if not hmac.compare_digest(shown.sha256, notice_sha256):
        raise NoticeUnknown
    stopped: list[UUID] = []
    with house.open_vault("subject") as vault:
        if decision is Choice.GIVEN:
            give(vault, subject_id, shown, seen=seen, surface=surface)
        else:
            withdraw(vault, subject_id, shown, seen=seen, surface=surface)
            stopped = _stop_imports(vault, subject_id, scope)
            enqueue(vault, subject_id, JobKind.SCORE)
    for upload_id in stopped:
        remove_upload(house.config.spool, upload_id)


def _state(vault: Vault, subject_id: UUID, scope: Scope, language: str) -> ConsentState:
    latest = find_latest(vault, subject_id, scope)
    return ConsentState(
        scope=scope,
        notice=notice(scope, language),
        is_in_force=latest is not None and latest.is_in_force(vault.now()),
        number=latest.number if latest is not None else 0,
        decided_at=latest.decided_at if latest is not None else None,
        expires_at=latest.expires_at if latest is not None else None,
    )


def _stop_imports(vault: Vault, subject_id: UUID, scope: Scope) -> list[UUID]:
    """Imports that wait for the withdrawn scope: ended; a worker in the middle of one is refused later."""
    statement = select(Job).where(
        Job.subject_id == subject_id,
        Job.kind == JobKind.IMPORT,
        Job.platform == Platform(scope.about),
        Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
    )
    jobs = vault.session.scalars(statement).all()
    for job in jobs:
        job.state, job.finished_at, job.problem = JobState.FAILED, vault.now(), "consent-missing"
        job.detail = "Consent was withdrawn before the archive was read."
    return [job.id for job in jobs]
