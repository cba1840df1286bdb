"""The erasure ledger: whom a restored backup must not bring back (GDPR Art. 17; Art. 5(1)(e)).

    line   =  number SP day SP HMAC-SHA-256(subject id) in hex LF     after its term: number SP day SP "-" LF

It lies beside both databases and all their backups, with a key that lies only here, so a line tells nothing
to whoever has the databases, and no backup of those brings an older ledger back. A line is durable before
the rows' commit: a person may be in the ledger and still there (the erasure is then finished), never gone
and not in it. Lines are taken out once no backup can hold the person any more; the last number stays, so
that a database knows how far it has followed (`ErasureMark`).
"""

import fcntl
import hmac
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from vault.errors import DomainError

KEY_BYTES = 32
GONE = "-"
_LABEL = b"klarwert/erasure-ledger/v1"


class ErasureLedgerRefused(DomainError):
    """The ledger is missing, damaged, or older than the database it belongs to."""

    slug = "erasure-ledger-refused"
    title = "Erasure ledger cannot be used"

    def __init__(self, what: str) -> None:
        super().__init__(f"The erasure ledger is refused: {what}.")


@dataclass(frozen=True)
class Line:
    """One erasure; `mark` is None once its term is over."""

    number: int
    on: date
    mark: str | None

    def __str__(self) -> str:
        return f"{self.number} {self.on.isoformat()} {self.mark or GONE}\n"


class ErasureLedger:
    """The ledger in one directory; every method reads the file anew, since processes share it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._file = directory / "erased"
        self._key_file = directory / "ledger.key"

    def prepare(self) -> None:
        """Make the directory, the key and an empty ledger where there is none."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._key_file.exists():
            if self._file.exists():
                raise ErasureLedgerRefused("its key is missing")
            _write_durably(self._key_file, secrets.token_bytes(KEY_BYTES))
        if not self._file.exists():
            _write_durably(self._file, b"")

    def lines(self) -> tuple[Line, ...]:
        """Every line, oldest first; one that a crash cut off was never promised to anybody.

        Raises:
            ErasureLedgerRefused: missing or damaged.
        """
        try:
            whole = self._file.read_bytes().rpartition(b"\n")[0]
            return tuple(_line(text) for text in whole.decode("ascii").splitlines())
        except (OSError, ValueError):
            raise ErasureLedgerRefused("it is missing or damaged") from None

    def add(self, subject_id: UUID, on: date) -> int:
        """Note an erasure, durably; the same again changes nothing. Returns its number."""
        mark = self.mark(subject_id)
        with self._locked() as held:
            lines = self.lines()
            known = [line.number for line in lines if line.mark == mark]
            if known:
                return known[0]
            number = lines[-1].number + 1 if lines else 1
            os.ftruncate(held, sum(len(str(line)) for line in lines))  # takes a line off that was cut short
            os.lseek(held, 0, os.SEEK_END)
            os.write(held, str(Line(number, on, mark)).encode("ascii"))
            os.fsync(held)
            return number

    def drop_before(self, day: date) -> int:
        """Take out what is older than every backup; returns how many lines. The file is replaced at once."""
        with self._locked():
            lines = self.lines()
            kept = [line for line in lines if line.on >= day]
            gone = [line for line in lines if line.on < day and line.mark is not None]
            if not gone:
                return 0
            if not kept:
                kept = [Line(lines[-1].number, lines[-1].on, None)]
            fresh = self._file.with_suffix(".new")
            _write_durably(fresh, "".join(map(str, kept)).encode("ascii"))
            fresh.replace(self._file)
            _sync_directory(self._directory)
            return len(gone)

    def skip_to(self, number: int, on: date) -> None:
        """Go on counting after a number that the ledger lost."""
        with self._locked() as held:
            if number > self.last_number():
                os.lseek(held, 0, os.SEEK_END)
                os.write(held, str(Line(number, on, None)).encode("ascii"))
                os.fsync(held)

    def mark(self, subject_id: UUID) -> str:
        """What stands for a subject in the ledger.

        Raises:
            ErasureLedgerRefused: the key is missing or not whole.
        """
        return hmac.digest(self._key(), _LABEL + subject_id.bytes, "sha256").hex()

    def last_number(self) -> int:
        """The number of the newest line; 0 where there never was one."""
        lines = self.lines()
        return lines[-1].number if lines else 0

    def _key(self) -> bytes:
        try:
            key = self._key_file.read_bytes()
        except OSError:
            raise ErasureLedgerRefused("its key is missing") from None
        if len(key) != KEY_BYTES:
            raise ErasureLedgerRefused("its key is not whole")
        return key

    @contextmanager
    def _locked(self) -> Iterator[int]:
        # A file of its own is locked, since `drop_before` puts another one in the ledger's place.
        lock = os.open(self._directory / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                held = os.open(self._file, os.O_RDWR)
            except OSError:
                raise ErasureLedgerRefused("it is missing or damaged") from None
            try:
                yield held
            finally:
                os.close(held)
        finally:
            os.close(lock)


def oldest_day(today: date, backup_days: int) -> date:
    """The first day whose erasures a backup may still undo."""
    return today - timedelta(days=backup_days)


def _line(text: str) -> Line:
    number, day, mark = text.split(" ")
    if mark != GONE and len(bytes.fromhex(mark)) != KEY_BYTES:
        raise ValueError(text)
    return Line(int(number), date.fromisoformat(day), None if mark == GONE else mark)


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
