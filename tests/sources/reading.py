"""Reading an archive in a process of its own, so that its time, memory and litter can be told apart.

    python -m tests.sources.reading ARCHIVE

prints {"seconds", "idle_mb", "peak_mb", "slug", "reason", "posts"}. Peak memory is Linux's VmHWM: the
figure of `getrusage` still remembers the process that started this one.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from sources.readers import read_archive
from vault.errors import DomainError


def peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return {"posts": read_archive(file).posts}
    except DomainError as refusal:
        return {"slug": refusal.slug, "reason": refusal.facts.get("reason")}


if __name__ == "__main__":
    idle = peak_mb()
    started = time.perf_counter()
    outcome = read(Path(sys.argv[1]))
    seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps({"seconds": seconds, "idle_mb": idle, "peak_mb": peak_mb(), **outcome}))
