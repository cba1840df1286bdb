"""`Score`: one computed score, sealed under every consent it rests on.

Whoever withdraws one of them makes the scores that rested on it unreadable and gone; the score is then
computed again from what remains. Computing runs in the worker, and what it reads is logged.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import Written, append
from consent.access import note_read
from consent.gate import permits_in_force
from consent.purpose import Purpose, Scope, score_scope
from model.inputs import features_digest, platform_inputs
from model.release import CardRelease, active_card
from model.scoring import ScoreResult, result_to_json, score_inputs
from model.units import pool
from sources.correction import corrected, open_corrections
from sources.store import open_records
from vault.base import Base
from vault.desk import Vault
from vault.envelope import Cell
from vault.errors import EnvelopeInvalid, KeyDestroyed
from vault.holding import Fate, Holding, Opening, Term
from vault.permit import Permit
from vault.subject import Subject, lock_subject


def _own(vault: Vault, permits: Mapping[str, Permit], score: "Score") -> Any:
    used = [permits[scope] for scope in score.rests_on.split()]
    return json.loads(vault.unseal(used, score.cell("result"), score.result))


class Score(Base):
    """One score of one data subject, with its parts."""

    __tablename__ = "score"
    __sealed_schema__ = 2  # 2: with each network's inputs in its own units
    __table_args__ = (UniqueConstraint("subject_id", "number"),)
    __holding__ = Holding(
        what="Scores with their points, inputs and coverage, and from which model they came",
        purpose="score.compute",
        basis="gdpr-6-1-a",
        retained="until a consent it rests on ends or the account is erased; at most 24 months",
        ends=(Term("computed_at", timedelta(days=730)),),
        source="computed from the records of the platforms",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "computed_at": "when it was computed",
            "model": "digest of the points card",
            "rests_on": "the consents it rests on",
            "result": "score, points, inputs, coverage (sealed)",
        },
        rests_on=lambda score: score.rests_on.split(),
        copied_to="derived/scores.jsonl",
        opened_by={"result": Opening(_own, {"type": "object"})},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id))
    number: Mapped[int]  # rises with each score of a person: which is newer, whatever the clock says
    computed_at: Mapped[datetime]
    model: Mapped[str] = mapped_column(String(64))
    rests_on: Mapped[str] = mapped_column(String(2000))  # scopes, separated by blanks
    row_version: Mapped[int] = mapped_column(default=1)
    result: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class SealedScore:
    """A stored score as it is read: what is in the clear, and the sealed result.

    newest_release: digest of the card released last, so that a reader knows without another query
        whether there is anything to say about cards.
    """

    id: UUID
    computed_at: datetime
    model: str
    newest_release: str | None
    rests_on: str
    row_version: int
    result: bytes

    @property
    def cell(self) -> Cell:
        """Where the result is sealed."""
        return Cell(Score.__tablename__, "result", self.id, self.row_version, Score.__sealed_schema__)


_COLUMNS = Score.__table__.c
_NEWEST_RELEASE = (
    select(CardRelease.__table__.c.digest).order_by(CardRelease.__table__.c.number.desc()).limit(1)
).scalar_subquery()
_NEWEST_FIRST = (
    select(
        _COLUMNS.id,
        _COLUMNS.computed_at,
        _COLUMNS.model,
        _NEWEST_RELEASE,
        _COLUMNS.rests_on,
        _COLUMNS.row_version,
        _COLUMNS.result,
    )
    .where(_COLUMNS.subject_id == bindparam("subject"))
    .order_by(_COLUMNS.number.desc())
)


def compute(vault: Vault, subject_id: UUID) -> Score | None:
    """Compute and seal a score from everything a consent is in force for; None where there is nothing.

    Where the newest score already says the same (same card, inputs and consents), that one stays.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    lock_subject(vault, subject_id)
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    corrections = open_corrections(vault, permits)
    for platform in {one.figure.platform for one in corrections}:
        note_read(vault, permits[score_scope(platform)], "correction.content")
    records = {name: corrected(one, corrections) for name, one in open_records(vault, permits).items()}
    if not records:
        return None
    used = [permits[score_scope(platform)] for platform in sorted(records)]
    card = active_card(vault)
    pooled = pool([platform_inputs(record) for record in records.values()], card.units)
    digests = (card.digest, features_digest(pooled.networks))
    if (same := _find_same(vault, subject_id, used, digests)) is not None:
        return same
    return _store(vault, subject_id, used, score_inputs(card, pooled))


def _store(vault: Vault, subject_id: UUID, used: Sequence[Permit], result: ScoreResult) -> Score:
    score = Score(
        id=uuid4(),
        subject_id=subject_id,
        number=_next_number(vault, subject_id),
        computed_at=vault.now(),
        model=result.model,
        rests_on=_scopes(used),
        row_version=1,
    )
    score.result = vault.seal(used, score.cell("result"), json.dumps(result_to_json(result)).encode())
    vault.session.add(score)
    append(
        vault,
        Action.SCORE_COMPUTED,
        subject_id=subject_id,
        scope=str(Purpose.SCORE_COMPUTE),
        basis=used[0].basis,
        written=Written(score.cell("result"), score.result),
        counts={"networks": len(used)},
    )
    return score


def _find_same(
    vault: Vault, subject_id: UUID, used: Sequence[Permit], digests: tuple[str, str]
) -> Score | None:
    """The newest score, if it rests on the same consents, card and inputs; their reading is logged."""
    newest = vault.session.scalars(
        select(Score).where(Score.subject_id == subject_id).order_by(Score.number.desc()).limit(1)
    ).first()
    if newest is None or newest.model != digests[0] or newest.rests_on != _scopes(used):
        return None
    try:
        parts = json.loads(vault.unseal(used, newest.cell("result"), newest.result))
    except (EnvelopeInvalid, KeyDestroyed):  # from a backup older than a withdrawal: nobody can read it
        return None
    return newest if parts["features"] == digests[1] else None


def _scopes(used: Sequence[Permit]) -> str:
    return " ".join(permit.scope for permit in used)


def readable_scores(
    vault: Vault, subject_id: UUID, permits: Mapping[Scope, Permit], *, limit: int | None = None
) -> list[SealedScore]:
    """The scores for which every consent is in force, newest first."""
    held = {permit.scope for permit in permits.values()}
    with vault.connection.execute(_NEWEST_FIRST, {"subject": subject_id}) as rows:
        readable = (row for row in rows if held.issuperset(row.rests_on.split()))
        return [SealedScore(*row) for row in islice(readable, limit)]


def open_parts(vault: Vault, permits: Mapping[Scope, Permit], score: SealedScore) -> dict[str, Any]:
    """Unseal one score: its parts in their JSON form (`result_to_json`)."""
    by_scope = {permit.scope: permit for permit in permits.values()}
    used = [by_scope[scope] for scope in score.rests_on.split()]
    parts: dict[str, Any] = json.loads(vault.unseal(used, score.cell, score.result))
    return parts


def _next_number(vault: Vault, subject_id: UUID) -> int:
    last = vault.session.scalar(select(func.max(Score.number)).where(Score.subject_id == subject_id))
    return (last or 0) + 1
