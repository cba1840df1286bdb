"""A child that is killed, `kill -9`, at its n-th step that reaches a database or the disk."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine


def points_passed(act: Callable[[], object], dies_at: int | None) -> int:
    """Act in a child, killed at its n-th statement, commit, fsync, unlink or replace; how many passed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        seen = 0

        def count(*_: object, **__: object) -> None:
            nonlocal seen
            seen += 1
            if seen == dies_at:
                os.kill(os.getpid(), signal.SIGKILL)

        def counted(act):
            def wrapped(*args, **named):
                count()
                return act(*args, **named)

            return wrapped

        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        for place, name in ((os, "fsync"), (Path, "unlink"), (Path, "replace")):
            setattr(place, name, counted(getattr(place, name)))
        try:
            act()
        finally:
            os.write(writing, str(seen).encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as told:
        return int(told.read() or 0)
