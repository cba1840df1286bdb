"""Zip archives (APPNOTE 6.3.10), by their central directory, in bounded memory.

    local header | data | ... | central directory | [zip64 end | zip64 locator] | end record

`zipfile` builds an object per entry before one can object, so 16 MB of directory cost it 156 MB.
Here the end record is believed only as far as the bytes bear it out, and the walk keeps four numbers
an entry. One reader checks and reads, so no entry can look different to the two
(docs/decisions). Methods: stored and deflate. Not read: multi-disk, encryption, Deflate64.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sources.directory import Directory
from sources.errors import ArchiveEncrypted, ArchiveUnreadable, ArchiveUnsafe, Danger, Defect
from sources.limits import ByteSource, Limits
from sources.minimise import Part
from sources.stored import Meter, inflate, read_exactly, stored_chunks

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65_535
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_UTF_8 = 0x0800
_STORED, _DEFLATED, _AES = 0, 8, 99
_TYPE_BITS, _REGULAR, _FOLDER = 0o170000, 0o100000, 0o040000


class _End(NamedTuple):
    entries: int
    directory_bytes: int
    directory_start: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """One row of the central directory."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    start: int


class Zip:
    """A checked zip archive; `sizes` says how many packed bytes each part to be read has."""

    def __init__(
        self, file: ByteSource, file_bytes: int, limits: Limits, directory: Directory | None = None
    ) -> None:
        self._file = file
        self._limits = limits
        self._directory = directory if directory is not None else Directory(limits)
        self._end = _find_end(file, file_bytes)
        self._entries: dict[Part, _Entry] = {}
        self._walk()

    @property
    def parts(self) -> frozenset[Part]:
        return frozenset(self._entries)

    @property
    def bytes_to_read(self) -> int:
        return sum(entry.packed for entry in self._entries.values())

    def chunks(self, part: Part, meter: Meter) -> Iterator[bytes]:
        """The unpacked bytes of a part; a wrong size or CRC is refused at the end, not handed out."""
        entry = self._entries[part]
        stored = stored_chunks(self._file, self._data_start(entry), entry.packed, meter)
        crc = count = 0
        for chunk in stored if entry.method == _STORED else inflate(stored, -15, self._limits):
            crc, count = zlib.crc32(chunk, crc), count + len(chunk)
            if count > entry.size:
                raise ArchiveUnsafe(Danger.DECLARED_SIZE, label=part.label)
            yield chunk
        if count != entry.size or crc != entry.crc:
            raise ArchiveUnreadable(Defect.DAMAGED, label=part.label)

    def _walk(self) -> None:
        if self._end.entries > self._limits.members:
            raise ArchiveUnsafe(Danger.COUNT)
        if self._end.directory_bytes > self._limits.directory_bytes:
            raise ArchiveUnsafe(Danger.DIRECTORY)
        spans = []
        for entry in _entries(read_exactly(self._file, self._end.directory_start, self._end.directory_bytes)):
            self._require_plain(entry)
            part = self._directory.admit(_text(entry), entry.size)
            if part is not None:
                self._entries[part] = entry
            spans.append((entry.start, entry.start + _LOCAL.size + len(entry.name) + entry.packed))
        if len(spans) != self._end.entries:
            raise ArchiveUnreadable(Defect.DAMAGED)
        _require_apart(spans, self._end.directory_start)

    def _require_plain(self, entry: _Entry) -> None:
        if entry.flags & _ENCRYPTED or entry.method == _AES:
            raise ArchiveEncrypted
        if entry.mode & _TYPE_BITS not in (0, _REGULAR, _FOLDER):
            raise ArchiveUnsafe(Danger.LINK)
        if entry.size > max(self._limits.ratio_free_bytes, self._limits.ratio * entry.packed):
            raise ArchiveUnsafe(Danger.RATIO)

    def _data_start(self, entry: _Entry) -> int:
        if entry.method not in (_STORED, _DEFLATED):
            raise ArchiveUnreadable(Defect.COMPRESSION)
        fixed = _LOCAL.unpack(read_exactly(self._file, entry.start, _LOCAL.size))
        name = read_exactly(self._file, entry.start + _LOCAL.size, fixed[9])
        if fixed[0] != b"PK\3\4" or fixed[3] != entry.method or name != entry.name:
            raise ArchiveUnreadable(Defect.DAMAGED)
        start = entry.start + _LOCAL.size + len(name) + int(fixed[10])
        if start + entry.packed > self._end.directory_start:
            raise ArchiveUnsafe(Danger.OVERLAP)
        return start


