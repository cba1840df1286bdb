"""An untrusted archive: which kind it is, which allowed parts it has, and their bytes in chunks.

The kind is told by content, never by name. Nothing is extracted, no temporary file is made, and no
member's name leaves this floor's checks: callers ask for a `Part`.
"""

import os
from collections.abc import Iterator
from typing import Protocol, Self

from sources.errors import ArchiveUnreadable, Defect, PlatformUnknown
from sources.limits import LIMITS, ByteSource, Limits
from sources.minimise import Label, Part
from sources.stored import Meter, Progress, read_exactly, stored_chunks
from sources.tarred import Tar
from sources.zipped import Zip

_SNIFFED = 64 << 10
_BOM = b"\xef\xbb\xbf"


class _Container(Protocol):
    @property
    def parts(self) -> frozenset[Part]: ...
    def chunks(self, part: Part, meter: Meter) -> Iterator[bytes]: ...


class _Bare:
    """One file by itself: an outbox, or the tweets somebody took out of their archive."""

    def __init__(self, file: ByteSource, file_bytes: int, label: Label) -> None:
        self._file = file
        self._file_bytes = file_bytes
        self.parts = frozenset({Part(label)})

    def chunks(self, part: Part, meter: Meter) -> Iterator[bytes]:
        if part not in self.parts:
            raise KeyError(part)
        return stored_chunks(self._file, 0, self._file_bytes, meter)


class Archive:
    """A checked archive.

    Raises (on construction):
        ArchiveUnsafe, ArchiveEncrypted, ArchiveUnreadable, ArchiveAmbiguous, PlatformUnknown.
    """

    def __init__(
        self, file: ByteSource, limits: Limits = LIMITS, *, progress: Progress | None = None
    ) -> None:
        self.limits = limits
        self._meter, self._container = _open(file, limits, progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file, which its owner closes."""
        del self._container

    @property
    def parts(self) -> frozenset[Part]:
        """The allowed parts that are there."""
        return self._container.parts

    def chunks(self, part: Part) -> Iterator[bytes]:
        """The unpacked bytes of one part; its CRC is checked when the last chunk has been taken."""
        return self._container.chunks(part, self._meter)

    def finish(self) -> None:
        """Report all bytes as read."""
        self._meter.finish()


def _open(file: ByteSource, limits: Limits, progress: Progress | None) -> tuple[Meter, _Container]:
    file_bytes = file.seek(0, os.SEEK_END)
    head = read_exactly(file, 0, min(file_bytes, _SNIFFED))
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        zipped = Zip(file, file_bytes, limits)
        return Meter(zipped.bytes_to_read, progress), zipped
    gzipped = head.startswith(b"\x1f\x8b")
    if gzipped or head[257:262] == b"ustar":
        meter = Meter(2 * file_bytes, progress)  # the check reads it once, the reader once more
        return meter, Tar(file, file_bytes, limits, meter, gzipped=gzipped)
    return Meter(file_bytes, progress), _Bare(file, file_bytes, _bare_label(head))


def _bare_label(head: bytes) -> Label:
    text = head.removeprefix(_BOM).lstrip()
    if text.startswith((b"window.YTD.tweet.", b"window.YTD.tweets.")):
        return Label.TWEETS
    if not text.startswith(b"{"):
        raise ArchiveUnreadable(Defect.TYPE)
    if b'"orderedItems"' not in text and b'"OrderedCollection' not in text:
        raise PlatformUnknown
    return Label.OUTBOX
