"""After an erasure: look whether anything is left, in every table by its foreign keys and in every file.

What is looked for in files must be remembered before the keys go: the subject's id in three spellings, the
address, the keys themselves and their wrapped form. It lives in memory only; an erasure that a crash
interrupted is searched for by what is still known, and its certificate says so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, MetaData, Uuid, func, select

BLOCK_BYTES = 1 << 20
SEALED = frozenset({".upload", ".part"})  # other people's uploads: nothing in them can be found, nor is


@dataclass(frozen=True)
class Scan:
    """What was found; `files_searched` is None where nothing was known any more to look for."""

    rows: int
    files: int
    files_searched: int | None

    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return self.rows == self.files == 0


@dataclass(frozen=True, repr=False)
class Traces:
    """What would give a person away; never stored, never shown."""

    subject_id: UUID
    secrets: tuple[bytes, ...] = ()

    def needles(self) -> tuple[bytes, ...]:
        """The byte strings to look for."""
        spellings = (self.subject_id.bytes, self.subject_id.hex.encode(), str(self.subject_id).encode())
        return (*spellings, *(secret for secret in self.secrets if len(secret) >= 8))


def rows_left(connection: Connection, tables: MetaData, subject_id: UUID) -> int:
    """How many rows of one database still hold the id, in any column that could."""
    left = 0
    for table in tables.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Uuid):
                statement = select(func.count()).select_from(table).where(column == subject_id)
                left += connection.scalar(statement) or 0
    return left


def files_left(directories: Iterable[Path], needles: tuple[bytes, ...]) -> tuple[int, int]:
    """How many files hold a needle, and how many were looked at."""
    found = searched = 0
    for path in sorted(_files(directories)):
        try:
            found += _holds(path, needles)
            searched += 1
        except OSError:  # gone meanwhile
            continue
    return found, searched


def _files(directories: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for directory in directories:
        for path in directory.rglob("*"):
            if path.suffix in SEALED or path in seen or path.is_symlink():
                continue
            if path.is_file():
                seen.add(path)
                yield path


def _holds(path: Path, needles: tuple[bytes, ...]) -> bool:
    overlap = max(map(len, needles)) - 1
    tail = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            window = tail + block
            if any(needle in window for needle in needles):
                return True
            tail = window[-overlap:]
    return False
