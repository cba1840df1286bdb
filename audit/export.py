"""The log as a directory that outsiders verify: C2SP tlog-tiles, from the rows as they are stored.

    checkpoint   log.vkey   verify.py   tile/<level>/<N>[.p/<width>]   tile/entries/<N>[.p/<width>]

Nothing is repaired on the way out: stored bodies and stored hashes are written side by side, so that an
altered byte in either is found by verify.py. What was exported once must be the beginning of what is
exported next; otherwise the log has been rewritten, and that is said instead of written over.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from audit.bundle import VERIFIER_NAME, verifier
from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.errors import CheckpointInvalid, ExportRefused, Flaw, LogBroken
from audit.merkle import HASH_BYTES
from audit.published import LogReader, bundle_bytes, is_pruned, leaf_bytes, root_bytes, rows_of
from audit.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    entries_path,
    tile_path,
    tiles_of,
    whole_entries,
)

CHECKPOINT_NAME = "checkpoint"
KEY_NAME = "log.vkey"
_FRESH = ".fresh"  # a file on its way; left behind only by a crash, and replaced by the next export
_FILES = (CHECKPOINT_NAME, KEY_NAME, VERIFIER_NAME)
_OURS = {"tile", *_FILES, *(name + _FRESH for name in _FILES)}


def write_tiles(reader: LogReader, directory: Path, checkpoint_note: str, verifier_key: str) -> int:
    """Write the log that a checkpoint signs, into a fresh directory or onto an earlier export.

    Each file is replaced whole, the checkpoint last and partial tiles it no longer needs after it: a
    crash at any point leaves the earlier export, or the new one.

    Returns:
        the number of entries in the export.

    Raises:
        ExportRefused: the directory holds something else, or another log.
        LogBroken: what was exported there before is not the beginning of this log.
        CheckpointInvalid: the note is not signed by this key.
    """
    checkpoint = open_checkpoint(checkpoint_note, [NoteVerifier.from_vkey(verifier_key)])
    if checkpoint.origin != reader.origin:
        raise ExportRefused("The checkpoint is not of this log.")
    earlier = _find_earlier(directory, checkpoint, verifier_key)
    if earlier is not None and earlier.size > checkpoint.size:
        raise LogBroken(Flaw.EXPORTED, index=checkpoint.size, size=earlier.size)
    directory.mkdir(parents=True, exist_ok=True)
    _replace(directory / KEY_NAME, f"{verifier_key}\n".encode())
    _replace(directory / VERIFIER_NAME, verifier())
    for tile in tiles_of(checkpoint.size):
        if tile.level == 0:
            _write_leaves(reader, directory, tile)
        else:
            _write_roots(reader, directory, tile)
    _replace(directory / CHECKPOINT_NAME, checkpoint_note.encode())
    if earlier is not None:
        _drop_partials(directory, earlier.size, checkpoint.size)
    return checkpoint.size


def _find_earlier(directory: Path, checkpoint: Checkpoint, verifier_key: str) -> Checkpoint | None:
    """The checkpoint of an earlier export of the same log, None in a fresh directory."""
    if not directory.exists():
        return None
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else {""}
    if not names <= _OURS:
        raise ExportRefused("The directory holds something that is not an export of a log.")
    if KEY_NAME in names and (directory / KEY_NAME).read_bytes() != f"{verifier_key}\n".encode():
        raise ExportRefused("The directory holds the export of another log.")
    if CHECKPOINT_NAME not in names:
        return None
    try:
        note = (directory / CHECKPOINT_NAME).read_bytes().decode()
        earlier = open_checkpoint(note, [NoteVerifier.from_vkey(verifier_key)])
    except (CheckpointInvalid, UnicodeDecodeError):
        raise ExportRefused("The directory holds a checkpoint that this log did not sign.") from None
    if earlier.origin != checkpoint.origin:
        raise ExportRefused("The directory holds the export of another log.")
    return earlier


def _write_leaves(reader: LogReader, directory: Path, tile: Tile) -> None:
    """One bundle of bodies and the tile of their stored leaf hashes."""
    rows = rows_of(reader, tile)
    if not is_pruned(rows):  # what an earlier export holds of it stays there
        _extend(directory, tile, entries_path(tile.index), tile.entries_path, bundle_bytes(rows))
    _extend(directory, tile, tile_path(0, tile.index), tile.path, leaf_bytes(rows))


def _write_roots(reader: LogReader, directory: Path, tile: Tile) -> None:
    """One tile of stored roots above level 0."""
    _extend(directory, tile, tile_path(tile.level, tile.index), tile.path, root_bytes(reader, tile))


def _extend(directory: Path, tile: Tile, full: str, path: str, data: bytes) -> None:
    """Write one tile unless it is there already, after seeing that what is there is how it begins."""
    target = directory / path
    present = {found: found.read_bytes() for found in _present(directory / full)}
    for earlier in present.values():
        if not data.startswith(earlier):
            raise LogBroken(Flaw.EXPORTED, index=_first_difference(tile, full, earlier, data))
    if present.get(target) != data:
        _replace(target, data)


def _present(full: Path) -> list[Path]:
    """The full tile of one place and every partial one, as far as they exist."""
    partials = full.with_name(f"{full.name}.p")
    found = [path for path in partials.iterdir() if path.name.isdigit()] if partials.is_dir() else []
    return [full, *found] if full.is_file() else found


def _first_difference(tile: Tile, full: str, earlier: bytes, data: bytes) -> int:
    """The first leaf in which, or below which, two contents of one tile differ."""
    of_entries = full.startswith("tile/entries/")
    before, now = (whole_entries(each)[0] if of_entries else _cut(each) for each in (earlier, data))
    place = next((at for at, (old, new) in enumerate(zip(before, now, strict=False)) if old != new), None)
    at = min(len(before), len(now)) if place is None else place
    return (tile.index * TILE_WIDTH + at) << TILE_HEIGHT * tile.level


def _cut(data: bytes) -> Sequence[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _drop_partials(directory: Path, earlier_size: int, size: int) -> None:
    """Remove the partial tiles of the earlier size that the new one replaced."""
    needed = {path for tile in tiles_of(size) for path in (tile.path, tile.entries_path)}
    for tile in tiles_of(earlier_size):
        for path in (tile.path, tile.entries_path) if tile.level == 0 else (tile.path,):
            if path not in needed and tile.width < TILE_WIDTH:
                (directory / path).unlink(missing_ok=True)
                with suppress(OSError):  # another partial tile of the same place is still there
                    (directory / path).parent.rmdir()


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + _FRESH)
    fresh.write_bytes(data)
    fresh.replace(path)
