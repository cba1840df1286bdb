#!/usr/bin/env python3
"""Set up and run Klarwert: one file, standard library only, nothing to install first.

    set-up  =  .venv, every package checked against its hash in a lock, and Klarwert itself, editable

`.venv/klarwert-setup` says which lock the environment holds, so a second run starts at once. It is
written last, and `.venv.lock` says `unfinished` until then: what a Ctrl-C or a power cut leaves is
thrown away by the next run. Keys, databases and migrations are made by `klarwert serve`, not here.
Why two locks, and uv with pip behind it: docs/decisions/0002-two-locks-and-run-py.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

USAGE = """\
usage: python3 run.py COMMAND [arguments]

  serve [--demo]          the service on http://127.0.0.1:8000; arguments go to `klarwert serve`
  test [pytest args]      the tests
  check [--quick]         format, lint, types, contracts, then the tests (not with --quick)
  bench [--json]          the measurements in bench/
  setup [--development]   only set up

Each command first sets up whatever it needs, once."""

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""
PYTHON = BIN / f"python{SUFFIX}"
STAMP = VENV / "klarwert-setup"
LOG = VENV / "setup.log"
TURN = ROOT / ".venv.lock"
UNFINISHED = "unfinished"
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 4 * 1024**3

LOCKS = {"runtime": "requirements.lock", "development": "requirements-development.lock"}
UV_LOCK = "requirements-uv.lock"
CHECKS = (
    ("format", "ruff", ("format", "--check", ".")),
    ("lint", "ruff", ("check", ".")),
    ("types", "mypy", ()),
    ("contracts", "lint-imports", ("--no-logo",)),
)
DISK_FULL = "The disk is full."
WRONG_HASH = "A package is not the one whose hash the lock names."
NO_VENV = "Python's venv module is incomplete; on Debian and Ubuntu: apt install python3-venv."
CAUSES = (  # what pip, uv and venv write at length; the first that fits is said
    (DISK_FULL, ("no space left", "errno 28")),
    (WRONG_HASH, ("do not match the hashes", "hash mismatch")),
    (NO_VENV, ("ensurepip",)),
    (
        "The package index cannot be reached; is there a network?",
        ("newconnectionerror", "proxyerror", "error sending request", "dns error", "timed out"),
    ),
    (
        "The package index does not offer what the lock asks for on this machine.",
        ("no matching distribution", "no solution found"),
    ),
)


class SetupFailed(Exception):
    """Set-up stopped; the message is the one sentence shown."""


def main(arguments: Sequence[str]) -> int:
    if sys.version_info[:2] < OLDEST_PYTHON:
        say("Klarwert needs Python 3.11 or newer; this is Python {}.{}.".format(*sys.version_info[:2]))
        return 2
    if arguments and arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        say(USAGE)
        return 2
    try:
        return command(*arguments[1:])
    except SetupFailed as failure:
        say(str(failure))
    except OSError as failure:
        say(cause_of(str(failure)) or f"{failure.strerror}: {failure.filename}")
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    return 1


def serve(*arguments: str) -> int:
    set_up("runtime")
    return become(BIN / f"klarwert{SUFFIX}", "serve", *arguments)


def test(*arguments: str) -> int:
    set_up("development")
    return run_tests(*arguments)


def run_tests(*arguments: str) -> int:
    """What was asked for as it was asked for; all of them side by side, a file at a time."""
    # The tests start a hundred processes; without bytecode each of them compiles every library again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(VENV / "bytecode")
    # Side by side, the threads of one test would only wait for those of another, and busily.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("NUMBA_OPT", "0")  # what shap compiles runs once
    if is_quick(MEMORY, MEMORY_BYTES):
        os.environ.setdefault("TMPDIR", str(MEMORY))
    workers = str(min(4, 3 * (os.cpu_count() or 1) // 2))  # some always wait for a browser, a server, a child
    # A file at a time, in the order of tests/conftest.py; of what passed, nothing is kept.
    by_file = ("--dist", "loadfile", "--no-loadscope-reorder", "-o", "tmp_path_retention_policy=failed")
    return become(PYTHON, "-m", "pytest", *(arguments or ("-n", workers, *by_file)))


def is_quick(folder: Path, least_bytes: int) -> bool:
    """Whether what tests write may be kept in memory: no test takes the power away, so none needs a disk."""
    try:
        facts = os.statvfs(folder)
    except (AttributeError, OSError):  # Windows, or no such folder
        return False
    runs_programs = not facts.f_flag & os.ST_NOEXEC
    return runs_programs and os.access(folder, os.W_OK) and facts.f_bavail * facts.f_frsize >= least_bytes


def bench(*arguments: str) -> int:
    set_up("development")
    return become(PYTHON, "-m", "bench", *arguments)


def setup(*arguments: str) -> int:
    if arguments not in ((), ("--development",)):
        say(USAGE)
        return 2
    set_up("development" if arguments else "runtime")
    say("Klarwert is set up. Next: python3 run.py serve")
    return 0


def check(*arguments: str) -> int:
    """Run every check even after one failed, so that one run shows all there is to mend."""
    if arguments not in ((), ("--quick",)):
        say(USAGE)
        return 2
    set_up("development")
    failed = []
    for name, tool, options in CHECKS:
        say(f"== {name}: {' '.join((tool, *options))}")
        if subprocess.call([BIN / f"{tool}{SUFFIX}", *options], cwd=ROOT):
            failed.append(name)
    if failed:
        say(f"Not clean: {', '.join(failed)}.")
        return 1
    return 0 if arguments else run_tests()


COMMANDS = {"serve": serve, "test": test, "check": check, "bench": bench, "setup": setup}


def set_up(kind: str) -> None:
    """Make `.venv` hold the lock of this kind: `runtime`, or `development`, which includes it."""
    if is_set_up(kind):
        return
    with own_turn() as state:
        if is_set_up(kind):  # another run did it while this one waited
            return
        kept = STAMP.read_text().partition("\n")[0] if STAMP.exists() else kind
        is_wreck = state.read() == UNFINISHED
        write(state, UNFINISHED)
        if is_wreck or not is_usable():
            make_environment()
        fill_environment("development" if "development" in (kind, kept) else "runtime")
        write(state, "")


def is_set_up(kind: str) -> bool:
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    enough = {kind, "development"}
    return STAMP.read_text() in {stamp(each) for each in enough}


def stamp(kind: str) -> str:
    """What `.venv/klarwert-setup` holds once everything of this kind is installed, for this Python, here."""
    digest = hashlib.sha256()
    for name in (LOCKS[kind], "pyproject.toml"):
        digest.update(hashlib.sha256((ROOT / name).read_bytes()).digest())
    return "{}\n{}\n{}.{}\n{}\n".format(kind, digest.hexdigest(), *sys.version_info[:2], ROOT)


def is_usable() -> bool:
    """Whether `.venv` has this Python and a pip, and was not copied here from another folder."""
    if not PYTHON.exists():
        return False
    if STAMP.exists() and STAMP.read_text().splitlines()[3:] != [str(ROOT)]:
        return False
    asked = "import sys, pip; print('{}.{}'.format(*sys.version_info[:2]))"
    answer = subprocess.run([PYTHON, "-c", asked], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == "{}.{}".format(*sys.version_info[:2])


@contextlib.contextmanager
def own_turn() -> Iterator[TextIO]:
    """Hold `.venv.lock`: two runs at once would tear each other's environment apart."""
    with TURN.open("a+", encoding="utf-8") as state:
        with contextlib.suppress(ImportError):  # no fcntl on Windows: there the second run is on its own
            import fcntl

            try:
                fcntl.flock(state, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another set-up of this folder is running; waiting for it.")
                fcntl.flock(state, fcntl.LOCK_EX)
        state.seek(0)
        yield state


def write(state: TextIO, text: str) -> None:
    state.truncate(0)
    state.write(text)
    state.flush()


def make_environment() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupFailed(NO_VENV)
    say("Making .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    # Run by .venv's own Python, this file has just deleted its interpreter: the base one makes the new.
    python = getattr(sys, "_base_executable", None) or sys.executable
    run(python, "-m", "venv", VENV)


def fill_environment(kind: str) -> None:
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)
    lock = ROOT / LOCKS[kind]
    count = sum(line[:1].isalnum() for line in lock.read_text().splitlines())
    say(f"Installing {count} packages from {lock.name}, each checked against its hash")
    uv = find_uv()
    if uv is None or not sync_with_uv(uv, lock):
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)
    say("Installing Klarwert")
    itself = ("--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    run(PYTHON, "-m", "pip", "install", *itself)
    STAMP.write_text(stamp(kind))
    say(f"Set up in {time.monotonic() - started:.0f} s")


def find_uv() -> Path | None:
    """uv at the version and hash of its own lock, outside site-packages; `None` where pip cannot bring it."""
    lock = ROOT / UV_LOCK
    if not lock.exists():
        return None
    folder = VENV / f"uv-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    uv = folder / "bin" / f"uv{SUFFIX}"
    if not uv.exists():
        options = (
            "--quiet",
            "--retries",
            "1",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--target",
            folder,
        )
        code, output = attempt(PYTHON, "-m", "pip", "install", *options, "-r", lock)
        if code:
            shutil.rmtree(folder, ignore_errors=True)
            refuse_what_pip_cannot_mend(output)
            return None
    return uv


def sync_with_uv(uv: Path, lock: Path) -> bool:
    """Install with uv; where it fails, pip may know a mirror that uv does not."""
    code, output = attempt(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, lock)
    if code:
        refuse_what_pip_cannot_mend(output)
    return code == 0


def refuse_what_pip_cannot_mend(output: str) -> None:
    if cause_of(output) in (DISK_FULL, WRONG_HASH):
        raise SetupFailed(failure_of(output))


def run(*command: str | Path) -> None:
    code, output = attempt(*command)
    if code:
        raise SetupFailed(failure_of(output))


def attempt(*command: str | Path) -> tuple[int, str]:
    """One step of the set-up, silent; what it said is kept in .venv/setup.log."""
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_USER": "0"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **quiet, "UV_PYTHON_DOWNLOADS": "never"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    VENV.mkdir(exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}\n")
    return done.returncode, done.stdout


def failure_of(output: str) -> str:
    return f"{cause_of(output) or 'Set-up stopped.'} Details: {LOG.relative_to(ROOT)}"


def cause_of(output: str) -> str | None:
    """The one sentence for what a tool wrote at length."""
    said = output.lower()
    for sentence, signs in CAUSES:
        if any(sign in said for sign in signs):
            return sentence
    return None


def become(program: Path, *arguments: str) -> int:
    """Turn into the program, so that signals and the exit code are its own."""
    os.chdir(ROOT)
    command = [str(program), *arguments]
    if os.name == "nt":  # execv there gives the terminal back before the program has ended
        return subprocess.call(command)
    return os.execv(command[0], command)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
