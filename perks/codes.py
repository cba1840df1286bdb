"""The stock of codes of an offer: sealed while they wait, each given once.

Until somebody has it, a code is nobody's: it lies under a key of the installation (`seal_stock` in
vault/desk.py). Given, it is opened once, gone from here in the same transaction, and sealed for its person by
whoever asked for it. What stays is a keyed hash, so that a code brought in again is not given a second time.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from perks.brand import Brand
from perks.errors import CodesGone, CodesUnfit
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding

MOST = 100_000
_CODE = re.compile(r"[!-~]{4,100}")
_HEADINGS = frozenset({"code", "codes", "voucher", "gutschein", "gutscheincode"})


class PerkCode(Base):
    """One code of one offer; `code` is empty once it was given."""

    __tablename__ = "perk_code"
    __table_args__ = (UniqueConstraint("recipient_id", "fingerprint"),)
    __holding__ = Holding(
        what="Codes of offers that nobody has yet, sealed, and keyed hashes of those that were given",
        purpose="perk.deliver",
        basis="gdpr-6-1-b",
        retained="codes until given or the offer is closed; the hashes of given ones as long as the offer",
        source="the brand",
        fate=Fate.NOT_PERSONAL,  # to whom one was given is not said here
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Brand.recipient_id))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("perk_offer.id"), index=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    row_version: Mapped[int] = mapped_column(default=1)
    code: Mapped[bytes | None]
    added_at: Mapped[datetime]


def read_codes(said: str) -> tuple[str, ...]:
    """The codes of a text: one a line, or the first column of a CSV; each once, in their order.

    Raises:
        CodesUnfit: with the line.
    """
    found: dict[str, None] = {}
    lines = said.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(lines, start=1):
        code = re.split(r"[;,\t]", line, maxsplit=1)[0].strip().strip("\"'")
        if not code or (number == 1 and code.casefold() in _HEADINGS):
            continue
        if not _CODE.fullmatch(code) or len(found) >= MOST:
            raise CodesUnfit(number)
        found[code] = None
    return tuple(found)


def add_codes(vault: Vault, recipient_id: UUID, offer_id: UUID, codes: Sequence[str]) -> int:
    """Put codes in stock; those the brand brought before, for whatever offer, are left out.

    Returns:
        How many are new.
    """
    # Two uploads at once wait for each other, so neither finds the other's codes missing.
    vault.session.scalar(
        select(Brand.recipient_id).where(Brand.recipient_id == recipient_id).with_for_update()
    )
    known = set(
        vault.session.scalars(select(PerkCode.fingerprint).where(PerkCode.recipient_id == recipient_id))
    )
    added = 0
    for code in codes:
        fingerprint = vault.stock_fingerprint(recipient_id, code.encode())
        if fingerprint in known:
            continue
        known.add(fingerprint)
        _add(vault, recipient_id, offer_id, fingerprint, code)
        added += 1
    vault.flush()
    return added


def give_code(vault: Vault, offer_id: UUID) -> str:
    """Take one code out of stock, for whoever is about to get it; with the commit it is gone from here.

    Raises:
        CodesGone: none is left.
    """
    # First one that nobody else is taking right now; none such: wait for whoever is, since they may fail.
    row = _free(vault, offer_id, skip_locked=True) or _free(vault, offer_id, skip_locked=False)
    if row is None or row.code is None:
        raise CodesGone
    code = vault.unseal_stock(row.recipient_id, row.cell("code"), row.code)
    row.code = None
    vault.flush()
    return code.decode()


def count_free(vault: Vault, offer_id: UUID) -> int:
    """How many codes nobody has yet."""
    statement = select(func.count()).where(PerkCode.offer_id == offer_id, PerkCode.code.is_not(None))
    return vault.session.scalar(statement) or 0


def discard_free(vault: Vault, offer_id: UUID) -> None:
    """Delete what nobody got."""
    vault.session.execute(delete(PerkCode).where(PerkCode.offer_id == offer_id, PerkCode.code.is_not(None)))


def _add(vault: Vault, recipient_id: UUID, offer_id: UUID, fingerprint: bytes, code: str) -> None:
    row = PerkCode(
        id=uuid4(),
        recipient_id=recipient_id,
        offer_id=offer_id,
        fingerprint=fingerprint,
        row_version=1,
        added_at=vault.now(),
    )
    row.code = vault.seal_stock(recipient_id, row.cell("code"), code.encode())
    vault.session.add(row)


def _free(vault: Vault, offer_id: UUID, *, skip_locked: bool) -> PerkCode | None:
    statement = (
        select(PerkCode)
        .where(PerkCode.offer_id == offer_id, PerkCode.code.is_not(None))
        .order_by(PerkCode.id)
        .limit(1)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    return vault.session.scalar(statement)
