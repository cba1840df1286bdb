"""The log in the database: entries are appended as the last act of the transaction they record.

`append` puts an entry into the transaction's journal; `integrate`, called once by app/transaction.py
right before the commit, gives the entries their indices under one lock. So a rollback leaves no gap, an
index is never used twice, and the lock is held as short as can be. One writer at a time: the locked head
row on PostgreSQL, BEGIN IMMEDIATE on SQLite; the primary key turns a fork into an error. Where many read
at once, their entries may go through the outbox (outbox.py).
"""

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, update

from audit import outbox
from audit.entry import Action, ActorRole, Entry, EntryObject, Outcome, canonical
from audit.merkle import CompactRange, leaf_hash
from audit.outbox import MAY_WAIT, Leaf
from audit.stored import StoredLog, lock_head
from audit.tables import LogEntry, LogHead, LogReference, LogSubtree, first_row
from audit.tiles import TILE_HEIGHT, TILE_WIDTH, completed_subtrees
from vault.desk import Vault
from vault.envelope import Cell, packed

# Built once: each is compiled once and then runs as fast as the driver lets it.
_INSERT_ENTRIES = insert(cast(Table, LogEntry.__table__))
_INSERT_REFERENCES = insert(cast(Table, LogReference.__table__))
_INSERT_SUBTREES = insert(cast(Table, LogSubtree.__table__))
_UPDATE_HEAD = (
    update(cast(Table, LogHead.__table__))
    .where(LogHead.__table__.c.id == bindparam("number"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"))
)


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
    reference: bytes | None = None,
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
        reference: whom it is about, where nothing but that is known.
        written: the sealed row it is about, as it now stands; `row` where nothing sealed is bound.
    """
    entry_id = secrets.token_hex(16)
    reference = subject_reference(vault, subject_id) if subject_id else reference
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
        self.head = lock_head(self._connection, self._number)

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
