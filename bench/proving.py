"""Inclusion proofs from a stored log of ten million leaves: CPU time and hashes of each.

Each proof reads SQLite anew, as a request does (`StoredLog`, then `inclusion_proof`). Here the log is stored
sparsely (synthetic.py), so that it takes no minutes to make; `--growth 10000000` stores every leaf.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from audit.log import StoredLog
from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion
from bench.installation import scratch_directory
from bench.measure import CPU, HASHES, Benchmark, Costs, Goal, Side, scaled, timed
from bench.synthetic import SyntheticLog, leaf
from vault.engine import open_engine

LEAVES = 10_000_000
PROOFS = 64
MOST_SECONDS, MOST_HASHES = 1e-3, 25


@contextmanager
def _against_fixed_figures(work: float) -> Iterator[tuple[Side, Side]]:
    size = scaled(LEAVES, work)
    indices = spread(size)
    with scratch_directory() as scratch:
        engine = open_engine(f"sqlite+pysqlite:///{Path(scratch) / 'log.sqlite3'}")
        log = SyntheticLog(engine)
        log.store_sparsely(size, indices)
        with engine.connect() as connection:
            require_proofs(connection, indices, size, log.head.root())
            yield lambda: proving(connection, indices, size), lambda: {CPU: MOST_SECONDS, HASHES: MOST_HASHES}
        engine.dispose()


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


INCLUSION_PROOF = Benchmark(
    "inclusion-proof",
    (
        Goal(
            "inclusion-proof",
            CPU,
            "1 ms in a log of ten million leaves, a figure that depends on the machine",
            "proof",
            least=1,
        ),
        Goal(
            "inclusion-proof-hashes", HASHES, f"{MOST_HASHES} in a log of ten million leaves", "proof", most=1
        ),
    ),
    _against_fixed_figures,
)
