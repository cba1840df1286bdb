"""What one may decide on, how it stands, and deciding: the same for pages and API."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from app.jobs import Job, JobKind, JobState, enqueue
from app.profile import PUBLIC_FIELDS, OwnPage, own_page, profile_scope, show_field
from app.transaction import House
from consent.decision import EndingDecision, end_for_them, give, is_reconsent_required, refuse, withdraw
from consent.errors import NoticeUnknown
from consent.notice import Notice, notice
from consent.part import SharedField
from consent.purpose import REASK_AFTER, Purpose, Scope, score_scope
from consent.record import Choice, ConsentRecord, Decision, EndReason, Surface, find_in_force, find_latest
from consent.register import Notices
from perks.ending import follow_consents
from sources.activity import Platform
from sources.readers import READABLE
from vault.desk import Vault
from vault.errors import SubjectUnknown
from vault.spool import remove_upload

NO = frozenset({Decision.REFUSED, Decision.WITHDRAWN})
ENDED_FOR_THEM = frozenset({Decision.REVOKED, Decision.INVALIDATED})


class Standing(StrEnum):
    """How a scope stands."""

    OFF = "off"
    ON = "on"
    RECONSENT_REQUIRED = "reconsent-required"  # on as it was given; the present words ask for more


@dataclass(frozen=True)
class ConsentState:
    """One scope: the words, and how the person decided last."""

    scope: Scope
    notice: Notice
    is_in_force: bool
    standing: Standing
    number: int  # of the last decision; 0 where none was made
    decided_at: datetime | None  # of the consent in force, else of the last decision
    expires_at: datetime | None
    refused_at: datetime | None  # where the last decision was a no
    ended_because: EndReason | None  # where the last decision was that of somebody else
    ended_by: str | None
    news: tuple[str, ...]  # what is new in the present words for whoever agreed to earlier ones
    value: str | None  # what would be shown to everybody right now; None: nothing, or not about a page
    page: str | None  # where it is shown to everybody; None while it is not

    def is_refused_lately(self, now: datetime) -> bool:
        """Whether a no is so recent that nobody asks again by themselves."""
        return self.refused_at is not None and now < self.refused_at + REASK_AFTER


def scopes() -> tuple[Scope, ...]:
    """Every scope one may decide on here, purpose by purpose.

    What is decided in its place (a brand's perk) or not done yet has no switch (docs/decisions/0045).
    """
    scores = tuple(score_scope(platform) for platform in READABLE)
    return scores + tuple(profile_scope(field) for field in PUBLIC_FIELDS)


def consent_states(
    vault: Vault, subject_id: UUID, language: str, notices: Notices
) -> tuple[ConsentState, ...]:
    """How each scope stands; everything is off until decided otherwise."""
    page = own_page(vault, subject_id)
    return tuple(_state(vault, subject_id, scope, language, notices, page) for scope in scopes())


def may_be_asked(states: Sequence[ConsentState], purpose: Purpose, now: datetime) -> bool:
    """Whether a page may by itself ask for a purpose: not within six months of a no."""
    about = [state for state in states if state.scope.purpose is purpose]
    return not any(state.is_refused_lately(now) for state in about)


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
    name: str | None = None,
) -> None:
    """Give, refuse or withdraw a consent; a withdrawal has the score computed again from what remains.

    Args:
        name: the display name to show, where the consent is about that.

    Raises:
        NoticeUnknown: the digest is not that of the present words in this language.
        ConsentChanged: decided on an outdated page. ConsentMissing: nothing to withdraw.
        TooYoung: for adults only. DisplayNameUnfit: no name that can be shown, or one where none belongs.
    """
    shown = notice(scope, language, notices=house.notices)
    if not hmac.compare_digest(shown.sha256, notice_sha256):
        raise NoticeUnknown
    stopped: list[UUID] = []
    with house.open_vault("subject") as vault:
        if decision is Choice.GIVEN:
            give(vault, subject_id, shown, seen=seen, surface=surface, notices=house.notices)
            if scope.purpose is Purpose.PROFILE_PUBLIC:
                show_field(vault, subject_id, scope, name)
        elif decision is Choice.REFUSED:
            refuse(vault, subject_id, shown, seen=seen, surface=surface, notices=house.notices)
        else:
            withdraw(vault, subject_id, shown, seen=seen, surface=surface)
            stopped = _stop_what_rests_on(vault, subject_id, scope)
    _remove_uploads(house, stopped)


def end_consent(
    house: House,
    alias: str,
    address: str,
    scope: Scope,
    decision: EndingDecision,
    reason: EndReason,
) -> None:
    """End somebody's consent as a member of staff; data and key go as on a withdrawal.

    Raises:
        SubjectUnknown: nobody has this address. ConsentMissing: nothing to end.
    """
    subject_id = house.keystore.find_subject(address)
    if subject_id is None:
        raise SubjectUnknown
    with house.open_vault("staff", alias) as vault:
        end_for_them(vault, subject_id, scope, decision, reason)
        stopped = _stop_what_rests_on(vault, subject_id, scope)
    _remove_uploads(house, stopped)


def _state(
    vault: Vault, subject_id: UUID, scope: Scope, language: str, notices: Notices, page: OwnPage
) -> ConsentState:
    latest = find_latest(vault, subject_id, scope)
    given = find_in_force(vault, subject_id, scope)
    counts = given or latest
    field = SharedField(scope.about) if scope.purpose is Purpose.PROFILE_PUBLIC else None
    ended = latest if latest is not None and latest.decision in ENDED_FOR_THEM else None
    return ConsentState(
        scope=scope,
        notice=notice(scope, language, notices=notices),
        is_in_force=given is not None,
        standing=_standing(notices, given),
        number=latest.number if latest is not None else 0,
        decided_at=counts.decided_at if counts is not None and counts.carried_as is None else None,
        expires_at=counts.expires_at if counts is not None else None,
        refused_at=latest.decided_at if latest is not None and latest.decision in NO else None,
        ended_because=ended.reason if ended is not None else None,
        ended_by=ended.alias if ended is not None else None,
        news=_news(notices, given, language),
        value=page.values.get(field) if field is not None else None,
        page=f"/p/{page.slug}" if field is not None and given is not None else None,
    )


def _standing(notices: Notices, given: ConsentRecord | None) -> Standing:
    if given is None:
        return Standing.OFF
    return Standing.RECONSENT_REQUIRED if is_reconsent_required(notices, given) else Standing.ON


def _news(notices: Notices, given: ConsentRecord | None, language: str) -> tuple[str, ...]:
    if given is None:
        return ()
    return tuple(version.news[language] for version in notices.since(given.purpose, given.notice_version))


def _stop_what_rests_on(vault: Vault, subject_id: UUID, scope: Scope) -> list[UUID]:
    """End what is under way for an ended scope; returns the uploads to remove after the commit."""
    follow_consents(vault, subject_id)
    if scope.purpose is not Purpose.SCORE_COMPUTE:
        return []
    enqueue(vault, subject_id, JobKind.SCORE)
    return _stop_imports(vault, subject_id, scope)


def _remove_uploads(house: House, stopped: Sequence[UUID]) -> None:
    for upload_id in stopped:
        remove_upload(house.config.spool, upload_id)


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
