"""Releasing a points card: counted, announced, told, and applied on its day.

    count      everybody's score on the new card beside the present one, batch by batch; only the log keeps it
    announce   the release with its distribution and its log entry, in one transaction
    tell       a mail for everybody who has a score, batch by batch
    apply      from its day on, a new score for everybody whose newest is on another card, batch by batch

The operator's command does the first two; the worker does the others when it tidies up. A crash before the
announcement leaves nothing but the log's word of what was read. After it, `finish_releases` begins the
unfinished step again: who has a mail since the announcement gets no second, a waiting score job is not
queued twice, and a score that says the same again is not stored twice (model/score.py).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.jobs import Job, JobKind, enqueue
from app.transaction import Actor, House
from audit.entry import Action
from audit.log import append
from consent.access import note_read
from consent.gate import find_permit, permits_in_force
from consent.purpose import STATISTICS, Purpose
from model.card import PointsCard
from model.distribution import publishable
from model.release import (
    CardRelease,
    ReleaseView,
    active_card,
    lock_releases,
    record_release,
    releases,
    require_releasable,
    result_on,
)
from model.score import Score, open_parts, readable_scores
from model.scoring import result_from_json
from vault.desk import Vault
from vault.errors import EnvelopeInvalid, KeyDestroyed
from vault.subject import Subject

BATCH = 50  # people in one transaction: on SQLite nobody else writes meanwhile
SETTLED_AFTER = timedelta(minutes=1)  # a score under way at the instant of change is on the old card


def release_card(house: House, card: PointsCard, effective_in: timedelta) -> ReleaseView:
    """Announce a points card with what it changes.

    Raises:
        ReleaseRefused: the card in force, one already announced, or one that leaves a figure out.
    """
    with house.open_reading_vault("operator") as vault:
        require_releasable(vault, card)
    changes = _count_changes(house, card)
    with house.open_vault("operator") as vault:
        release = record_release(vault, card, vault.now() + effective_in, publishable(changes))
        append(vault, Action.CARD_RELEASED, notice=f"card-{release.number}.{release.digest}")
        vault.checkpoint_wanted = True
    return release


def finish_releases(house: House) -> None:
    """Tell and apply what was announced and is due; doing it again changes nothing."""
    with house.open_reading_vault("worker") as vault:
        now, newest = vault.now(), releases(vault)[0]
        due = CardRelease.effective_at <= now
        is_untold = _is_any(vault, CardRelease.told_at.is_(None))
        is_unapplied = _is_any(vault, and_(CardRelease.applied_at.is_(None), due))
    if is_untold:
        _for_everybody(house, "worker", lambda vault, people: _tell(vault, people, newest))
        _mark(house, CardRelease.told_at, CardRelease.number <= newest.number)
    if is_unapplied:
        _for_everybody(house, "worker", _apply)
        _mark(house, CardRelease.applied_at, CardRelease.effective_at <= now - SETTLED_AFTER)


def _count_changes(house: House, card: PointsCard) -> Counter[int]:
    """How many people's shown score changes by how many points."""
    changes: Counter[int] = Counter()

    def count(vault: Vault, people: Sequence[UUID]) -> None:
        found = (_change(vault, subject_id, card) for subject_id in people)
        changes.update(change for change in found if change is not None)

    _for_everybody(house, "operator", count)
    return changes


def _change(vault: Vault, subject_id: UUID, card: PointsCard) -> int | None:
    """The new score less the old one; None for whoever does not consent, has no score, or objected.

    The score is opened by consent; that it is counted rests on a legitimate interest of its own, that
    people learn what a card does before it applies, and anybody may object to it (GDPR Art. 21(1)).
    """
    counting = find_permit(vault, subject_id, STATISTICS)
    if counting is None:
        return None
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    for newest in readable_scores(vault, subject_id, permits, limit=1):
        try:
            result = result_from_json(open_parts(vault, permits, newest))
            for permit in permits.values():
                if permit.scope in newest.rests_on.split():
                    note_read(vault, permit, "score.result")
            note_read(vault, counting, "score.result")
        except (EnvelopeInvalid, KeyDestroyed):  # from a backup older than a withdrawal: nobody can read it
            return None
        return result_on(card, result).score - result.score
    return None


def _tell(vault: Vault, people: Sequence[UUID], release: ReleaseView) -> None:
    told = set(
        vault.session.scalars(
            select(Job.subject_id).where(
                Job.subject_id.in_(people),
                Job.kind == JobKind.MAIL_NEW_CARD,
                Job.created_at >= release.announced_at,
            )
        )
    )
    for subject_id in people:
        permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
        if subject_id not in told and readable_scores(vault, subject_id, permits, limit=1):
            enqueue(vault, subject_id, JobKind.MAIL_NEW_CARD)


def _apply(vault: Vault, people: Sequence[UUID]) -> None:
    other = aliased(Score)
    newest = select(func.max(other.number)).where(other.subject_id == Score.subject_id).scalar_subquery()
    outdated = select(Score.subject_id).where(
        Score.subject_id.in_(people), Score.number == newest, Score.model != active_card(vault).digest
    )
    for subject_id in vault.session.scalars(outdated).all():
        enqueue(vault, subject_id, JobKind.SCORE)


def _for_everybody(house: House, actor: Actor, act: Callable[[Vault, Sequence[UUID]], None]) -> None:
    """Call `act` with everybody who has a score, some people and one transaction at a time."""
    after: UUID | None = None
    while True:
        with house.open_vault(actor) as vault:
            lock_releases(vault)  # two workers take turns, so each sees what the other has queued
            people = _next_people(vault, after)
            act(vault, people)
        if not people:
            return
        after = people[-1]


def _next_people(vault: Vault, after: UUID | None) -> Sequence[UUID]:
    # Held against erasure until the batch ends: a job for somebody erased meanwhile would point nowhere.
    statement = (
        select(Subject.id)
        .where(select(Score.id).where(Score.subject_id == Subject.id).exists())
        .order_by(Subject.id)
        .limit(BATCH)
        .with_for_update(read=True, key_share=True)
    )
    if after is not None:
        statement = statement.where(Subject.id > after)
    return vault.session.scalars(statement).all()


def _is_any(vault: Vault, condition: ColumnElement[bool]) -> bool:
    return vault.session.scalar(select(CardRelease.number).where(condition).limit(1)) is not None


def _mark(house: House, step: InstrumentedAttribute[object], which: ColumnElement[bool]) -> None:
    with house.open_vault("worker") as vault:
        vault.session.execute(update(CardRelease).where(which, step.is_(None)).values({step: vault.now()}))
