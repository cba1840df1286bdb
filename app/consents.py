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
from consent.confirmation import CONFIRM_WITHIN
from consent.decision import (
    EndingDecision,
    end_for_them,
    give,
    is_reconsent_required,
    refuse,
    request,
    withdraw,
)
from consent.errors import NoticeUnknown
from consent.notice import Notice, notice
from consent.part import SharedField
from consent.purpose import REASK_AFTER, RULES, Purpose, Scope, score_scope
from consent.record import (
    Choice,
    ConsentRecord,
    Decision,
    EndReason,
    Surface,
    decisions,
    find_in_force,
    find_latest,
)
from consent.register import Notices
from consent.signal import heard_since, is_stopped
from model.research import research_scope
from perks.participation import MATCH
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
    REQUESTED = "requested"  # said; off until the link in the mail is followed
    OFF_BY_SIGNAL = "off-by-signal"  # given; off, because a browser asks not to share
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
    signal_since: datetime | None  # since when a browser asks not to share, where that stops this

    def is_refused_lately(self, now: datetime) -> bool:
        """Whether a no is so recent that nobody asks again by themselves."""
        return self.refused_at is not None and now < self.refused_at + REASK_AFTER


def scopes() -> tuple[Scope, ...]:
    """Every scope one may decide on here, purpose by purpose.

    What is decided in its place (a brand's perk) or not done yet has no switch (docs/decisions/0045).
    """
    scores = tuple(score_scope(platform) for platform in READABLE)
    fields = tuple(profile_scope(field) for field in PUBLIC_FIELDS)
    mails = (Scope(Purpose.MAIL_NEWS), Scope(Purpose.MAIL_PERKS))
    return (*scores, MATCH, *fields, research_scope(), *mails)


def consent_states(
    vault: Vault, subject_id: UUID, language: str, notices: Notices
) -> tuple[ConsentState, ...]:
    """How each scope stands; everything is off until decided otherwise."""
    page = own_page(vault, subject_id)
    return tuple(_state(vault, subject_id, scope, language, notices, page) for scope in scopes())


def stopped_by_signal(vault: Vault, subject_id: UUID) -> tuple[Scope, ...]:
    """Everything given that is off because a browser asks not to share, also what is decided in its place."""
    return tuple(
        scope
        for purpose in (purpose for purpose, rule in RULES.items() if rule.heeds_signal)
        for scope, latest in decisions(vault, subject_id, purpose).items()
        if latest.is_in_force(vault.now()) and is_stopped(vault, subject_id, scope, latest)
    )


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
    despite_signal: bool = False,
) -> None:
    """Give, refuse or withdraw a consent; a withdrawal has the score computed again from what remains.

    A yes to be mailed to sends a link and counts once it was followed (app/confirming.py).

    Args:
        name: the display name to show, where the consent is about that.
        despite_signal: said where it stood that a browser of theirs asks not to share.

    Raises:
        NoticeUnknown: the digest is not that of the present words in this language.
        ConsentChanged: decided on an outdated page. ConsentMissing: nothing to withdraw.
        TooYoung: for adults only. DisplayNameUnfit: no name that can be shown, or one where none belongs.
        SignalHeeded: a browser of theirs asks not to share, and this was not said in view of it.
    """
    shown = notice(scope, language, notices=house.notices)
    if not hmac.compare_digest(shown.sha256, notice_sha256):
        raise NoticeUnknown
    said = Said(shown, seen, surface, despite_signal, name)
    with house.open_vault("subject") as vault:
        stopped = decide_within(house, vault, subject_id, decision, said)
    _remove_uploads(house, stopped)


@dataclass(frozen=True)
class Said:
    """A decision: about which words, on which state, where, in view of what, and with which name to show."""

    notice: Notice
    seen: int
    surface: Surface
    despite_signal: bool = False
    name: str | None = None


