"""Start-up: the application opened over a prepared house, against the bare imports such a service needs.

CPU seconds of a fresh interpreter from its first instruction to its end, children included.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from resource import RUSAGE_CHILDREN, getrusage

from bench import SET_HERE
from bench.installation import checkout, environment_of, installation
from bench.measure import CPU, Benchmark, Costs, Goal, Side, scaled

STARTS = 2
OURS = "from app.serving import application; application()"
BARE = "import flask, sqlalchemy.orm, marshmallow, cryptography.hazmat.primitives.ciphers.aead, numpy"


@contextmanager
def _start_up(work: float) -> Iterator[tuple[Side, Side]]:
    starts = scaled(STARTS, work)
    with installation() as house:
        environment = environment_of(house)
        yield lambda: _started(OURS, environment, starts), lambda: _started(BARE, {}, starts)


def _started(program: str, environment: Mapping[str, str], times: int) -> Costs:
    as_it_was = {name: value for name, value in os.environ.items() if name not in SET_HERE}
    before = _children_seconds()
    for _ in range(times):
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=checkout(),
            env={**as_it_was, **environment},
            stdout=sys.stderr,
            check=True,
        )
    return {CPU: (_children_seconds() - before) / times}


def _children_seconds() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


START_UP = Benchmark(
    "start-up",
    (
        Goal(
            "start-up",
            CPU,
            "imports of flask, sqlalchemy.orm, marshmallow, cryptography, numpy",
            "start",
            most=1.4,
        ),
    ),
    _start_up,
)
