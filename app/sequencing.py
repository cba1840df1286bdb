"""The sequencer: gives committed entries their places in the log, beside the worker (audit/outbox.py).

Every worker process has one and they take turns by an advisory lock that lasts one transaction, so the
leader needs no heartbeat and a killed one holds nothing up. Without any, entries wait for whoever appends
directly, and the alarm of the maximum merge delay goes off.
"""

import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from app.transaction import House
from audit.outbox import BATCH

REST_SECONDS = 0.05  # between two batches that were not full: one commit then stands for many readings
AFTER_TROUBLE_SECONDS = 5.0
_log = structlog.get_logger("klarwert.sequencer")


@contextmanager
def sequencing(house: House) -> Iterator[None]:
    """A sequencer in a thread of its own for as long as the block lasts; none where there is no outbox."""
    if not house.config.has_log_outbox:
        yield
        return
    stopping = threading.Event()
    thread = threading.Thread(target=_sequence_until, args=(house, stopping))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _sequence_until(house: House, stopping: threading.Event) -> None:
    while not stopping.is_set():
        rest = REST_SECONDS
        try:
            if house.sequence() == BATCH:
                rest = 0.0
        except Exception as error:  # a database that is away, say: wait for it
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("sequencer_disturbed", error=type(error).__name__, at=f"{where.name}:{where.lineno}")
            rest = AFTER_TROUBLE_SECONDS
        stopping.wait(rest)
