"""`PerkJudgement`: what was found about one part in one offer, sealed under every consent it rests on.

Made after the person opted in and never before. It names figures of their score, so whoever withdraws a
network's scoring or matching itself makes it unreadable and gone. A brand never learns of it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.access import note_read
from consent.gate import permits_in_force
from consent.purpose import Purpose
from perks.participation import Participation
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit
from vault.subject import Subject


def _own(vault: Vault, permits: Mapping[str, Permit], row: "PerkJudgement") -> Any:
    used = [permits[scope] for scope in row.rests_on.split()]
    return json.loads(vault.unseal(used, row.cell("content"), row.content))


class PerkJudgement(Base):
    """The last finding about one participation: reasons and the nearest change, or what a human found."""

    __tablename__ = "perk_judgement"
    __holding__ = Holding(
        what="Whether you reach what an offer asks for: each reason, the nearest change, what a review found",
        purpose="perk.match",
        basis="gdpr-6-1-a",
        retained="as long as your part in the offer, or until you say no to matching or to a network's score",
        source="worked out from your score and your choices",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "participation_id": "which participation",
            "judged_at": "when",
            "rests_on": "the consents it rests on",
            "content": "reasons, nearest change, statement and answer of a review (sealed)",
        },
        rests_on=lambda row: row.rests_on.split(),
        copied_to="perks/judgements.jsonl",
        opened_by={"content": Opening(_own, {"type": "object"})},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    participation_id: Mapped[UUID] = mapped_column(
        ForeignKey(Participation.id, ondelete="CASCADE"), unique=True
    )
    judged_at: Mapped[datetime]
    rests_on: Mapped[str] = mapped_column(String(2000))  # scopes, separated by blanks
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


def keep_judgement(
    vault: Vault, participation: Participation, permits: Sequence[Permit], content: Mapping[str, Any]
) -> None:
    """Seal a finding in place of the one before.

    Args:
        permits: matching, and each network whose figures are in it.
    """
    row = _find(vault, participation)
    if row is None:
        row = PerkJudgement(
            id=uuid4(), subject_id=participation.subject_id, participation_id=participation.id, row_version=0
        )
        vault.session.add(row)
    row.row_version, row.judged_at = row.row_version + 1, vault.now()
    row.rests_on = " ".join(permit.scope for permit in permits)
    row.content = vault.seal(list(permits), row.cell("content"), json.dumps(content).encode())
    vault.flush()


def find_judgement(vault: Vault, participation: Participation) -> dict[str, Any] | None:
    """The last finding, if every consent it rests on is in force; a look by others is noted."""
    row = _find(vault, participation)
    if row is None or (used := _permits(vault, row)) is None:
        return None
    content: dict[str, Any] = json.loads(vault.unseal(used, row.cell("content"), row.content))
    for permit in used:
        note_read(vault, permit, "perk_judgement.content")
    return content


def amend_judgement(vault: Vault, participation: Participation, said: Mapping[str, Any]) -> bool:
    """Add what a review brought to the finding; False where a consent it rests on has ended."""
    row, content = _find(vault, participation), find_judgement(vault, participation)
    if row is None or content is None or (used := _permits(vault, row)) is None:
        return False
    content["review"] = {**(content.get("review") or {}), **said}
    keep_judgement(vault, participation, used, content)
    return True


def _permits(vault: Vault, row: PerkJudgement) -> list[Permit] | None:
    held = {
        permit.scope: permit
        for purpose in (Purpose.PERK_MATCH, Purpose.SCORE_COMPUTE)
        for permit in permits_in_force(vault, row.subject_id, purpose).values()
    }
    scopes = row.rests_on.split()
    return [held[scope] for scope in scopes] if held.keys() >= set(scopes) else None


def _find(vault: Vault, participation: Participation) -> PerkJudgement | None:
    statement = select(PerkJudgement).where(PerkJudgement.participation_id == participation.id)
    return vault.session.scalar(statement)
