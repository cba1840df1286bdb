"""One tile of a stored log, to the byte, as the export writes it and the web serves it (C2SP tlog-tiles).

Nothing is repaired: stored bodies and stored hashes stand side by side, so that an altered byte in either
is found by verify.py. What a checkpoint does not cover yet is not published at all: it may still be rolled
back, and who saw an unsigned entry would hold evidence of a fork that never was.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from audit.errors import LogBroken
from audit.merkle import HASH_BYTES
from audit.tiles import (
    ENTRY_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    encode_entries,
    encode_hashes,
    find_tile,
)

Row = tuple[bytes, bytes]  # body and stored leaf hash
_MISSING = bytes(HASH_BYTES)  # stands where no hash is stored; it is the hash of nothing known


class LogReader(Protocol):
    """A log as stored."""

    @property
    def origin(self) -> str: ...

    def entries(self, start: int, stop: int) -> Iterator[Row]:
        """Body and stored leaf hash: `b""` for a pruned body, `(b"", b"")` where the row is gone."""

    def hash_of(self, level: int, index: int) -> bytes:
        """The stored root of `2**level` leaves; asked for multiples of 8 only."""


def find_published(reader: LogReader, size: int, path: str) -> bytes | None:
    """The bytes of one tile or bundle of the log whose checkpoint covers `size` entries.

    Any width that the checkpoint covers is answered, so a reader that follows an older checkpoint finds
    its partial tiles too. None where the path is no tile's or lies beyond the checkpoint, where a row is
    gone, and for entries that were pruned; their hashes are still there.
    """
    tile = find_tile(path)
    if tile is None or tile.index * TILE_WIDTH + tile.width > size >> TILE_HEIGHT * tile.level:
        return None
    if tile.level:
        return root_bytes(reader, tile)
    rows = rows_of(reader, tile)
    if not all(stored for _, stored in rows):
        return None
    if path.startswith("tile/entries/"):
        return bundle_bytes(rows) if all(body for body, _ in rows) else None
    return leaf_bytes(rows)


def is_pruned(rows: Sequence[Row]) -> bool:
    """Whether a bundle has hashes, but no body any more (prune.py); verify.py asks for who says so."""
    return bool(rows) and not any(body for body, _ in rows) and all(kept for _, kept in rows)


def rows_of(reader: LogReader, tile: Tile) -> Sequence[Row]:
    """The rows that a bundle or a tile of level 0 is made of."""
    start = tile.index * TILE_WIDTH
    return list(reader.entries(start, start + tile.width))


def bundle_bytes(rows: Sequence[Row]) -> bytes:
    """The bundle of stored bodies; a gap where none can stand."""
    return encode_entries([body if len(body) <= ENTRY_BYTES else b"" for body, _ in rows]) if rows else b""


def leaf_bytes(rows: Sequence[Row]) -> bytes:
    """The tile of stored leaf hashes."""
    return encode_hashes([_representable(stored) for _, stored in rows]) if rows else b""


def root_bytes(reader: LogReader, tile: Tile) -> bytes:
    """A tile of stored roots above level 0."""
    start = tile.index * TILE_WIDTH
    return encode_hashes([_root(reader, tile.level, index) for index in range(start, start + tile.width)])


def _root(reader: LogReader, level: int, index: int) -> bytes:
    try:
        return _representable(reader.hash_of(TILE_HEIGHT * level, index))
    except LogBroken:  # not stored: the gap is shown, and verify.py names it
        return _MISSING


def _representable(stored: bytes) -> bytes:
    return stored if len(stored) == HASH_BYTES else _MISSING
