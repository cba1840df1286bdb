"""Training data for better cards: only of people who consent to research at the moment of the build.

    candidates   a consent to the line in force, nothing against it, a readable score on the card in force
    matrix       a row a person, numbers only, in random order; ten people at least, or nothing is opened
    build        what was made, when, of how many; one use a person, which goes with that person's consent

A build knows nobody: a use is the person's own row and rests on their consent, so a withdrawal, an end or an
erasure takes it. Fewer uses than people means that somebody has left, and the build is to be destroyed
within 30 days (docs/decisions/0058). The files themselves: app/researching.py.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from secrets import SystemRandom
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from consent.access import note_read
from consent.gate import find_permit, permits_in_force
from consent.purpose import Purpose, Scope
from consent.record import ConsentRecord
from model.distribution import K
from model.errors import BuildUnknown, TooFewPeople
from model.inputs import Criterion
from model.release import active_card
from model.score import SealedScore, open_parts, readable_scores
from model.scoring import ScoreResult, result_from_json
from vault.base import Base
from vault.desk import Vault
from vault.errors import EnvelopeInvalid, KeyDestroyed
from vault.holding import Fate, Holding
from vault.subject import Subject

LINE = "card"  # the line of models there is: points cards
DESTROY_WITHIN = timedelta(days=30)
Row = tuple[float | None, ...]
COLUMNS = (*Criterion, *(f"{criterion}_points" for criterion in Criterion), "exact")


class ResearchBuild(Base):
    """One matrix of training data, from the day it was made to the day it was destroyed."""

    __tablename__ = "research_build"
    __holding__ = Holding(
        what="Builds of training data: when, of how many people, the digest, and when they were destroyed",
        purpose="research.train",
        basis="gdpr-6-1-c",
        retained="as long as the service runs; it names nobody",
        source="the service",
        fate=Fate.NOT_PERSONAL,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    line: Mapped[str] = mapped_column(String(100))
    built_at: Mapped[datetime]
    people: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the matrix
    left_at: Mapped[datetime | None]  # when it was first seen that somebody has left
    destroyed_at: Mapped[datetime | None]


class ResearchUse(Base):
    """That one person's numbers are in one build; inserted with it, gone with the consent."""

    __tablename__ = "research_use"
    __holding__ = Holding(
        what="In which builds of training data a person's numbers are",
        purpose="research.train",
        basis="gdpr-6-1-a",
        retained="until the consent ends, the build is destroyed, or the account is erased",
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"build_id": "which build", "scope": "for which line of models", "used_at": "when"},
        rests_on=lambda use: [use.scope],
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    build_id: Mapped[UUID] = mapped_column(ForeignKey(ResearchBuild.id), index=True)
    scope: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime]


@dataclass(frozen=True)
class BuildView:
    """One build as it may be told.

    people: rounded down to tens.
    destroy_by: until when it must be gone; None while everybody in it still agrees.
    """

    id: UUID
    line: str
    built_at: datetime
    people: int
    digest: str
    card: str | None
    destroy_by: datetime | None
    destroyed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been destroyed by now."""
        return self.destroyed_at is None and self.destroy_by is not None and now >= self.destroy_by


def research_scope(line: str = LINE) -> Scope:
    """The scope under which a person's numbers serve one line of models."""
    return Scope(Purpose.RESEARCH_TRAIN, line)


