"""The log's tables: leaves, roots of complete subtrees, whom entries are about, and each log's head.

Rows are inserted only, until a body's term is over (prune.py); triggers refuse anything else (the second
line; the first are the checkpoints outside, highwater.py). Interior hashes are stored for complete subtrees
of 256**level leaves, as tiles.
"""

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from audit.outbox import KEPT
from vault.base import Base

ROW_BITS = 40  # one table holds every log there was: above these bits a row's index has its log's number


def first_row(number: int) -> int:
    """Where the rows of a log begin; a tile level above counts in 256 fewer."""
    return (number - 1) << ROW_BITS


class LogEntry(Base):
    """One leaf: the canonical bytes as hashed, and their leaf hash."""

    __tablename__ = "log_entry"
    __holding__ = KEPT

    index: Mapped[int] = mapped_column("index_", BigInteger, primary_key=True, autoincrement=False)
    body: Mapped[bytes]
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogSubtree(Base):
    """The root of one complete subtree of 256**level leaves."""

    __tablename__ = "log_subtree"
    __holding__ = KEPT

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column("index_", BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogReference(Base):
    """Which entries are about one keyed reference, so that its bearer finds them (GDPR Art. 11(2))."""

    __tablename__ = "log_reference"
    __holding__ = KEPT

    ref: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    index: Mapped[int] = mapped_column("index_", BigInteger, primary_key=True, autoincrement=False)


class LogHead(Base):
    """A log's name, size and compact range, all an append needs to know; what was pruned, and its end."""

    __tablename__ = "log_head"
    __holding__ = KEPT

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes]
    minimum: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # prune.py
    closing_note: Mapped[str | None] = mapped_column(String(4000))  # its last checkpoint: succession.py
    verifier_key: Mapped[str | None] = mapped_column(String(400))  # that opens it, once it is closed
