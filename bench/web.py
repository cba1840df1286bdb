"""Requests: the explained score, and what surrounds any request of ours, against a plain Flask hello.

Both applications run on granian in WSGI mode, one worker, as many threads as the service, loopback. Each
turn has two halves:

    CPU    of the server's processes per request, with eight connections kept busy
    p50    of the latency with one request at a time, so that it is no queue that is measured
"""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from bench.installation import bring_in_creators, environment_of, installation
from bench.loader import load, request_bytes
from bench.measure import CPU, P50, Benchmark, Costs, Goal, Side, scaled
from bench.server import RunningServer, running_server

CONNECTIONS = 8
HELLO = request_bytes("/hello")
HELLOS, SCORES = 2000, 600  # per turn: enough for ticks of 10 ms to mean little
_PEER = "plain Flask hello on the same server"


@contextmanager
def _explained_score(work: float) -> Iterator[tuple[Side, Side]]:
    with installation() as house:
        score = request_bytes("/api/v1/score", bring_in_creators(house))
        with (
            running_server("app.serving:application", environment_of(house)) as ours,
            running_server("bench.plain:plain_application", {}) as plain,
        ):
            yield _side(ours, score, scaled(SCORES, work)), _side(plain, HELLO, scaled(HELLOS, work))


@contextmanager
def _own_hello(work: float) -> Iterator[tuple[Side, Side]]:
    with (
        installation() as house,
        running_server("bench.plain:own_application", environment_of(house)) as ours,
        running_server("bench.plain:plain_application", {}) as plain,
    ):
        yield _side(ours, HELLO, scaled(HELLOS, work)), _side(plain, HELLO, scaled(HELLOS, work))


def _side(server: RunningServer, request: bytes, count: int) -> Side:
    def measure() -> Costs:
        before = server.cpu_seconds()
        load(server.port, request, count, CONNECTIONS)
        used = server.cpu_seconds() - before
        alone = load(server.port, request, scaled(count, 0.25), 1)
        # A tick is the least that can be told apart from nothing, however short the turn was.
        return {CPU: max(used, server.tick_seconds) / count, P50: median(alone)}

    return measure


EXPLAINED_SCORE = Benchmark(
    "explained-score",
    (
        Goal("explained-score CPU", CPU, _PEER, most=2.5),
        Goal("explained-score p50", P50, _PEER, most=2.0),
    ),
    _explained_score,
)
OWN_HELLO = Benchmark("own-hello", (Goal("own-hello CPU", CPU, _PEER, most=1.6),), _own_hello)
