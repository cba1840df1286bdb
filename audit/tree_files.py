"""The tree of a log in its files, checked from below: entries, leaf hashes, subtrees, root; files only.

Each entry against its stored leaf hash, each stored subtree hash against the entries below it. Bundles may be
missing at the beginning only; whether somebody says that they were over their term is verify.py's question.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from audit.errors import Flaw, LogBroken
from audit.merkle import HASH_BYTES, root_hash
from audit.tiles import (
    BUNDLE_BYTES,
    TILE_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    SubtreeSource,
    Tile,
    tile_path,
    tiles_of,
    whole_entries,
)


def recomputed_root(directory: Path, size: int) -> tuple[bytes, int]:
    """The root over all, and how many entries at the beginning are there by their hashes only."""
    climb, minimum = _Climb(directory, size), 0
    for tile, entries, rest in bundles_of(directory, size):
        if minimum == tile.index * TILE_WIDTH and _is_pruned(directory, tile):
            hashes, minimum = _pruned_hashes(directory, tile), minimum + tile.width
        else:
            hashes = _leaf_hashes(directory, tile, entries, rest)
        if tile.width == TILE_WIDTH:
            climb.add(1, tile.index, root_hash(hashes))
        else:
            climb.remainder = hashes
    return climb.root(), minimum


def _is_pruned(directory: Path, tile: Tile) -> bool:
    """A partial bundle, too: nothing comes after it where the log is closed."""
    return not (directory / tile.entries_path).exists()


def _pruned_hashes(directory: Path, tile: Tile) -> list[bytes]:
    stored = read_up_to(directory / tile.path, TILE_BYTES)
    if len(stored) != tile.width * HASH_BYTES:
        raise LogBroken(Flaw.ENTRY, index=tile.index * TILE_WIDTH)
    return [stored[at : at + HASH_BYTES] for at in range(0, len(stored), HASH_BYTES)]


def bundles_of(directory: Path, size: int) -> Iterator[tuple[Tile, list[bytes], int]]:
    """Each bundle's entries, as far as they can be told apart, and how many bytes are left over."""
    for tile in tiles_of(size):
        if tile.level:
            return
        yield tile, *whole_entries(read_up_to(directory / tile.entries_path, BUNDLE_BYTES))


def _leaf_hashes(directory: Path, tile: Tile, entries: Sequence[bytes], rest: int) -> list[bytes]:
    """The leaf hashes of one bundle, each equal to the stored one.

    Compared in order before anything is said of missing ones: an altered length shifts all that follow,
    but the first wrong hash is the one of the altered entry.
    """
    hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
    stored = read_up_to(directory / tile.path, TILE_BYTES)
    if len(hashes) == tile.width and not rest and b"".join(hashes) == stored:
        return hashes
    start = tile.index * TILE_WIDTH
    for at in range(min(len(hashes), tile.width)):
        if hashes[at] != stored[at * HASH_BYTES : (at + 1) * HASH_BYTES]:
            raise LogBroken(Flaw.LEAF_HASH, index=start + at)
    raise LogBroken(Flaw.ENTRY, index=start + min(len(hashes), tile.width))


class _Climb:
    """The tree above the bundles, computed from below and compared with each stored hash on the way."""

    def __init__(self, directory: Path, size: int) -> None:
        self.remainder: list[bytes] = []
        self._directory = directory
        self._size = size
        self._rows: dict[int, list[bytes]] = {}
        self._stored: dict[int, bytes] = {}

    def add(self, level: int, index: int, value: bytes) -> None:
        """Take up the root of one complete subtree of 256**level leaves."""
        tile_index, at = divmod(index, TILE_WIDTH)
        row = self._rows.setdefault(level, [])
        if at == 0:
            row.clear()
            self._stored[level] = self._tile(level, tile_index)
        if self._stored[level][at * HASH_BYTES : (at + 1) * HASH_BYTES] != value:
            raise LogBroken(Flaw.SUBTREE, index=index << TILE_HEIGHT * level)
        row.append(value)
        if len(row) == TILE_WIDTH:
            self.add(level + 1, tile_index, root_hash(row))

    def root(self) -> bytes:
        """The root over all: each level's complete subtrees, and what is left below as their last."""
        rest = list(self.remainder)
        for level in sorted(self._rows):
            row = self._rows[level] if len(self._rows[level]) < TILE_WIDTH else []
            rest = [*row, root_hash(rest)] if rest else list(row)
        return root_hash(rest)

    def _tile(self, level: int, index: int) -> bytes:
        width = min(TILE_WIDTH, (self._size >> TILE_HEIGHT * level) - index * TILE_WIDTH)
        data = read_up_to(self._directory / tile_path(level, index, width), TILE_BYTES)
        if len(data) > width * HASH_BYTES:
            raise LogBroken(Flaw.SUBTREE, index=index * TILE_WIDTH << TILE_HEIGHT * level)
        return data


def tiles_in(directory: Path, size: int) -> SubtreeSource:
    def hashes(level: int, start: int, stop: int) -> list[bytes]:
        width = min(stop, size >> TILE_HEIGHT * level) - start
        data = read_up_to(directory / tile_path(level, start // TILE_WIDTH, width), TILE_BYTES)
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    return SubtreeSource(lambda start, stop: hashes(0, start, stop), hashes)


def read_up_to(path: Path, limit: int) -> bytes:
    """A file's bytes, none where it is missing, and never much more than it may have."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""
