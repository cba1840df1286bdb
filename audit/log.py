"""The log in the database: entries are appended as the last act of the transaction they record.

`append` puts an entry into the transaction's journal; `integrate`, called once by app/transaction.py
right before the commit, gives the entries their indices under one lock. So a rollback leaves no gap, an
index is never used twice, and the lock is held as short as can be. One writer at a time: the locked head
row on PostgreSQL, BEGIN IMMEDIATE on SQLite; the primary key turns a fork into an error. Where many read
at once, their entries may go through the outbox (outbox.py).

Rows are inserted only, until a body's term is over (prune.py); triggers refuse anything else (the second
line; the first are the checkpoints outside, highwater.py). Interior hashes are stored for complete subtrees
of 256**level leaves, as tiles.
"""

import itertools
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    Select,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from audit import outbox
from audit.entry import Action, ActorRole, Entry, EntryObject, Outcome, canonical
from audit.errors import LogClosed, LogMissing
from audit.merkle import CompactRange, leaf_hash
from audit.outbox import KEPT, MAY_WAIT, Leaf
from audit.tiles import TILE_HEIGHT, TILE_WIDTH, SubtreeSource, completed_subtrees
from vault.base import Base
from vault.desk import Vault
from vault.envelope import Cell, packed

Reads = Session | Connection  # a whole row set comes the same way from either


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
_INSERT_ENTRIES = insert(cast(Table, LogEntry.__table__))
_INSERT_REFERENCES = insert(cast(Table, LogReference.__table__))
_INSERT_SUBTREES = insert(cast(Table, LogSubtree.__table__))
_UPDATE_HEAD = (
    update(cast(Table, LogHead.__table__))
    .where(LogHead.__table__.c.id == bindparam("number"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)
ROW_BITS = 40  # one table holds every log there was: above these bits a row's index has its log's number


def first_row(number: int) -> int:
    """Where the rows of a log begin; a tile level above counts in 256 fewer."""
    return (number - 1) << ROW_BITS


@dataclass(frozen=True)
class Written:
    """What an entry is about: a sealed row as it now stands."""

    cell: Cell
    sealed: bytes


@dataclass(frozen=True)
class Row:
    """What an entry is about, where no sealed bytes are bound into it."""

    table: str
    id: UUID
    version: int = 1


def append(
    vault: Vault,
    action: Action,
    *,
    subject_id: UUID | None = None,
    scope: str | None = None,
    basis: str | None = None,
    notice: str | None = None,
    written: Written | None = None,
    row: Row | None = None,
    counts: Mapping[str, int] | None = None,
    outcome: Outcome = Outcome.DONE,
) -> bytes:
    """Record one act in this transaction's journal; returns the entry's canonical bytes.

    Args:
        written: the sealed row it is about, as it now stands; `row` where nothing sealed is bound.
    """
    entry_id = secrets.token_hex(16)
    reference = subject_reference(vault, subject_id) if subject_id else None
    entry = Entry(
        id=entry_id,
        at=vault.now(),
        action=action,
        actor=ActorRole(vault.actor),
        subject_ref=reference.hex() if reference else None,
        scope=scope,
        legal_basis=basis,
        notice=notice,
        object=_object(vault, entry_id, subject_id, written or row) if subject_id else None,
        counts=dict(counts or {}),
        outcome=outcome,
        request_id=None,
    )
    body = canonical(entry)
    vault.journal.append(body)
    if action in MAY_WAIT:
        vault.may_wait.add(body)
    if reference:
        vault.references[body] = reference
    return body


def integrate(vault: Vault) -> dict[bytes, int]:
    """Append the journal to the tree, as the last act before the commit; returns each entry's index.

    Entries that all may wait go to the outbox where there is one (outbox.py), and have no index yet.

    Raises:
        LogClosed: another log goes on since this process started.
    """
    if not vault.journal:
        return {}
    leaves = [Leaf(body, vault.references.get(body)) for body in vault.journal]
    vault.on_record = frozenset(vault.journal)
    indices: dict[bytes, int] = {}
    if vault.uses_outbox and vault.may_wait >= vault.on_record:
        outbox.put(vault.connection, leaves)
    else:
        growing = _Growing(vault)
        if growing.head.size:  # a log begins with its own first entry
            growing.take_all()
        indices = dict(zip(vault.journal, itertools.count(growing.head.size)))
        growing.extend(leaves)
        growing.store_head()
    vault.journal.clear()
    vault.references.clear()
    return indices


def sequence(vault: Vault) -> int:
    """Give one batch of waiting entries their places; returns how many there were.

    Raises:
        LogClosed: another log goes on since this process started.
    """
    if outbox.oldest_waiting(vault.connection) is None or not outbox.is_leader(vault.connection):
        return 0
    growing = _Growing(vault)
    moved = growing.take()
    growing.store_head()
    return moved


class _Growing:
    """The log under its lock, from here to the end of the transaction."""

    def __init__(self, vault: Vault) -> None:
        self._connection, self._number = vault.connection, vault.log_number
        self.head = _head(self._connection, _LOCKED_FRONTIER, self._number)

    def take_all(self) -> None:
        """Append whatever waits: it was committed before what comes now."""
        while self.take() == outbox.BATCH:
            pass

    def take(self) -> int:
        """Append a batch of what waits, and count it."""
        waiting = outbox.take(self._connection)
        if waiting:
            self.extend(waiting)
        return len(waiting)

    def extend(self, leaves: Sequence[Leaf]) -> None:
        """Append entries: their rows, whom they are about, subtrees that are now complete."""
        hashes = [leaf_hash(leaf.body) for leaf in leaves]
        start, row = self.head.size, first_row(self._number) + self.head.size
        self._connection.execute(
            _INSERT_ENTRIES,
            [
                {"index_": index, "body": leaf.body, "leaf_hash": hashed}
                for index, (leaf, hashed) in enumerate(zip(leaves, hashes, strict=True), row)
            ],
        )
        about = [
            {"ref": leaf.reference, "index_": index}
            for index, leaf in enumerate(leaves, row)
            if leaf.reference is not None
        ]
        if about:
            self._connection.execute(_INSERT_REFERENCES, about)
        if start // TILE_WIDTH < (start + len(hashes)) // TILE_WIDTH:
            self._store_subtrees(start, hashes)
        for hashed in hashes:
            self.head = self.head.appended(hashed)

    def store_head(self) -> None:
        """Once, after all of it."""
        self._connection.execute(
            _UPDATE_HEAD,
            {"number": self._number, "new_size": self.head.size, "new_frontier": self.head.to_bytes()},
        )

    def _store_subtrees(self, start: int, hashes: Sequence[bytes]) -> None:
        subtrees = completed_subtrees(start, hashes, StoredLog(self._connection, self._number).source())
        first = first_row(self._number)
        self._connection.execute(
            _INSERT_SUBTREES,
            [
                {"level": level, "index_": (first >> TILE_HEIGHT * level) + at, "hash": root}
                for level, at, root in subtrees
            ],
        )


def open_log(vault: Vault) -> None:
    """Start the log, once per installation, with an entry that says so."""
    if vault.session.get(LogHead, 1) is None:
        empty = CompactRange(0, ())
        vault.session.add(LogHead(id=1, origin=vault.log_origin, size=0, frontier=empty.to_bytes()))
        append(vault, Action.LOG_OPENED)


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


def _head(reads: Reads, statement: Select[Any], number: int) -> CompactRange:
    frontier = reads.execute(statement, {"number": number}).scalar_one_or_none()
    if frontier is None:
        raise LogClosed if statement is _LOCKED_FRONTIER and find_origin(reads) else LogMissing
    return CompactRange.from_bytes(frontier)


def _object(vault: Vault, entry_id: str, subject_id: UUID, about: Written | Row | None) -> EntryObject | None:
    if about is None:
        return None
    if isinstance(about, Row):
        return EntryObject(
            about.table, row_reference(vault, subject_id, about.table, about.id), about.version
        )
    cell = about.cell
    content = packed(b"commit", entry_id.encode(), about.sealed)
    return EntryObject(
        table=cell.table,
        row=row_reference(vault, subject_id, cell.table, cell.row),
        version=cell.row_version,
        commit=vault.reference(subject_id, content).hex(),
    )


def subject_reference(vault: Vault, subject_id: UUID) -> bytes:
    """How the log names a person: 32 bytes that mean nothing without their key."""
    return vault.reference(subject_id, b"subject")


def row_reference(vault: Vault, subject_id: UUID, table: str, row: UUID) -> str:
    """How the log names one row of a person: 32 hex digits that mean nothing without their key."""
    return vault.reference(subject_id, packed(b"row", table.encode(), row.bytes)).hex()[:32]
