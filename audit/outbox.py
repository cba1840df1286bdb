"""Entries that are committed and wait for their index: the outbox, for a log that many read through at once.

    transaction      a row here, committed with what it records; no lock
    one sequencer    the head's lock, rows in their order, leaves written and rows gone, in one commit

Appending under the head's lock makes every commit wait for the one before it. What nobody needs an index
of at once may be put here instead (PostgreSQL only; SQLite has one writer anyway). Whoever appends directly
gives the waiting entries their places first, so a reading stands before the withdrawal that it came before.
A crash leaves an entry here or in the log, never in both and never in neither.

THE PRICE: until it has its place, milliseconds as a rule, an entry is bound by no hash. Its age counts
into the maximum merge delay that is published and alarmed on (app/publishing.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from audit.entry import Action
from vault.base import Base
from vault.holding import Fate, Holding

MAY_WAIT = frozenset({Action.DATA_DISCLOSED, Action.RECORD_READ, Action.SCORE_COMPUTED})
BATCH = 1_000
_LEADER = 0x4B4C_4F47  # "KLOG": the advisory lock of whoever sequences

KEPT = Holding(
    what="The audit log: what was done, when, in which role and on which basis, with keyed references",
    purpose="audit",
    basis="gdpr-6-1-c",
    retained="three years after the end of the year",
    source="the service",
    fate=Fate.KEPT,
    kept_because="Art. 17(3)(b) and (e), 5(2), 7(1): proof that processing was lawful; without the erased "
    "key the references belong to nobody",
)


class LogOutbox(Base):
    """One entry on its way into the log, in the order in which transactions reached their end."""

    __tablename__ = "log_outbox"
    __holding__ = KEPT

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    body: Mapped[bytes]
    ref: Mapped[bytes | None] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry to be appended: its canonical bytes, and the keyed reference of whom it is about."""

    body: bytes
    reference: bytes | None


_OUTBOX = cast(Table, LogOutbox.__table__)
_PUT = insert(_OUTBOX)
_FIRST = select(_OUTBOX.c.id).order_by(_OUTBOX.c.id).limit(bindparam("most"))
_TAKE = delete(_OUTBOX).where(_OUTBOX.c.id.in_(_FIRST)).returning(_OUTBOX.c.id, _OUTBOX.c.body, _OUTBOX.c.ref)


def put(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Commit entries with this transaction; they get their places later."""
    connection.execute(_PUT, [{"body": leaf.body, "ref": leaf.reference} for leaf in leaves])


def take(connection: Connection) -> list[Leaf]:
    """Take the oldest entries out, one batch at most, to be appended; only with the head's lock held."""
    if connection.dialect.name != "postgresql":  # nothing ever waits there (app/config.py)
        return []
    rows = sorted(connection.execute(_TAKE, {"most": BATCH}).all())
    return [Leaf(body, reference) for _, body, reference in rows]


def is_leader(connection: Connection) -> bool:
    """Whether this transaction is the one that sequences; another one has the lock otherwise."""
    if connection.dialect.name != "postgresql":  # where BEGIN IMMEDIATE has decided it
        return True
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_LEADER))))


def oldest_waiting(reads: Session | Connection) -> bytes | None:
    """The body of the entry that waits for the longest."""
    body: bytes | None = reads.execute(select(_OUTBOX.c.body).order_by(_OUTBOX.c.id).limit(1)).scalar()
    return body
