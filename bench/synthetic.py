"""A log of generated leaves in a real database: the real tables, the real hashes, nobody's entries.

    leaf n  =  n in 20 digits | filler, 400 bytes together, the size the design reckons with

`SyntheticLog.grow` stores every leaf; `store_sparsely` only those of the tiles that chosen proofs read, under
made-up roots for all other subtrees. Who asks for those proofs cannot tell one from the other: the tree above
them is hashed from what is stored, and they verify against its root.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Engine, insert, update

from audit.merkle import CompactRange, leaf_hash, root_hash
from audit.stored import StoredLog
from audit.tables import LogEntry, LogHead, LogReference, LogSubtree
from audit.tiles import TILE_WIDTH, SubtreeSource, completed_subtrees
from vault.base import Base
from vault.engine import writing

BODY_BYTES = 400
BATCH = 1 << 16  # leaves a transaction
_FILLER = b"." * (BODY_BYTES - 20)
_TABLES = [Base.metadata.tables[one.__tablename__] for one in (LogEntry, LogSubtree, LogReference, LogHead)]
_ENTRIES, _SUBTREES, _REFERENCES, _HEAD = _TABLES


def leaf(index: int) -> bytes:
    return b"%020d" % index + _FILLER


class SyntheticLog:
    """A log in a database of its own, empty at first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = writing(engine)
        self.head = CompactRange()
        Base.metadata.create_all(engine, tables=_TABLES)
        with self.engine.begin() as connection:
            connection.execute(
                insert(_HEAD), {"id": 1, "origin": "bench", "size": 0, "frontier": self.head.to_bytes()}
            )

    def grow(self, size: int) -> None:
        """Append leaves up to a size, each batch as one transaction does it (audit/log.py)."""
        while (start := self.head.size) < size:
            with self.engine.begin() as connection:
                self._append(connection, range(start, min(start + BATCH, size)))

    def refer(self) -> None:
        """Give every leaf a reference, four leaves to each."""
        for start in range(0, self.head.size, BATCH):
            rows = range(start, min(start + BATCH, self.head.size))
            with self.engine.begin() as connection:
                connection.execute(
                    insert(_REFERENCES),
                    [{"ref": leaf_hash(b"%d" % (index // 4)), "index_": index} for index in rows],
                )

    def store_sparsely(self, size: int, indices: Iterable[int]) -> None:
        """A log of this size in which only the tiles under these leaves, and the last one, are stored."""
        full = size // TILE_WIDTH
        kept = sorted({index // TILE_WIDTH for index in indices} | ({full} if size % TILE_WIDTH else set()))
        roots = [leaf_hash(b"subtree %d" % index) for index in range(full)]
        with self.engine.begin() as connection:
            for tile in kept:
                rows = range(tile * TILE_WIDTH, min((tile + 1) * TILE_WIDTH, size))
                hashes = insert_leaves(connection, rows)
                if len(hashes) == TILE_WIDTH:
                    roots[tile] = root_hash(hashes)
            _insert_subtrees(connection, _levels(roots))
            self.head = _head_of(size, StoredLog(connection, 1).source())
            self._store_head(connection)

    def _append(self, connection: Connection, rows: range) -> None:
        hashes = insert_leaves(connection, rows)
        _insert_subtrees(
            connection, completed_subtrees(rows.start, hashes, StoredLog(connection, 1).source())
        )
        for hashed in hashes:
            self.head = self.head.appended(hashed)
        self._store_head(connection)

    def _store_head(self, connection: Connection) -> None:
        values = {"size": self.head.size, "frontier": self.head.to_bytes()}
        connection.execute(update(_HEAD).values(values))


def insert_leaves(connection: Connection, rows: range) -> list[bytes]:
    bodies = [leaf(index) for index in rows]
    hashes = [leaf_hash(body) for body in bodies]
    connection.execute(
        insert(_ENTRIES),
        [
            {"index_": index, "body": body, "leaf_hash": hashed}
            for index, body, hashed in zip(rows, bodies, hashes, strict=True)
        ],
    )
    return hashes


def _insert_subtrees(connection: Connection, subtrees: Iterable[tuple[int, int, bytes]]) -> None:
    rows = [{"level": level, "index_": index, "hash": root} for level, index, root in subtrees]
    if rows:
        connection.execute(insert(_SUBTREES), rows)


def _levels(roots: list[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """The roots of 256 leaves each and those of all complete subtrees above them."""
    level = 1
    while roots:
        yield from ((level, index, root) for index, root in enumerate(roots))
        ends = range(TILE_WIDTH, len(roots) + 1, TILE_WIDTH)
        level, roots = level + 1, [root_hash(roots[end - TILE_WIDTH : end]) for end in ends]


def _head_of(size: int, source: SubtreeSource) -> CompactRange:
    """The head of a stored log: the root of one complete subtree for each one-bit of its size."""
    start, hashes = 0, []
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(source.hash_of(level, start >> level))
            start += 1 << level
    return CompactRange(size, tuple(hashes))
