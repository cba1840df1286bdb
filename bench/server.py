"""One server process on the loopback for one WSGI application, and the CPU time it has used.

Both sides of a comparison run here with the same settings, those of app/serving.py. Run as a program,
this file serves; it ends when its standard input closes, so that nothing is left of a run that was killed.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from app.config import THREADS
from bench.installation import checkout

START_SECONDS = 30.0
STOP_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class RunningServer:
    """A server that answers; `pid` is granian's main process, its workers are the children."""

    port: int
    pid: int
    tick_seconds: float = 1 / _TICKS

    def cpu_seconds(self) -> float:
        """CPU time of the main process and its workers so far."""
        return sum(_cpu_seconds(pid) for pid in (self.pid, *_children(self.pid)))


@contextmanager
def running_server(target: str, environment: Mapping[str, str]) -> Iterator[RunningServer]:
    """Serve `module:factory` until the block ends.

    Raises:
        RuntimeError: it did not start; with the last words it said.
    """
    port = _free_port()
    command = [sys.executable, "-m", "bench.server", target, str(port)]
    with (
        TemporaryFile() as said,
        subprocess.Popen(
            command,
            cwd=checkout(),
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            if not _answers(process, port):
                said.seek(0)
                raise RuntimeError(f"{target} did not start: {said.read()[-800:].decode(errors='replace')}")
            yield RunningServer(port, process.pid)
        finally:
            _stop(process)


def serve(target: str, port: int) -> None:
    """Serve until standard input closes."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    threading.Thread(target=_end_with_parent, daemon=True).start()
    Server(
        target=target,
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


def _end_with_parent() -> None:
    # The raw descriptor: a lock on sys.stdin held by a daemon thread would abort the interpreter's end.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return bool(_children(process.pid))
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the session it began: its workers too
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _cpu_seconds(pid: int) -> float:
    # The name in parentheses may hold blanks; utime and stime are fields 14 and 15 (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
