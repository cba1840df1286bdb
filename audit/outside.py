"""What others hold of the log, kept beside the mark: the last checkpoint with a quorum, and how far each is.

    <mark>.cosigned   the last checkpoint that enough witnesses cosigned, with their lines
    <mark>.outside    JSON: for each witness and place the size it has, since when, and what went wrong last

Nothing rests on the second file: a witness says itself how far it is, and a place is sent to once more.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from audit.highwater import replace_file


@dataclass(frozen=True)
class Held:
    """How far one witness or place is."""

    size: int = 0
    at: int | None = None  # seconds since the epoch: when it took that size
    problem: str | None = None  # a closed word; None: the last time went well
    line: str = ""  # a witness's cosignature of the checkpoint with that size


class Outside:
    """The two files beside the mark."""

    def __init__(self, mark: Path) -> None:
        self._cosigned = mark.with_name(f"{mark.name}.cosigned")
        self._held = mark.with_name(f"{mark.name}.outside")
        self._lock = mark.with_name(f"{mark.name}.outside.lock")

    def cosigned(self) -> str | None:
        """The last checkpoint with a quorum."""
        return self._cosigned.read_text(encoding="utf-8") if self._cosigned.exists() else None

    def keep_cosigned(self, note: str) -> None:
        replace_file(self._cosigned, note)

    def held(self) -> dict[str, Held]:
        """How far each is; nothing of a file that does not read."""
        try:
            stored = json.loads(self._held.read_text(encoding="utf-8"))
            return {name: Held(**fields) for name, fields in stored.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def keep(self, held: Mapping[str, Held]) -> None:
        replace_file(self._held, json.dumps({name: asdict(one) for name, one in held.items()}, indent=1))

    @contextmanager
    def round(self) -> Iterator[bool]:
        """One round at a time; False where another process is in one."""
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
