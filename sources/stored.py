"""Bytes out of a file, bounded: exact reads, chunks with a meter, and inflation that counts itself.

Everything here is a generator of chunks of at most `CHUNK` bytes; nothing is held, nothing is
written, so neither a large archive nor an abandoned one leaves anything behind.
"""

import zlib
from collections.abc import Callable, Iterator

from sources.errors import ArchiveUnreadable, ArchiveUnsafe, Danger, Defect
from sources.limits import ByteSource, Limits

CHUNK = 256 << 10
_FED = 64 << 10  # deflate yields at most 1032 times this before the ratio is looked at again

Progress = Callable[[int, int], None]


class Meter:
    """Says how many bytes of the archive were read, of how many; never goes back, never beyond."""

    def __init__(self, total: int, report: Progress | None) -> None:
        self._total = total
        self._done = 0
        self._report = report

    def add(self, count: int) -> None:
        self._done = min(self._total, self._done + count)
        self._tell()

    def finish(self) -> None:
        self._done = self._total
        self._tell()

    def _tell(self) -> None:
        if self._report is not None:
            self._report(self._done, self._total)


def read_exactly(file: ByteSource, start: int, length: int) -> bytes:
    """Read `length` bytes at `start`; a source may answer in smaller pieces."""
    file.seek(start)
    pieces = []
    while length > 0:
        piece = file.read(min(length, CHUNK))
        if not piece:
            raise ArchiveUnreadable(Defect.TRUNCATED)
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def stored_chunks(file: ByteSource, start: int, length: int, meter: Meter) -> Iterator[bytes]:
    """The bytes from `start`, as they lie in the file."""
    while length > 0:
        file.seek(start)  # every time: two members may be read in turns
        chunk = file.read(min(length, _FED))
        if not chunk:
            raise ArchiveUnreadable(Defect.TRUNCATED)
        start, length = start + len(chunk), length - len(chunk)
        meter.add(len(chunk))
        yield chunk


def inflate(stored: Iterator[bytes], wbits: int, limits: Limits) -> Iterator[bytes]:
    """Inflate a stream, refusing it as soon as it has grown beyond the ratio.

    Args:
        wbits: -15 for the raw stream inside a zip (RFC 1951), 31 for gzip (RFC 1952, checks its CRC).
    """
    engine = zlib.decompressobj(wbits)
    fed = grown = 0
    for chunk in stored:
        fed += len(chunk)
        for piece in _inflate_all(engine, chunk):
            grown += len(piece)
            if grown > max(limits.ratio_free_bytes, limits.ratio * fed):
                raise ArchiveUnsafe(Danger.RATIO)
            yield piece
    if not engine.eof:
        raise ArchiveUnreadable(Defect.TRUNCATED)


def _inflate_all(engine: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """All that `data` inflates to; a full piece may leave output behind even when no input is left."""
    full = True
    while (data or full) and not engine.eof:
        try:
            piece = engine.decompress(data, CHUNK)
        except zlib.error:
            raise ArchiveUnreadable(Defect.DAMAGED) from None
        data, full = engine.unconsumed_tail, len(piece) == CHUNK
        if piece:  # an empty one would look like the end
            yield piece
