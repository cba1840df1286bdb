"""Inclusion proofs from a stored log of ten million leaves: CPU time and hashes of each.

Each proof reads the database anew, as a request does (`StoredLog`, then `inclusion_proof`). Here the log is
stored sparsely (synthetic.py), so that it takes no minutes to make; `--growth 10000000` stores every leaf.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine, text

from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion
from audit.stored import StoredLog
from bench.measure import CPU, HASHES, Benchmark, Costs, Goal, Side, scaled, timed
from bench.storage import on_postgresql, on_sqlite
from bench.synthetic import SyntheticLog, leaf

LEAVES = 10_000_000
PROOFS = 64
MOST_SECONDS, MOST_HASHES = 1e-3, 25
Opened = Callable[[], AbstractContextManager[Engine]]
Sides = Callable[[float], AbstractContextManager[tuple[Side, Side]]]


def _against_fixed_figures(opened: Opened) -> Sides:
    @contextmanager
    def sides(work: float) -> Iterator[tuple[Side, Side]]:
        size = scaled(LEAVES, work)
        indices = spread(size)
        with opened() as engine:
            log = SyntheticLog(engine)
            log.store_sparsely(size, indices)
            _count_rows(engine)
            with engine.connect() as connection:
                require_proofs(connection, indices, size, log.head.root())
                yield (
                    lambda: proving(connection, indices, size),
                    lambda: {CPU: MOST_SECONDS, HASHES: MOST_HASHES},
                )

    return sides


def _count_rows(engine: Engine) -> None:
    """What a database does by itself before long: without it PostgreSQL plans for empty tables."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def spread(size: int) -> list[int]:
    """Indices from the first leaf to the last, evenly."""
    return sorted({number * (size - 1) // (PROOFS - 1) for number in range(PROOFS)})


def proving(connection: Connection, indices: list[int], size: int) -> Costs:
    """CPU time of one proof, and the hashes of the longest."""
    lengths: list[int] = []

    def prove() -> None:
        lengths.extend(len(inclusion_proof(StoredLog(connection, 1).source(), at, size)) for at in indices)

    return {**timed(prove, 1, len(indices)), HASHES: max(lengths)}


def require_proofs(connection: Connection, indices: list[int], size: int, root: bytes) -> None:
    """What is measured are proofs that hold."""
    for index in indices:
        proof = inclusion_proof(StoredLog(connection, 1).source(), index, size)
        verify_inclusion(leaf_hash(leaf(index)), index, size, proof, root)


def _benchmark(name: str, engine: str, opened: Opened) -> Benchmark:
    log = f"in a log of ten million leaves on {engine}"
    goals = (
        Goal(name, CPU, f"1 ms {log}, a figure that depends on the machine", "proof", least=1),
        Goal(f"{name}-hashes", HASHES, f"{MOST_HASHES} {log}", "proof", most=1),
    )
    return Benchmark(name, goals, _against_fixed_figures(opened))


SQLITE = _benchmark("inclusion-proof-sqlite", "SQLite", on_sqlite)
POSTGRESQL = _benchmark("inclusion-proof-postgresql", "PostgreSQL", on_postgresql)
