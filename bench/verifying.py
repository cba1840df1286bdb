"""The structural pass of verify.py over an exported log; entries per CPU second.

Signature, every leaf and subtree hash, root. Canonical forms and rules come on top and have no goal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.verify import verify_export
from bench.installation import scratch_directory
from bench.measure import CPU, Benchmark, Goal, Side, scaled, timed
from tests.audit.logs import MemoryLog, bodies

ENTRIES = 100_000
FIXED_RATE = 200_000  # entries per CPU second


@contextmanager
def _against_a_fixed_rate(work: float) -> Iterator[tuple[Side, Side]]:
    entries = scaled(ENTRIES, work)
    with scratch_directory() as scratch:
        directory = MemoryLog(bodies(entries)).export(Path(scratch) / "log")
        yield (
            lambda: timed(lambda: verify_export(directory, forms=False), 1, entries),
            lambda: {CPU: 1 / FIXED_RATE},
        )


VERIFY_STRUCTURE = Benchmark(
    "verify-structure",
    (
        Goal(
            "verify-structure",
            CPU,
            f"{FIXED_RATE:,} entries per CPU second, a figure that depends on the machine",
            "entry",
            least=1,
            as_rate=True,
        ),
    ),
    _against_a_fixed_rate,
)