def decide_within(
    house: House, vault: Vault, subject_id: UUID, decision: Choice, said: Said
) -> Sequence[UUID]:
    """The same beside other acts of a transaction; returns the uploads to remove after its commit.

    Raises:
        As `decide`, but for the words, which the caller has looked up.
    """
    scope = said.notice.scope
    if decision is Choice.GIVEN:
        (_request if scope.rule.confirmed_by_mail else _give)(house, vault, subject_id, said)
        if scope.purpose is Purpose.PROFILE_PUBLIC:
            show_field(vault, subject_id, scope, said.name)
        return ()
    if decision is Choice.REFUSED:
        refuse(vault, subject_id, said.notice, seen=said.seen, surface=said.surface, notices=house.notices)
        return ()
    withdraw(vault, subject_id, said.notice, seen=said.seen, surface=said.surface)
    return _stop_what_rests_on(vault, subject_id, scope)


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


def _give(house: House, vault: Vault, subject_id: UUID, said: Said) -> None:
    give(
        vault,
        subject_id,
        said.notice,
        seen=said.seen,
        surface=said.surface,
        despite_signal=said.despite_signal,
        notices=house.notices,
    )


def _request(house: House, vault: Vault, subject_id: UUID, said: Said) -> None:
    """The mail's job bears the number of the wish: a later decision makes it moot."""
    wished = request(
        vault,
        subject_id,
        said.notice,
        seen=said.seen,
        surface=said.surface,
        despite_signal=said.despite_signal,
        notices=house.notices,
    )
    enqueue(vault, subject_id, JobKind.MAIL_CONSENT_CONFIRM, job_id=wished.id)


def _state(
    vault: Vault, subject_id: UUID, scope: Scope, language: str, notices: Notices, page: OwnPage
) -> ConsentState:
    latest = find_latest(vault, subject_id, scope)
    given = find_in_force(vault, subject_id, scope)
    counts = given or latest
    field = SharedField(scope.about) if scope.purpose is Purpose.PROFILE_PUBLIC else None
    since = heard_since(vault, subject_id) if scope.rule.heeds_signal else None
    is_stopped = given is not None and since is not None and not given.despite_signal
    ended = latest if latest is not None and latest.decision in ENDED_FOR_THEM else None
    return ConsentState(
        scope=scope,
        notice=notice(scope, language, notices=notices),
        is_in_force=given is not None and not is_stopped,
        standing=_standing(notices, given, latest, is_stopped=is_stopped, now=vault.now()),
        number=latest.number if latest is not None else 0,
        decided_at=counts.decided_at if counts is not None and counts.carried_as is None else None,
        expires_at=counts.expires_at if counts is not None else None,
        refused_at=latest.decided_at if latest is not None and latest.decision in NO else None,
        ended_because=ended.reason if ended is not None else None,
        ended_by=ended.alias if ended is not None else None,
        news=_news(notices, given, language),
        value=page.values.get(field) if field is not None else None,
        page=f"/p/{page.slug}" if field is not None and given is not None else None,
        signal_since=since,
    )


def _standing(
    notices: Notices,
    given: ConsentRecord | None,
    latest: ConsentRecord | None,
    *,
    is_stopped: bool,
    now: datetime,
) -> Standing:
    if given is None or is_stopped:
        is_requested = latest is not None and latest.decision is Decision.REQUESTED
        if latest is not None and is_requested and now < latest.decided_at + CONFIRM_WITHIN:
            return Standing.REQUESTED
        return Standing.OFF_BY_SIGNAL if is_stopped else Standing.OFF
    return Standing.RECONSENT_REQUIRED if is_reconsent_required(notices, given) else Standing.ON


def _news(notices: Notices, given: ConsentRecord | None, language: str) -> tuple[str, ...]:
    if given is None:
        return ()
    return tuple(version.news[language] for version in notices.since(given.purpose, given.notice_version))


def _stop_what_rests_on(vault: Vault, subject_id: UUID, scope: Scope) -> list[UUID]:
    """End what is under way for an ended scope; returns the uploads to remove after the commit."""
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
