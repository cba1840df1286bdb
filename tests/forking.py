"""Runs `klarwert` in processes of its own that are forked from one which has imported everything.

Importing costs two seconds, what is tested a fraction of one. A child is forked before any database is
open, gets its own arguments, environment and standard streams, and ends as the interpreter ends.
"""

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Commands:
    """The process that forks, and a folder for what its children print."""

    server: subprocess.Popen[str]
    folder: Path

    def run(
        self, *arguments: object, more: Mapping[str, str] | None = None, without: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`klarwert` with these arguments and, on top of ours, this environment.

        Args:
            without: a library that is not installed there.
        """
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        streams = [self.folder / "stdout", self.folder / "stderr"]
        environment = os.environ | dict(more or {})
        order = [["klarwert", *map(str, arguments)], environment, [*map(str, streams)], without]
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        code = int(self.server.stdout.readline())
        stdout, stderr = (path.read_text(encoding="utf-8") for path in streams)
        return subprocess.CompletedProcess([*map(str, arguments)], code, stdout, stderr)


@contextmanager
def running_commands(folder: Path) -> Iterator[Commands]:
    """The forking process, for as long as the block lasts."""
    command = [sys.executable, "-m", "tests.forking"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield Commands(server, folder)
        server.communicate()  # closes its input, and so ends it


def main() -> None:
    import app.serving
    import app.web
    import app.worker  # noqa: F401  what the commands import
    from app.cli import main as klarwert

    gc.freeze()  # else a child that ends looks through, and so copies, all that was imported
    for line in sys.stdin:
        arguments, environment, streams, missing = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(arguments, environment, streams)
            if missing is not None:
                assert missing not in sys.modules  # else it would be there already
                sys.modules[missing] = None  # type: ignore[assignment]  # what an import then refuses
            klarwert()
            return
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{ended}\n")
        sys.stdout.flush()


def _become(arguments: list[str], environment: dict[str, str], streams: list[str]) -> None:
    signal.alarm(PATIENCE_SECONDS)  # what should have been refused may run for ever
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)


if __name__ == "__main__":
    main()