def _find_end(file: ByteSource, file_bytes: int) -> _End:
    """The end record: the last one whose comment ends with the file, and whose directory ends at it."""
    tail_start = max(0, file_bytes - _END.size - _LONGEST_COMMENT)
    tail = read_exactly(file, tail_start, file_bytes - tail_start)
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if len(tail) - at >= _END.size:
            fields = _END.unpack_from(tail, at)
            if at + _END.size + fields[7] == len(tail):
                return _end_record(file, tail_start + at, fields)
        at = tail.rfind(b"PK\5\6", 0, at)
    raise ArchiveUnreadable(Defect.TRUNCATED)


def _end_record(file: ByteSource, at: int, fields: tuple[int, ...]) -> _End:
    end, directory_end = _End(fields[4], fields[5], fields[6]), at
    if _FULL_16 in fields[3:5] or _FULL_32 in fields[5:7]:
        end, directory_end = _end_64(file, at) or (end, at)
    if end.directory_start + end.directory_bytes != directory_end:
        raise ArchiveUnreadable(Defect.DAMAGED)
    return end


def _end_64(file: ByteSource, at: int) -> tuple[_End, int] | None:
    if at < _LOCATOR.size + _END_64.size:
        return None
    mark, _, start, _ = _LOCATOR.unpack(read_exactly(file, at - _LOCATOR.size, _LOCATOR.size))
    if mark != b"PK\6\7":
        return None
    if start > at - _LOCATOR.size - _END_64.size:
        raise ArchiveUnreadable(Defect.DAMAGED)
    fields = _END_64.unpack(read_exactly(file, start, _END_64.size))
    if fields[0] != b"PK\6\6":
        raise ArchiveUnreadable(Defect.DAMAGED)
    return _End(fields[7], fields[8], fields[9]), start


def _entries(directory: bytes) -> Iterator[_Entry]:
    at = 0
    while at < len(directory):
        if len(directory) - at < _CENTRAL.size:
            raise ArchiveUnreadable(Defect.DAMAGED)
        fields = _CENTRAL.unpack_from(directory, at)
        name_end = at + _CENTRAL.size + fields[10]
        extra_end = name_end + fields[11]
        if fields[0] != b"PK\1\2" or extra_end + fields[12] > len(directory):
            raise ArchiveUnreadable(Defect.DAMAGED)
        wide = _widen(directory[name_end:extra_end], [fields[9], fields[8], fields[16]])
        name = directory[at + _CENTRAL.size : name_end]
        yield _Entry(name, fields[3], fields[4], fields[7], wide[1], wide[0], fields[15] >> 16, wide[2])
        at = extra_end + fields[12]


def _widen(extra: bytes, narrow: list[int]) -> list[int]:
    """Size, packed size and start, taken from the zip64 field (id 1) where 32 bits were too few."""
    if _FULL_32 not in narrow:
        return narrow
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == 1:
            wide = iter(struct.iter_unpack("<Q", extra[4 : 4 + length // 8 * 8]))
            return [next(wide, (value,))[0] if value == _FULL_32 else value for value in narrow]
        extra = extra[4 + length :]
    return narrow


def _text(entry: _Entry) -> str:
    try:
        return entry.name.decode("utf-8" if entry.flags & _UTF_8 else "cp437")
    except UnicodeDecodeError:
        raise ArchiveUnreadable(Defect.DAMAGED) from None


def _require_apart(spans: list[tuple[int, int]], directory_start: int) -> None:
    """No two entries may share bytes: sharing is how a small bomb becomes a large one."""
    in_order = [*sorted(spans), (directory_start, directory_start)]
    if any(end > start for (_, end), (start, _) in pairwise(in_order)):
        raise ArchiveUnsafe(Danger.OVERLAP)
