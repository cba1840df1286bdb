"""How the log's costs grow with its size: every leaf stored, one database grown from one size to the next.

For each size: the tree work of an append (leaf hash, subtrees that become complete, head; the mean over four
tiles' worth of appends, rolled back afterwards), an inclusion proof, a consistency proof from an older size,
and what it takes to verify either. CPU time; proofs read SQLite anew each time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from time import process_time

from sqlalchemy import Connection

from audit.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_from,
    verify_consistency,
    verify_inclusion,
)
from audit.stored import StoredLog
from audit.tiles import TILE_WIDTH, completed_subtrees
from bench.installation import scratch_directory
from bench.measure import CPU, NotMeasurable, timed
from bench.proving import spread
from bench.storage import ENTRIES, occupied, on_postgresql, on_sqlite
from bench.synthetic import SyntheticLog, insert_leaves, leaf
from bench.table import say_seconds
from vault.engine import open_engine

FIRST = 1_000
APPENDS = 4 * TILE_WIDTH
_HEADING = ("leaves", "append", "inclusion", "hashes", "consistency", "hashes", "verify", "verify")


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU, and the hashes of the longest proof."""

    size: int
    append: float
    inclusion: float
    inclusion_hashes: int
    consistency: float
    consistency_hashes: int
    verify_inclusion: float
    verify_consistency: float


def growth(largest: int) -> Iterator[Costs]:
    """The costs at 1,000 leaves and each tenfold size up to the largest."""
    with scratch_directory() as scratch:
        engine = open_engine(f"sqlite+pysqlite:///{Path(scratch) / 'log.sqlite3'}")
        log, size = SyntheticLog(engine), FIRST
        while size <= largest:
            log.grow(size)
            with log.engine.connect() as connection:
                yield _measured(connection, log.head)
                connection.rollback()
            size *= 10
        engine.dispose()


def _measured(connection: Connection, head: CompactRange) -> Costs:
    size, places, root = head.size, spread(head.size), head.root()
    older = [max(1, place) for place in places]

    def fresh() -> StoredLog:
        return StoredLog(connection, 1)

    included = [inclusion_proof(fresh().source(), at, size) for at in places]
    continued = [consistency_proof(fresh().source(), old, size) for old in older]
    leaves = [leaf_hash(leaf(at)) for at in places]
    roots = [root_from(fresh().source(), old) for old in older]
    return Costs(
        size,
        inclusion=_mean(lambda at: inclusion_proof(fresh().source(), at, size), places),
        inclusion_hashes=max(map(len, included)),
        consistency=_mean(lambda old: consistency_proof(fresh().source(), old, size), older),
        consistency_hashes=max(map(len, continued)),
        verify_inclusion=_mean(
            lambda at: verify_inclusion(leaves[at], places[at], size, included[at], root), range(len(places))
        ),
        verify_consistency=_mean(
            lambda at: verify_consistency(older[at], roots[at], size, root, continued[at]), range(len(older))
        ),
        append=_appending(connection, head),
    )


def _mean(act: Callable[[int], object], over: Sequence[int]) -> float:
    def all_of_them() -> None:
        for one in over:
            act(one)

    return timed(all_of_them, 3, len(over))[CPU]


def _appending(connection: Connection, head: CompactRange) -> float:
    """The tree work of one append; the row it needs is inserted outside the time taken."""
    spent = 0.0
    for size in range(head.size, head.size + APPENDS):
        began = process_time()
        hashed = leaf_hash(leaf(size))
        if (size + 1) % TILE_WIDTH == 0:
            completed_subtrees(size, [hashed], StoredLog(connection, 1).source())
        head = CompactRange.from_bytes(head.to_bytes()).appended(hashed)
        spent += process_time() - began
        insert_leaves(connection, range(size, size + 1))
    return spent / APPENDS


def said(largest: int) -> Iterator[str]:
    """The table of growth, line by line as it is measured, then what an entry takes up."""
    yield "".join(cell.rjust(13) for cell in _HEADING)
    for costs in growth(largest):
        size, append, inclusion, hashes, consistency, more, verify, continued = astuple(costs)
        seconds = [say_seconds(one) for one in (append, inclusion, consistency, verify, continued)]
        cells = (f"{size:,}", *seconds[:2], f"{hashes}", seconds[2], f"{more}", *seconds[3:])
        yield "".join(cell.rjust(13) for cell in cells)
    yield ""
    for name, opened in (("SQLite", on_sqlite), ("PostgreSQL", on_postgresql)):
        try:
            with opened() as engine:
                tables = occupied(engine, ENTRIES, referred=True)
        except NotMeasurable as reason:
            yield f"{name}: not measured: {reason}."
        else:
            parts = ", ".join(f"{table} {occupied:.1f}" for table, occupied in tables.items())
            yield f"{name}, bytes an entry: {parts}"
