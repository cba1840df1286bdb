"""Group commit for SQLite: whoever waits for the disk at the same time waits for one `fsync` together.

    BEGIN IMMEDIATE … COMMIT      the write-ahead log has the commit, the kernel has the bytes
    (write lock released)         the next transaction writes while this one waits
    fsync of the write-ahead log  one call stands for every commit that was there when it began

`synchronous=FULL` holds the write lock during the fsync, so every commit waits for its own. Here the
database is opened with `synchronous=NORMAL`, in which SQLite syncs around checkpoints only, and `make` does
what is missing, before anybody is answered. Two rules follow, kept by app/transaction.py: what others may
see of a commit outside the database (an answer, a signature, a destroyed key) comes after `make`; and a
failed fsync is never tried again, because the kernel may then call lost pages clean.

Source: SQLite, "PRAGMA synchronous" and "Write-Ahead Logging"; fsync(2).
"""

import os
from pathlib import Path
from threading import Condition

from vault.errors import DomainError


class DiskFailed(DomainError):
    """The disk did not take what was committed; nothing more is answered until the service starts anew."""

    slug = "disk-failed"
    title = "Disk failed"

    def __init__(self) -> None:
        super().__init__("The disk did not confirm a write. Restart the service once the disk is well.")


class Durability:
    """The `fsync`s of one database's write-ahead log, shared by the threads of a process.

    Closing a file ends every POSIX lock the process has on it; SQLite has none on this one (they are on
    the database and its -shm), so it may be opened beside SQLite.
    """

    def __init__(self, database: Path) -> None:
        self._wal = database.with_name(f"{database.name}-wal")
        self._changed = Condition()
        self.asked = 0  # how often `make` was called
        self._served = 0  # so many of these may go on
        self._is_syncing = False
        self.has_failed = False  # for good

    def make(self) -> None:
        """Return once everything committed before this call is on the disk.

        Raises:
            DiskFailed: now, or at an earlier call.
        """
        with self._changed:
            self.asked += 1
            mine = self.asked
            while self._served < mine:
                self.require_well()
                if self._is_syncing:
                    self._changed.wait()
                else:
                    self._sync_for_all()

    def require_well(self) -> None:
        """Refuse to begin what could not be made durable.

        Raises:
            DiskFailed: an earlier call of `make` did.
        """
        if self.has_failed:
            raise DiskFailed

    def _sync_for_all(self) -> None:
        """With the lock held: let it go for the length of one fsync, then serve all who had asked before."""
        self._is_syncing, until = True, self.asked
        self._changed.release()
        is_done = False
        try:
            self._sync()
            is_done = True
        finally:
            self._changed.acquire()
            self._is_syncing = False
            self._served = until if is_done else self._served
            self._changed.notify_all()

    def _sync(self) -> None:
        try:
            file = os.open(self._wal, os.O_RDONLY)
        except FileNotFoundError:  # its last reader is gone: SQLite moved all of it into the database, synced
            return
        except OSError:  # too many open files, say: no page was given up yet, so the next may try again
            raise DiskFailed from None
        try:
            os.fsync(file)
        except OSError:
            self.has_failed = True
            raise DiskFailed from None
        finally:
            os.close(file)
