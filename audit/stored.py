"""Logs as the database holds them: entries, hashes, heads; for proofs, checkpoints, export and the rooms.

It reads and repairs nothing; what is appended comes from log.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.orm import Session

from audit.errors import LogClosed, LogMissing
from audit.merkle import CompactRange, leaf_hash
from audit.tables import ROW_BITS, LogEntry, LogHead, LogReference, LogSubtree, first_row
from audit.tiles import TILE_HEIGHT, SubtreeSource

Reads = Session | Connection  # a whole row set comes the same way from either

# Built once: each is compiled once and then runs as fast as the driver lets it.
_FRONTIER = select(LogHead.__table__.c.frontier).where(LogHead.__table__.c.id == bindparam("number"))
# SQLite leaves the lock out: BEGIN IMMEDIATE is its lock. A log that was closed meanwhile has no such row.
_LOCKED_FRONTIER = _FRONTIER.where(LogHead.__table__.c.closing_note.is_(None)).with_for_update()
_LEAF_HASHES = (
    select(LogEntry.__table__.c.leaf_hash)
    .where(LogEntry.__table__.c.index_ >= bindparam("start"), LogEntry.__table__.c.index_ < bindparam("stop"))
    .order_by(LogEntry.__table__.c.index_)
)
_SUBTREE_HASHES = (
    select(LogSubtree.__table__.c.hash)
    .where(
        LogSubtree.__table__.c.level == bindparam("level"),
        LogSubtree.__table__.c.index_ >= bindparam("start"),
        LogSubtree.__table__.c.index_ < bindparam("stop"),
    )
    .order_by(LogSubtree.__table__.c.index_)
)


def find_origin(reads: Reads) -> str | None:
    """The name the first log was opened with, if there is one yet; references are made under it for ever."""
    origin: str | None = reads.execute(select(LogHead.origin).where(LogHead.id == 1)).scalar_one_or_none()
    return origin


def log_numbers(reads: Reads) -> list[int]:
    """Every log there was, the one that goes on last."""
    return list(reads.execute(select(LogHead.id).order_by(LogHead.id)).scalars())


def closed_keys(reads: Reads) -> list[str]:
    """The verifier keys of the logs before the one that goes on."""
    statement = select(LogHead.verifier_key).where(LogHead.verifier_key.is_not(None)).order_by(LogHead.id)
    return [key for key in reads.execute(statement).scalars() if key is not None]


@dataclass(frozen=True)
class HeldEntry:
    """One entry in whichever log holds it."""

    log: "StoredLog"
    index: int
    body: bytes

    @property
    def place(self) -> tuple[int, int]:
        """The log's number and the index in it, in which entries come one after the other."""
        return self.log.number, self.index

    def under(self, note: str | None, log_key: str) -> tuple[str | None, str]:
        """The checkpoint and key it is proven by: a closed log's own, or those of the log that goes on."""
        return self.log.closing() or (note, log_key)


def held_about(reads: Reads, reference: bytes) -> Iterator[HeldEntry]:
    """Every entry about one reference, in every log, oldest first."""
    for number in log_numbers(reads):
        log = StoredLog(reads, number)
        for index, body in log.about(reference):
            yield HeldEntry(log, index, body)


def find_held(reads: Reads, body: bytes) -> HeldEntry:
    """The newest place of an entry in any log: a look through the table, for after a crash."""
    statement = (
        select(LogEntry.index)
        .where(LogEntry.leaf_hash == leaf_hash(body))
        .order_by(LogEntry.index.desc())
        .limit(1)
    )
    number, index = divmod(int(reads.execute(statement).scalar_one()), 1 << ROW_BITS)
    return HeldEntry(StoredLog(reads, number + 1), index, body)


