"""A worker that makes one copy in a process of its own, so that its memory can be told apart.

    KLARWERT_… python -m tests.rights.exporting

prints {"seconds", "idle_mb", "peak_mb", "states"}: idle is the worker having done another job.
"""

import json
import sys
import time
from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy import select

from app.config import read_config
from app.jobs import Job
from app.transaction import open_house
from app.worker import Worker
from tests.people import CollectingMailer
from tests.sources.reading import peak_mb

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def export() -> dict[str, object]:
    with closing(open_house(read_config(), lambda: NOW)) as house:
        worker = Worker(house, CollectingMailer())
        worker.run_once()  # the mail that says the request came in
        idle = peak_mb()
        started = time.perf_counter()
        worker.run_once()
        seconds, peak = time.perf_counter() - started, peak_mb()
        with house.open_reading_vault() as vault:
            states = [f"{job.kind}: {job.state}" for job in vault.session.scalars(select(Job))]
    return {"seconds": seconds, "idle_mb": idle, "peak_mb": peak, "states": states}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(export()))
