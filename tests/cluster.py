"""A real PostgreSQL for the tests: a cluster of its own, started on a socket and thrown away."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REQUIRED = "postgres" in os.environ.get("KLARWERT_REQUIRE", "").split(",")


def find_binaries() -> Path | None:
    """The directory of `initdb`: on the path, or where Debian puts it."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return candidates[-1].parent if candidates else None


@contextmanager
def running_cluster(binaries: Path, *, is_durable: bool = False) -> Iterator[str]:
    """Start a cluster; yields a URL without a database name. PostgreSQL refuses root, so root steps down.

    Args:
        is_durable: whether a commit waits for the disk; no test takes the power away, measurements must wait.
    """
    home = Path(tempfile.mkdtemp(prefix="klarwert-pg-"))
    user = _unprivileged() if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(home, user=user)
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=home, stdout=subprocess.DEVNULL)

    run(str(binaries / "initdb"), "-D", str(data), "-U", "klarwert", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c max_connections=60"
    if not is_durable:
        options += " -c fsync=off -c full_page_writes=off -c autovacuum=off"
    control = str(binaries / "pg_ctl")
    run(control, "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://klarwert@/{{database}}?host={home}"
    finally:
        run(control, "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("Root needs another user to run PostgreSQL as.")
