"""`Score`: one computed score, sealed under every consent it rests on.

Whoever withdraws one of them makes the scores that rested on it unreadable and gone; the score is then
computed again from what remains. Computing runs in the worker, and what it reads is logged.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import Written, append
from consent.gate import permits_in_force
from consent.purpose import Purpose, Scope, score_scope
from model.card import load_card
from model.scoring import result_to_json, score_records
from sources.store import open_records
from vault.base import Base
from vault.desk import Vault
from vault.envelope import Cell
from vault.holding import Fate, Holding
from vault.permit import Permit
from vault.subject import Subject, lock_subject


class Score(Base):
    """One score of one data subject, with its parts."""

    __tablename__ = "score"
    __sealed_schema__ = 2  # 2: with each network's inputs in its own units
    __table_args__ = (UniqueConstraint("subject_id", "number"),)
    __holding__ = Holding(
        what="Scores with their points, inputs and coverage, and from which model they came",
        purpose="score.compute",
        basis="gdpr-6-1-a",
        retained="until one of the consents it rests on is withdrawn or the account is erased",
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
    """A stored score as it is read: what is in the clear, and the sealed result."""

    id: UUID
    computed_at: datetime
    rests_on: str
    row_version: int
    result: bytes

    @property
    def cell(self) -> Cell:
        """Where the result is sealed."""
        return Cell(Score.__tablename__, "result", self.id, self.row_version, Score.__sealed_schema__)


_COLUMNS = Score.__table__.c
_NEWEST_FIRST = (
    select(_COLUMNS.id, _COLUMNS.computed_at, _COLUMNS.rests_on, _COLUMNS.row_version, _COLUMNS.result)
    .where(_COLUMNS.subject_id == bindparam("subject"))
    .order_by(_COLUMNS.number.desc())
)


def compute(vault: Vault, subject_id: UUID) -> Score | None:
    """Compute and seal a score from everything a consent is in force for; None where there is nothing.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    lock_subject(vault, subject_id)
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    records = open_records(vault, permits)
    if not records:
        return None
    used = [permits[score_scope(platform)] for platform in sorted(records)]
    result = score_records(load_card(), [records[platform] for platform in sorted(records)])
    score = Score(
        id=uuid4(),
        subject_id=subject_id,
        number=_next_number(vault, subject_id),
        computed_at=vault.now(),
        model=result.model,
        rests_on=" ".join(permit.scope for permit in used),
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
