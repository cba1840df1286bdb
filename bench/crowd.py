"""Sixteen clients at once: entries through the outbox, against entries appended under the log's lock.

Each client is a process with connections of its own, on PostgreSQL with `fsync` and `synchronous_commit` on;
one more process sequences. The clock stops when every entry has its place in the log, so what the outbox
puts off counts too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NoReturn
from uuid import UUID, uuid4

from app.config import Config
from app.sequencing import sequencing
from app.transaction import House, open_house
from audit.entry import Action
from audit.log import append
from audit.stored import StoredLog
from bench.log import on_postgresql
from bench.measure import WALL, Benchmark, Costs, Goal, NotMeasurable, Side, scaled

CLIENTS = 16
ENTRIES = 40  # of each client
PATIENCE_SECONDS = 60
_FORKING = get_context("fork")  # before a connection is open: a child opens its own
_LOOK_SECONDS = 0.001


@contextmanager
def _outbox_against_lock(work: float) -> Iterator[tuple[Side, Side]]:
    entries = scaled(ENTRIES, work)
    with on_postgresql() as (house, _):
        subject_id = uuid4()
        house.keystore.create_subject(subject_id, f"{subject_id}@bench.example", house.clock())
        house.close()
        outbox = replace(house.config, has_log_outbox=True)
        sequencer = _FORKING.Process(target=_sequence, args=(outbox,), daemon=True)
        with _clients(house.config, subject_id) as let_append:
            sequencer.start()
            try:
                yield (
                    lambda: _timed(house, let_append, _Order(entries, has_outbox=True)),
                    lambda: _timed(house, let_append, _Order(entries, has_outbox=False)),
                )
            finally:
                sequencer.kill()
                sequencer.join()


@dataclass(frozen=True)
class _Order:
    """What one client is to do."""

    entries: int
    has_outbox: bool


def _timed(house: House, let_append: Callable[[_Order], None], order: _Order) -> Costs:
    total = CLIENTS * order.entries
    awaited = _size(house) + total
    began = time.perf_counter()
    let_append(order)
    while _size(house) < awaited:
        time.sleep(_LOOK_SECONDS)
    return {WALL: (time.perf_counter() - began) / total}


def _size(house: House) -> int:
    with house.open_reading_vault() as vault:
        return StoredLog(vault.connection).size


@contextmanager
def _clients(config: Config, subject_id: UUID) -> Iterator[Callable[[_Order], None]]:
    """Processes that append when told to, all at once; what is yielded returns when all have."""
    ours, processes = [], []
    for _ in range(CLIENTS):
        here, there = _FORKING.Pipe()
        ours.append(here)
        processes.append(_FORKING.Process(target=_append, args=(config, subject_id, there), daemon=True))
    for process in processes:
        process.start()

    def let_append(order: _Order) -> None:
        for pipe in ours:
            pipe.send(order)
        for pipe in ours:
            if not pipe.poll(PATIENCE_SECONDS):
                raise NotMeasurable("a client does not answer")
            pipe.recv()

    try:
        let_append(_Order(1, has_outbox=False))  # opens connections and reads keys
        yield let_append
    finally:
        for process in processes:
            process.kill()
            process.join()


def _append(config: Config, subject_id: UUID, orders: Connection) -> NoReturn:
    with closing(open_house(config)) as house:
        busy = replace(house, config=replace(config, has_log_outbox=True))
        while True:
            order: _Order = orders.recv()
            for _ in range(order.entries):
                with (busy if order.has_outbox else house).open_vault("worker") as vault:
                    append(
                        vault,
                        Action.RECORD_READ,
                        subject_id=subject_id,
                        scope="score.compute",
                        basis="gdpr-6-1-a",
                    )
            orders.send(None)


def _sequence(config: Config) -> NoReturn:
    with closing(open_house(config)) as house, sequencing(house):
        while True:
            time.sleep(1)


OUTBOX_POSTGRESQL = Benchmark(
    "audit-outbox-postgresql",
    (
        Goal(
            f"audit-outbox PostgreSQL, {CLIENTS} clients",
            WALL,
            "the same clients under the log's lock",
            "entry",
            least=3,
            as_rate=True,
        ),
    ),
    _outbox_against_lock,
)
