"""A log as tiles, to the byte (C2SP tlog-tiles), and proofs from the hashes that tiles hold; pure.

    hash tile     =  hash (32) per place, at most 256; level 0 holds leaf hashes, level n the roots
                     of 256**n leaves each, complete subtrees only
    entry bundle  =  { length (2, big-endian) | entry } per place, at most 256
    tile/<level>/<N>[.p/<width>]   tile/entries/<N>[.p/<width>]   1234067 is x001/x234/067

The rows of a database hold the same hashes as the tiles of a directory; they differ only in how a
range is read. A place whose row is gone is best answered by `b""`: then those after it keep theirs.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.errors import Flaw, LogBroken, TileInvalid
from audit.merkle import HASH_BYTES, HashSource, root_hash

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_BYTES
ENTRY_BYTES = 0xFFFF  # the length prefix of an entry in a bundle has 16 bits
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")
BUNDLE_BYTES = TILE_WIDTH * (2 + ENTRY_BYTES)
TILES_REMEMBERED = 64  # about 1 MB; a proof in a log of ten million leaves touches six


@dataclass(frozen=True)
class Tile:
    """One tile of a log: its level, its index within the level, and how many places are filled."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        return tile_path(self.level, self.index, self.width)

    @property
    def entries_path(self) -> str:
        return entries_path(self.index, self.width)


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where a hash tile lies, relative to the log's prefix; a full one has no suffix."""
    if not 0 <= level <= 63:
        raise TileInvalid("A tile's level is between 0 and 63.")
    return f"tile/{level}/{_numbered(index, width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Where an entry bundle lies, relative to the log's prefix."""
    return f"tile/entries/{_numbered(index, width)}"