def build(vault: Vault, line: str = LINE) -> tuple[BuildView, bytes] | None:
    """Open everybody's newest score who consents, and record what is made of it; the matrix leaves after it.

    Returns:
        The build and its matrix as CSV: `COLUMNS`, an empty cell where a network gives no figure. None where
        records turned out unreadable and fewer than ten people are left; what was opened is noted.

    Raises:
        TooFewPeople: fewer than ten people may be used; nothing was opened.

    Source: GDPR Art. 6(1)(a), 7(3), 25, 89(1).
    """
    scope, digest = research_scope(line), active_card(vault).digest
    sealed = {one: _find_newest(vault, one, scope, digest) for one in _consenting(vault, line)}
    found = {one: newest for one, newest in sealed.items() if newest is not None}
    if len(found) < K:
        raise TooFewPeople
    used = {
        one: row for one, newest in found.items() if (row := _open(vault, one, newest, scope)) is not None
    }
    if len(used) < K:
        return None
    matrix = _matrix(list(used.values()))
    made = ResearchBuild(
        id=uuid4(),
        line=line,
        built_at=vault.now(),
        people=len(used),
        digest=hashlib.sha256(matrix).hexdigest(),
    )
    vault.session.add(made)
    vault.flush()
    vault.session.add_all(
        ResearchUse(subject_id=one, build_id=made.id, scope=str(scope), used_at=made.built_at) for one in used
    )
    append(vault, Action.RESEARCH_BUILT, scope=str(scope), counts={"rows": made.people // K * K})
    vault.checkpoint_wanted = True
    return _view(made, digest), matrix


def builds(vault: Vault) -> tuple[BuildView, ...]:
    """Every build, oldest first."""
    statement = select(ResearchBuild).order_by(ResearchBuild.built_at, ResearchBuild.id)
    return tuple(_view(made) for made in vault.session.scalars(statement))


def note_departures(vault: Vault) -> None:
    """Begin the 30 days of every build that holds somebody who no longer agrees; again changes nothing."""
    statement = select(ResearchBuild).where(
        ResearchBuild.left_at.is_(None), ResearchBuild.destroyed_at.is_(None)
    )
    for made in vault.session.scalars(statement).all():
        uses = select(func.count()).select_from(ResearchUse).where(ResearchUse.build_id == made.id)
        if (vault.session.scalar(uses) or 0) < made.people:
            made.left_at = vault.now()


def note_destroyed(vault: Vault, build_id: UUID) -> BuildView:
    """Note that the files of a build are gone; nobody's numbers are in it any more.

    Raises:
        BuildUnknown: there is no such build.
    """
    made = vault.session.get(ResearchBuild, build_id)
    if made is None:
        raise BuildUnknown
    if made.destroyed_at is None:
        made.destroyed_at = vault.now()
        vault.session.execute(delete(ResearchUse).where(ResearchUse.build_id == build_id))
        append(vault, Action.RESEARCH_DESTROYED, scope=str(research_scope(made.line)))
    return _view(made)


def _consenting(vault: Vault, line: str) -> Sequence[UUID]:
    """Whoever ever decided on this line; whether they agree now is the gate's to say."""
    statement = (
        select(ConsentRecord.subject_id)
        .where(ConsentRecord.purpose == Purpose.RESEARCH_TRAIN, ConsentRecord.about == line)
        .distinct()
        .order_by(ConsentRecord.subject_id)
    )
    return vault.session.scalars(statement).all()


def _find_newest(vault: Vault, subject_id: UUID, scope: Scope, card: str) -> SealedScore | None:
    """The score that may be used, still sealed."""
    if find_permit(vault, subject_id, scope) is None:
        return None
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    newest = next(iter(readable_scores(vault, subject_id, permits, limit=1)), None)
    return newest if newest is not None and newest.model == card else None


def _open(vault: Vault, subject_id: UUID, newest: SealedScore, scope: Scope) -> Row | None:
    """One person's row, its opening noted with the permit for research."""
    permit = find_permit(vault, subject_id, scope)
    if permit is None:
        return None
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    try:
        result = result_from_json(open_parts(vault, permits, newest))
    except (EnvelopeInvalid, KeyDestroyed):  # from a backup older than a withdrawal: nobody can read it
        return None
    note_read(vault, permit, "score.result")
    return _row(result)


def _row(result: ScoreResult) -> Row:
    return (
        *(one.input for one in result.criteria),
        *(one.points for one in result.criteria),
        result.exact,
    )


def _matrix(rows: list[Row]) -> bytes:
    """The rows in an order that says nothing: neither who joined first nor which row is whose."""
    SystemRandom().shuffle(rows)
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("ascii")


def _view(made: ResearchBuild, card: str | None = None) -> BuildView:
    return BuildView(
        id=made.id,
        line=made.line,
        built_at=made.built_at,
        people=made.people // K * K,
        digest=made.digest,
        card=card,
        destroy_by=made.left_at + DESTROY_WITHIN if made.left_at is not None else None,
        destroyed_at=made.destroyed_at,
    )
