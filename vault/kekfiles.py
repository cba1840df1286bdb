"""The KEK files of a rotation: a new one appears whole, an old one disappears at once and is overwritten.

    kek-3.key.fresh -> kek-3.key         written and durable before it has its name
    kek-2.key -> kek-2.key.doomed -> (overwritten) -> gone

So whoever reads the directory finds a KEK whole or not at all, and what a crash leaves behind has a name
that says what to do with it. Overwriting is what a file system lets us do; what an SSD keeps in spare
blocks is out of reach (docs/threat-model.md).
"""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vault.errors import DomainError
from vault.keys import (
    KEY_BYTES,
    NO_FOLLOW,
    KeyEncryptionKey,
    create_key,
    kek_name,
    load_keks,
    sync_directory,
)

LEFTOVERS = ("kek*.key.fresh", "kek*.key.doomed")


class RotationRunning(DomainError):
    """Another process is replacing the KEK."""

    slug = "rotation-running"
    title = "Key rotation running"

    def __init__(self) -> None:
        super().__init__("Another process is replacing the KEK; wait until it is done.")


class Keks:
    """The KEKs this process holds; read anew when a key names one that it does not know."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._held = load_keks(directory)

    def held(self) -> Mapping[int, KeyEncryptionKey]:
        """What is in memory, by the number of its file."""
        return self._held

    def reload(self) -> None:
        """Read the files again, and forget what is no longer there.

        Raises:
            KeyFileRefused: a key file is not fit to be used.
        """
        self._held = load_keks(self.directory)

    def find(self, kek_id: str) -> KeyEncryptionKey | None:
        """The KEK with this id, if there is a file of it."""
        if (found := self._find(kek_id)) is None:
            self.reload()
            found = self._find(kek_id)
        return found

    def _find(self, kek_id: str) -> KeyEncryptionKey | None:
        return next((kek for kek in self._held.values() if kek.id == kek_id), None)


@contextmanager
def rotating_alone(directory: Path) -> Iterator[None]:
    """Keep every other process from rotating; the lock ends with the process that holds it.

    Raises:
        RotationRunning: another process holds it.
    """
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RotationRunning from None
        yield
    finally:
        os.close(descriptor)


def create_kek(directory: Path, number: int) -> None:
    """Make a KEK, durable with its name. Only within `rotating_alone`, after `sweep_leftovers`."""
    path = directory / kek_name(number)
    fresh = path.with_name(f"{path.name}.fresh")
    create_key(fresh)
    fresh.replace(path)
    sync_directory(directory)


def destroy_kek(directory: Path, number: int) -> None:
    """Overwrite a KEK and remove it. Only within `rotating_alone`."""
    path = directory / kek_name(number)
    doomed = path.with_name(f"{path.name}.doomed")
    path.replace(doomed)
    sync_directory(directory)
    overwrite_and_remove(doomed)


def sweep_leftovers(directory: Path) -> None:
    """Remove what a crash left: keys that never got their name, and keys that had lost it."""
    for pattern in LEFTOVERS:
        for path in directory.glob(pattern):
            overwrite_and_remove(path)


def overwrite_and_remove(path: Path) -> None:
    """End a key file: its bytes first, then its name."""
    descriptor = os.open(path, os.O_WRONLY | NO_FOLLOW)
    try:
        os.write(descriptor, secrets.token_bytes(KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.unlink()
    sync_directory(path.parent)
