"""`PerkClaim`: what one person was given or is to be sent: a code, or where a sample goes; sealed for them.

Under the contract about this one offer (`perk.deliver`), with a key of its own. An address is handed to the
shipper and to nobody else, and goes two months after it was; one that was not handed over goes at once when
its person withdraws, and its key with it.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.access import note_read
from consent.gate import require_permit
from consent.purpose import scope_of
from perks.participation import Participation
from vault.base import Base
from vault.desk import Vault
from vault.destruction import order_destruction
from vault.holding import Fate, Holding, Opening, Term
from vault.permit import Permit
from vault.subject import Subject

ADDRESS_KEPT = timedelta(days=60)  # in case something arrives broken, or does not


def _own(vault: Vault, permits: Mapping[str, Permit], row: "PerkClaim") -> Any:
    return json.loads(vault.unseal(permits[row.scope], row.cell("content"), row.content))


class PerkClaim(Base):
    """What one participation brought: a code, or an address to send something to."""

    __tablename__ = "perk_claim"
    __holding__ = Holding(
        what="What you claimed: the code you got, or the address you gave for a sample",
        purpose="perk.deliver",
        basis="gdpr-6-1-b",
        retained="a code as long as your part in the offer; an address 60 days after it was handed to the "
        "shipper, or until you withdraw before that",
        ends=(Term("ends_at"),),
        source="the brand's stock of codes; the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "participation_id": "which participation",
            "scope": "the contract it belongs to",
            "claimed_at": "when you claimed it",
            "shipper": "who sends it",
            "shipped_at": "when the shipper got the address",
            "ends_at": "when this row is deleted",
            "content": "the code or the address (sealed)",
        },
        rests_on=lambda row: (row.scope,),
        copied_to="perks/claims.jsonl",
        opened_by={"content": Opening(_own, {"type": "object"})},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    participation_id: Mapped[UUID] = mapped_column(
        ForeignKey(Participation.id, ondelete="CASCADE"), unique=True
    )
    scope: Mapped[str] = mapped_column(String(200))
    claimed_at: Mapped[datetime]
    shipper: Mapped[str | None] = mapped_column(String(100))
    shipped_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


def keep_claim(
    vault: Vault, participation: Participation, content: Mapping[str, str], shipper: str | None
) -> PerkClaim:
    """Seal what was claimed."""
    row = PerkClaim(
        id=uuid4(),
        subject_id=participation.subject_id,
        participation_id=participation.id,
        scope=str(participation.deliver_scope),
        claimed_at=vault.now(),
        shipper=shipper,
        row_version=1,
    )
    permit = require_permit(vault, participation.subject_id, participation.deliver_scope)
    row.content = vault.seal(permit, row.cell("content"), json.dumps(content, ensure_ascii=False).encode())
    vault.session.add(row)
    vault.flush()
    return row


def find_claim(vault: Vault, participation: Participation) -> PerkClaim | None:
    """What a participation brought, unless nothing was claimed or it is gone by now."""
    statement = select(PerkClaim).where(PerkClaim.participation_id == participation.id)
    return vault.session.scalar(statement)


def open_claim(vault: Vault, row: PerkClaim) -> dict[str, str]:
    """The code or the address.

    Raises:
        ProcessingLimited: somebody else than the person asks, and they restricted it.
    """
    permit = require_permit(vault, row.subject_id, scope_of(row.scope))
    opened: dict[str, str] = _own(vault, {row.scope: permit}, row)
    note_read(vault, permit, "perk_claim.content")
    return opened


def cancel_claim(vault: Vault, participation: Participation) -> bool:
    """Forget an address that no shipper has yet; a code that was given stays its person's."""
    row = find_claim(vault, participation)
    if row is None or row.shipper is None or row.shipped_at is not None:
        return False
    vault.session.delete(row)
    vault.flush()
    order_destruction(vault, participation.subject_id, row.scope)
    return True
