"""Tar archives (POSIX.1-2017 pax, ustar; GNU long names), plain or gzipped, read forward only.

`tarfile` reads a long-name or sparse header of any declared size into memory before one can object,
and follows links; here only regular files and folders exist, and every other kind is refused.
The first pass walks all headers and inflates everything once, so that a bad entry at the end is
seen before a good one at the start is believed; the second goes to the one member that is read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sources.directory import Directory
from sources.errors import ArchiveUnreadable, ArchiveUnsafe, Danger, Defect
from sources.limits import ByteSource, Limits
from sources.minimise import Part
from sources.stored import Meter, inflate, stored_chunks

_BLOCK = 512
_FILES, _FOLDER = (b"0", b"\0", b"7"), b"5"
_PAX, _PAX_GLOBAL, _LONG_NAME = b"x", b"g", b"L"
_PAX_RECORD = re.compile(rb"(\d{1,6}) ([^=\n]{1,200})=")


@dataclass(frozen=True, slots=True)
class _Header:
    """One header block."""

    name: bytes
    size: int
    kind: bytes


class _Stream:
    """Chunks, taken by exact counts."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._used = 0  # of what is held: cutting it off at every block would copy the rest each time
        self.at = 0

    def pieces(self, count: int) -> Iterator[bytes]:
        """The next `count` bytes in pieces."""
        while count > 0:
            if self._used == len(self._held):
                self._held, self._used = next(self._chunks, b""), 0
                if not self._held:
                    raise ArchiveUnreadable(Defect.TRUNCATED)
            piece = self._held[self._used : self._used + count]
            self._used += len(piece)
            self.at += len(piece)
            count -= len(piece)
            yield piece

    def take(self, count: int) -> bytes:
        return b"".join(self.pieces(count))

    def skip(self, count: int) -> None:
        for _ in self.pieces(count):
            pass

    def drain(self, limit: int) -> None:
        """Read to the end, so that gzip checks its CRC; a long tail is no padding."""
        limit -= len(self._held) - self._used
        for chunk in self._chunks:
            limit -= len(chunk)
            if limit < 0:
                raise ArchiveUnsafe(Danger.DECLARED_SIZE)


class Tar:
    """A checked tar archive."""

    def __init__(
        self, file: ByteSource, file_bytes: int, limits: Limits, meter: Meter, *, gzipped: bool
    ) -> None:
        self._file = file
        self._file_bytes = file_bytes
        self._limits = limits
        self._gzipped = gzipped
        self._members: dict[Part, tuple[int, int]] = {}
        self._walk(self._stream(meter))

    @property
    def parts(self) -> frozenset[Part]:
        return frozenset(self._members)

    def chunks(self, part: Part, meter: Meter) -> Iterator[bytes]:
        """The bytes of a part."""
        start, size = self._members[part]
        stream = self._stream(meter)
        stream.skip(start)
        yield from stream.pieces(size)

    def _stream(self, meter: Meter) -> _Stream:
        stored = stored_chunks(self._file, 0, self._file_bytes, meter)
        return _Stream(inflate(stored, 31, self._limits) if self._gzipped else stored)

    def _walk(self, stream: _Stream) -> None:
        directory = Directory(self._limits)
        long_name: bytes | None = None
        headers = 0
        while (header := _header(stream.take(_BLOCK))) is not None:
            headers += 1
            if headers > 2 * self._limits.members:
                raise ArchiveUnsafe(Danger.COUNT)
            if header.kind in (_PAX, _PAX_GLOBAL, _LONG_NAME):
                long_name = self._long_name(stream, header) or long_name
                continue
            name, long_name = long_name or header.name, None
            self._admit(directory, stream, header, name)
        stream.drain(self._limits.ratio_free_bytes)

    def _admit(self, directory: Directory, stream: _Stream, header: _Header, name: bytes) -> None:
        if header.kind not in (*_FILES, _FOLDER):
            raise ArchiveUnsafe(Danger.LINK)
        part = directory.admit(name.decode("utf-8", "surrogateescape"), header.size)
        if part is not None and header.kind in _FILES:
            self._members[part] = (stream.at, header.size)
        stream.skip(_padded(header.size))

    def _long_name(self, stream: _Stream, header: _Header) -> bytes | None:
        if header.size > self._limits.header_bytes:
            raise ArchiveUnsafe(Danger.DIRECTORY)
        body = stream.take(_padded(header.size))[: header.size]
        if header.kind == _LONG_NAME:
            return body.rstrip(b"\0")
        return _pax_path(body) if header.kind == _PAX else None


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _header(block: bytes) -> _Header | None:
    """One header, or None for the block of zeros that ends an archive."""
    if not block.strip(b"\0"):
        return None
    summed = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
    if _number(block[148:156]) != summed:
        raise ArchiveUnreadable(Defect.DAMAGED)
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0] if block[257:263] == b"ustar\0" else b""
    return _Header(prefix + b"/" + name if prefix else name, _number(block[124:136]), block[156:157])


def _number(field: bytes) -> int:
    """Octal digits, or base 256 where the first bit is set."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if not re.fullmatch(rb"[0-7]*", digits):
        raise ArchiveUnreadable(Defect.DAMAGED)
    return int(digits or b"0", 8)


def _pax_path(body: bytes) -> bytes | None:
    """The path among pax records; a size or a sparse map there has no business in a small export."""
    path = None
    while body:
        record = _PAX_RECORD.match(body)
        length = int(record[1]) if record else 0
        if record is None or not record.end() < length <= len(body):
            raise ArchiveUnreadable(Defect.DAMAGED)
        if record[2] == b"path":
            path = body[record.end() : length - 1]
        if record[2] == b"size" or record[2].startswith(b"GNU.sparse"):
            raise ArchiveUnsafe(Danger.LINK)
        body = body[length:]
    return path