def find_tile(path: str) -> Tile | None:
    """The tile whose one canonical path this is, be it of hashes or of entries; None for any other text."""
    found = _PATH.fullmatch(path)
    if found is None or not path.isascii():
        return None
    kind, number, width = found.groups()
    level = 0 if kind == "entries" else int(kind)
    try:
        tile = Tile(level, int(number.replace("x", "").replace("/", "")), int(width or TILE_WIDTH))
        return tile if path == (tile.entries_path if kind == "entries" else tile.path) else None
    except TileInvalid:
        return None


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile of a log of this size, lower levels first; level 0 also names the bundles."""
    level = 0
    while (places := size >> TILE_HEIGHT * level) > 0:
        for index in range(-(-places // TILE_WIDTH)):
            yield Tile(level, index, min(TILE_WIDTH, places - TILE_WIDTH * index))
        level += 1


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    if not 0 < len(hashes) <= TILE_WIDTH or any(len(value) != HASH_BYTES for value in hashes):
        raise TileInvalid("A tile holds 1 to 256 hashes of 32 bytes.")
    return b"".join(hashes)


def decode_hashes(data: bytes) -> list[bytes]:
    if not 0 < len(data) <= TILE_BYTES or len(data) % HASH_BYTES:
        raise TileInvalid("A tile holds 1 to 256 hashes of 32 bytes.")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def encode_entries(entries: Sequence[bytes]) -> bytes:
    if not 0 < len(entries) <= TILE_WIDTH or any(len(entry) > ENTRY_BYTES for entry in entries):
        raise TileInvalid("A bundle holds 1 to 256 entries of at most 65535 bytes.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_entries(data: bytes) -> list[bytes]:
    entries, rest = whole_entries(data)
    if rest or not 0 < len(entries) <= TILE_WIDTH:
        raise TileInvalid("A bundle holds 1 to 256 whole entries.")
    return entries


def whole_entries(data: bytes) -> tuple[list[bytes], int]:
    """The entries of a bundle up to where it breaks off, and how many bytes are left over."""
    entries, at, end = [], 0, len(data)
    while at + 2 <= end:
        stop = at + 2 + (data[at] << 8 | data[at + 1])
        if stop > end:
            break
        entries.append(data[at + 2 : stop])
        at = stop
    return entries, end - at


class SubtreeSource:
    """A `HashSource` over stored hashes of one log; those between two stored levels are computed.

    Args:
        leaf_hashes: (start, stop) -> the stored leaf hashes of that range, as many as there are.
        subtree_hashes: (level, start, stop) -> the stored roots of 256**level leaves, level from 1.
        known: roots of some complete subtrees by level and index, which then need no tiles; asked for once.
    """

    def __init__(
        self,
        leaf_hashes: Callable[[int, int], Sequence[bytes]],
        subtree_hashes: Callable[[int, int, int], Sequence[bytes]],
        known: Callable[[], Mapping[tuple[int, int], bytes]] = dict,
    ) -> None:
        self._leaf_hashes = leaf_hashes
        self._subtree_hashes = subtree_hashes
        self._ask_known = known
        self._known: Mapping[tuple[int, int], bytes] | None = None
        self._remembered: dict[tuple[int, int], Sequence[bytes]] = {}

    def hash_of(self, level: int, index: int) -> bytes:
        """The root of a complete subtree.

        Raises:
            LogBroken: a hash it rests on is not stored.
        """
        if self._known is None:
            self._known = self._ask_known()
        if (known := self._known.get((level, index))) is not None:
            return known
        tile_level, height = divmod(level, TILE_HEIGHT)
        count = 1 << height
        tile_index, at = divmod(index << height, TILE_WIDTH)
        hashes = self._tile(tile_level, tile_index, at + count)[at : at + count]
        if len(hashes) < count or set(map(len, hashes)) != {HASH_BYTES}:
            flaw = Flaw.SUBTREE if tile_level else Flaw.LEAF_HASH
            missing = (place for place, value in enumerate(hashes) if len(value) != HASH_BYTES)
            first = (index << height) + next(missing, len(hashes))
            raise LogBroken(flaw, index=first << TILE_HEIGHT * tile_level)
        return root_hash(hashes)

    def _tile(self, level: int, index: int, width: int) -> Sequence[bytes]:
        """One tile as stored, from memory if it was already filled as far as asked for."""
        hashes = self._remembered.pop((level, index), ())
        if len(hashes) < width:  # a complete subtree never changes, but a tile still fills up
            start, stop = index * TILE_WIDTH, (index + 1) * TILE_WIDTH
            hashes = self._subtree_hashes(level, start, stop) if level else self._leaf_hashes(start, stop)
        self._remembered[level, index] = hashes
        if len(self._remembered) > TILES_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]  # the one not asked for the longest
        return hashes


def completed_subtrees(
    size_before: int, leaf_hashes: Sequence[bytes], source: HashSource
) -> list[tuple[int, int, bytes]]:
    """Which roots of 256**level leaves become complete when leaf hashes are appended.

    Args:
        size_before: leaves in the log before.
        leaf_hashes: those appended now, in order.
        source: what was stored before; asked only for the beginnings of tiles that are now full.

    Returns:
        (level, index, hash), level from 1, lower levels first.
    """
    completed: list[tuple[int, int, bytes]] = []
    first, hashes, level = size_before, list(leaf_hashes), 0
    while first % TILE_WIDTH + len(hashes) >= TILE_WIDTH:
        start = first - first % TILE_WIDTH
        row = [source.hash_of(TILE_HEIGHT * level, index) for index in range(start, first)] + hashes
        ends = range(TILE_WIDTH, len(row) + 1, TILE_WIDTH)
        level, first = level + 1, first // TILE_WIDTH
        hashes = [root_hash(row[end - TILE_WIDTH : end]) for end in ends]
        completed += [(level, first + place, root) for place, root in enumerate(hashes)]
    return completed


def _numbered(index: int, width: int) -> str:
    """`<N>[.p/<width>]`: three digits a path element, all but the last begun with an x."""
    if index < 0 or not 0 < width <= TILE_WIDTH:
        raise TileInvalid("A tile's index is not negative and its width is between 1 and 256.")
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *above, last = re.findall("...", digits)
    number = "".join(f"x{group}/" for group in above) + last
    return number if width == TILE_WIDTH else f"{number}.p/{width}"
