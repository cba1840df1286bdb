"""The high-water mark: the last signed checkpoint, kept outside the database.

Before anything new is signed, the database must prove that it still contains what was signed last.
An older backup put back, or another history, is refused: signing it would be evidence of a fork. The
file is replaced atomically under a lock, so several processes may sign.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from audit.checkpoint import Checkpoint, NoteSigner, NoteVerifier, open_checkpoint, sign_checkpoint
from audit.errors import (
    CheckpointInvalid,
    Flaw,
    IndexOutsideLog,
    LogBroken,
    LogContinues,
    LogForked,
    LogRolledBack,
    MarkMissing,
    MarkPresent,
    ProofInvalid,
)
from audit.merkle import CompactRange, HashSource, consistency_proof, root_from, verify_consistency

JUST_OPENED = 1  # the entry that opens a log is committed a moment before its first checkpoint is signed


class SignableLog(HashSource, Protocol):
    """A log as stored (audit/stored.py): its hashes are those of its rows, whatever its head says."""

    @property
    def origin(self) -> str: ...
    def head(self) -> CompactRange: ...


class HighWater:
    """The file with the last signed checkpoint."""

    def __init__(self, path: Path, signer: NoteSigner) -> None:
        self.path = path
        self._signer = signer

    @property
    def name(self) -> str:
        """The name of the log, the first line of its checkpoints."""
        return self._signer.name

    @property
    def verifier_key(self) -> str:
        """The public key that opens the checkpoints, a C2SP vkey."""
        return self._signer.verifier_key()

    def open(self, note: str) -> Checkpoint:
        """A checkpoint that this log signed."""
        return open_checkpoint(note, [NoteVerifier.from_vkey(self.verifier_key)])

    def read(self) -> str | None:
        """The last signed checkpoint, a C2SP signed note."""
        return self.path.read_text(encoding="utf-8") if self.path.exists() else None

    def check(self, log: SignableLog) -> Checkpoint | None:
        """Prove that the stored log contains what was signed last.

        Raises:
            MarkMissing: there is a log, but not what was signed last.
            LogRolledBack: the database is older than the checkpoint.
            LogForked: it holds another history.
        """
        note = self.read()
        if note is None:
            if log.head().size > JUST_OPENED:
                raise MarkMissing(log.head().size)
            return None
        signed = self.open(note)
        head = log.head()
        if head.size < signed.size:
            raise LogRolledBack(signed.size, head.size)
        try:
            # By hashes as stored: a proof may take the right edge from the head, which is in question here.
            if signed.origin != log.origin or root_from(log, head.size) != head.root():
                raise LogForked(signed.size)
            proof = consistency_proof(log, signed.size, head.size)
            verify_consistency(signed.size, signed.root, head.size, head.root(), proof)
        except (ProofInvalid, IndexOutsideLog, LogBroken):
            raise LogForked(signed.size) from None
        return signed

    def require_restored(self, log: SignableLog) -> tuple[Checkpoint, Checkpoint]:
        """What was signed last, and what a database that does not contain it holds instead.

        Raises:
            LogContinues: it does contain it.
            LogForked: the mark is another log's. LogBroken: what is stored is no log by itself.
            MarkMissing: nobody can tell what was signed.
        """
        try:
            self.check(log)
        except (LogRolledBack, LogForked):
            signed, head = self.open(self.read() or ""), log.head()
            if signed.origin != log.origin:
                raise
            if root_from(log, head.size) != head.root():
                raise LogBroken(Flaw.ROOT, size=head.size) from None
            return signed, Checkpoint(log.origin, head.size, head.root())
        raise LogContinues

    def sign_restored(self, restored: Checkpoint) -> str:
        """Sign what a database holds that was put back, for good: the mark stays, and goes no further."""
        return sign_checkpoint(restored, self._signer)

    def sign(self, log: SignableLog, make_durable: Callable[[], None]) -> str:
        """Sign the log's present head, if it is newer than what was signed last; returns the checkpoint.

        Call it only after a commit, with a reader that sees committed rows: a signed tree that was
        then rolled back would be evidence of a fork.

        Args:
            make_durable: waits until what the reader saw survives a power cut, for the same reason.
        """
        with self._locked():
            signed = self.check(log)
            head = log.head()
            make_durable()
            note = self.read()
            if note is not None and signed is not None and signed.size == head.size:
                return note
            note = sign_checkpoint(Checkpoint(log.origin, head.size, head.root()), self._signer)
            replace_file(self.path, note)
            return note

    def adopt(self, log: SignableLog, make_durable: Callable[[], None]) -> str:
        """Sign the log as it is, where the mark was lost and an operator vouches for the database.

        Raises:
            MarkPresent: there is a mark; it is not replaced this way.
        """
        with self._locked():
            if self.read() is not None:
                raise MarkPresent
            head = log.head()
            make_durable()
            note = sign_checkpoint(Checkpoint(log.origin, head.size, head.root()), self._signer)
            replace_file(self.path, note)
            return note

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def named_size(note: str) -> int:
    """The size that a mark names, by its word alone: the key that signed it may be gone.

    Raises:
        CheckpointInvalid: it names none.
    """
    _, size, *_ = [*note.split("\n"), "", ""]
    if not size.isdecimal():
        raise CheckpointInvalid("The mark names no size.")
    return int(size)


def replace_file(path: Path, text: str) -> None:
    """A file's whole text anew, atomically and for good before this returns."""
    fresh = path.with_suffix(f"{path.suffix}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
