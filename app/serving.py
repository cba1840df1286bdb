"""Starts the service: the HTTP server, and the worker beside it in a process of its own.

The worker lives as long as the server: it holds the read end of a pipe, and a server that ends in any
way, `kill -9` included, closes the other end.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

from click import echo

from app.config import read_config
from app.setup import AddressInUse, open_checked

WORKER_PATIENCE_SECONDS = 10
WATCH_SECONDS = 0.5


def application() -> Callable[..., Any]:
    """The WSGI application, made once in each server process."""
    from app.logs import configure_logs
    from app.web import create_app

    configure_logs()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return create_app(open_checked(read_config()))


def serve(host: str, port: int, *, processes: int, threads: int, with_worker: bool) -> None:
    """Answer requests until stopped.

    Raises:
        AddressInUse: nothing was started.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    _require_free(host, port)
    echo(f"Klarwert answers on {own_address(host, port)} (Ctrl-C stops it)")
    server = Server(
        target="app.serving:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=threads,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        websockets=False,
    )
    with _worker_beside(with_worker):
        server.serve()


def work_until_stopped(*, until_stdin_closes: bool) -> None:
    """Do jobs until a signal asks to stop, or until the server this belongs to is gone."""
    import select

    from app.logs import configure_logs
    from app.mail import choose_mailer
    from app.sequencing import sequencing
    from app.worker import Worker

    configure_logs()
    config = read_config()
    stopping = False

    def on_signal(*_: object) -> None:
        nonlocal stopping
        stopping = True

    def has_ended() -> bool:
        if until_stdin_closes and select.select([sys.stdin], [], [], 0)[0]:
            return True
        return stopping

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    house = open_checked(config)
    with sequencing(house):
        Worker(house, choose_mailer(config)).run_until(has_ended)


def _end_with(parent: int) -> None:
    """End this process as soon as the one that started it is gone, which may not have been able to say so."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


@contextmanager
def _worker_beside(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    stopping = threading.Event()
    # The first one is started before the server forks: a fork between the two ends of starting a process
    # would keep the pipe open on which that start is reported.
    watch = threading.Thread(target=_keep_worker, args=(_start_worker(), stopping))
    watch.start()
    try:
        yield
    finally:
        stopping.set()
        watch.join()


def _start_worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app.cli", "worker", "--until-stdin-closes"]
    # A session of its own: Ctrl-C reaches the server, which closes the pipe once it has answered.
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _keep_worker(worker: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Wait beside a worker, and start another one if it was killed, until told to stop."""
    while not stopping.wait(WATCH_SECONDS):
        if worker.poll() is not None:
            _end(worker)
            worker = _start_worker()
    _end(worker)


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.stdin is not None:
        worker.stdin.close()
    try:
        worker.wait(WORKER_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _require_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise AddressInUse(host, port) from None


def own_address(host: str, port: int) -> str:
    """How this machine reaches the service; another address people use is KLARWERT_PUBLIC_URL."""
    try:
        address = ip_address(host)
    except ValueError:  # a name
        return f"http://{host}:{port}"
    if address.is_unspecified:  # all of this machine's addresses, of which this is the nearest
        address = ip_address("127.0.0.1" if address.version == 4 else "::1")
    near = str(address)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def set_environment(name: str, value: str) -> None:
    """Hand a setting on to the processes this one starts."""
    os.environ[name] = value