class StoredLog:
    """A log as stored, for proofs, checkpoints and export; it repairs nothing.

    number: which of them; by default the one that goes on.
    """

    def __init__(self, reads: Reads, number: int | None = None) -> None:
        self._reads = reads
        self.number = number or max(log_numbers(reads), default=1)
        self._first = first_row(self.number)
        self._source = SubtreeSource(self._leaf_hashes, self._subtree_hashes)
        self._proofs = SubtreeSource(self._leaf_hashes, self._subtree_hashes, lambda: self.head().subtrees())

    @property
    def origin(self) -> str:
        origin: str | None = self._of_head(LogHead.origin)
        if origin is None:
            raise LogMissing
        return origin

    @property
    def size(self) -> int:
        return self.head().size

    def closing(self) -> tuple[str, str] | None:
        """The last checkpoint and the key of a log that is closed."""
        note, key = self._of_head(LogHead.closing_note), self._of_head(LogHead.verifier_key)
        return (note, key) if note is not None else None

    @property
    def minimum(self) -> int:
        """The index from which on bodies are kept (prune.py)."""
        return int(self._of_head(LogHead.minimum) or 0)

    def head(self) -> CompactRange:
        """Size and root as the last append left them."""
        return _head(self._reads, _FRONTIER, self.number)

    def entries(self, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
        """Bodies and stored leaf hashes: `b""` for a pruned body, `(b"", b"")` where a row is gone."""
        statement = (
            select(LogEntry.index.label("index_"), LogEntry.body, LogEntry.leaf_hash)
            .where(LogEntry.index >= self._first + start, LogEntry.index < self._first + stop)
            .order_by(LogEntry.index)
        )
        expected = self._first + start
        for row in self._reads.execute(statement):
            yield from repeat((b"", b""), row.index_ - expected)
            yield row.body, row.leaf_hash
            expected = row.index_ + 1
        yield from repeat((b"", b""), self._first + stop - expected)

    def entry(self, index: int) -> bytes:
        return next(body for body, _ in self.entries(index, index + 1))

    def about(self, reference: bytes) -> Iterator[tuple[int, bytes]]:
        """Index and body of every entry of this log about one reference, oldest first."""
        statement = (
            select(LogEntry.index.label("index_"), LogEntry.body)
            .join(LogReference, LogReference.index == LogEntry.index)
            .where(
                LogReference.ref == reference,
                LogReference.index >= self._first,
                LogReference.index < first_row(self.number + 1),
            )
            .order_by(LogEntry.index)
        )
        for row in self._reads.execute(statement):
            yield row.index_ - self._first, row.body

    def leaf_hash(self, index: int) -> bytes:
        return next(hashed for _, hashed in self.entries(index, index + 1))

    def _of_head(self, column: Any) -> Any:
        return self._reads.execute(select(column).where(LogHead.id == self.number)).scalar_one_or_none()

    def source(self) -> SubtreeSource:
        """Hashes of complete subtrees, for proofs; those of the right edge are read from the head."""
        return self._proofs

    def hash_of(self, level: int, index: int) -> bytes:
        """As stored in a tile, whatever the head says."""
        return self._source.hash_of(level, index)

    def _leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        values = {"start": self._first + start, "stop": self._first + stop}
        return self._hashes(_LEAF_HASHES, values)

    def _subtree_hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        first = self._first >> TILE_HEIGHT * level
        values = {"level": level, "start": first + start, "stop": first + stop}
        return self._hashes(_SUBTREE_HASHES, values)

    def _hashes(self, statement: Select[Any], values: Mapping[str, int]) -> list[bytes]:
        """Past SQLAlchemy's rows: to make them of 256 hashes takes as long as to read these."""
        result: Any = self._reads.execute(statement, values)
        hashes = [value for (value,) in result.cursor.fetchall()]
        result.close()
        return hashes


def lock_head(connection: Connection, number: int) -> CompactRange:
    """The head of the log that is written to, for this transaction alone until it ends.

    Raises:
        LogClosed: another log goes on.
    """
    return _head(connection, _LOCKED_FRONTIER, number)


def _head(reads: Reads, statement: Select[Any], number: int) -> CompactRange:
    frontier = reads.execute(statement, {"number": number}).scalar_one_or_none()
    if frontier is None:
        raise LogClosed if statement is _LOCKED_FRONTIER and find_origin(reads) else LogMissing
    return CompactRange.from_bytes(frontier)
