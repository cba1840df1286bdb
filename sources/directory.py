"""What an archive says it holds, checked whole before any member is opened.

Zip and tar feed every entry through `admit`, the never-opened ones too: an archive with one
traversing name is an attack, wherever the name stands. Only digests of names are held, and only
until the check is over; of the names themselves nothing is kept.
"""

import re
from hashlib import blake2b

from sources.errors import ArchiveAmbiguous, ArchiveUnsafe, Danger
from sources.limits import Limits
from sources.minimise import Label, Part, part_of

_DRIVE = re.compile(r"[A-Za-z]:")


class Directory:
    """Counts, sums and names of all entries; says for each which part it is, if any."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seen: set[bytes] = set()
        self._parts: set[Part] = set()
        self._declared = 0
        self._folder: str | None = None

    def admit(self, name: str, size: int) -> Part | None:
        """Check one entry.

        Raises:
            ArchiveUnsafe: its name leaves the archive or came before, or a limit is crossed.
            ArchiveAmbiguous: it belongs to a second export.
        """
        name = name.replace("\\", "/").removeprefix("./")
        self._require_safe(name)
        self._require_new(name)
        self._declared += size
        if self._declared > self._limits.declared_bytes:
            raise ArchiveUnsafe(Danger.DECLARED_SIZE)
        return self._admit_part(name, size)

    def _require_safe(self, name: str) -> None:
        if name.startswith("/") or "\0" in name or ".." in name.split("/") or _DRIVE.match(name):
            raise ArchiveUnsafe(Danger.NAME)

    def _require_new(self, name: str) -> None:
        digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        if digest in self._seen:
            raise ArchiveUnsafe(Danger.DUPLICATE)
        self._seen.add(digest)
        if len(self._seen) > self._limits.members:
            raise ArchiveUnsafe(Danger.COUNT)

    def _admit_part(self, name: str, size: int) -> Part | None:
        found = part_of(name)
        if found is None:
            return None
        folder, part = found
        if part.label is Label.OLD_TWEETS:
            return part
        if part in self._parts or self._folder not in (None, folder):
            raise ArchiveAmbiguous
        if size > self._limits.member_bytes:
            raise ArchiveUnsafe(Danger.MEMBER_SIZE, label=part.label)
        self._folder = folder
        self._parts.add(part)
        return part
