"""What an outsider runs over an export: `python -m audit.verify DIRECTORY`; pure.

In this order, until the first flaw:

    1 the checkpoint's signature, by the key one holds (--vkey) or else by the export's own
    2 each entry against its stored leaf hash, each stored subtree hash against the entries below
    3 the root against the checkpoint
    4 with --since: that the log continues the one whose checkpoint was kept
    5 each entry's canonical form

What needs no trust in us needs --vkey and --since: without the first, an operator could sign another
log with another key; without the second, drop or rewrite what was never seen. Lifts out with merkle.py,
checkpoint.py, tiles.py, entry.py and the two errors.py; needs only Python and `cryptography`.
"""

import argparse
import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.entry import parse
from audit.errors import CheckpointInvalid, EntryInvalid, Flaw, LogBroken, ProofInvalid, VerifierKeyInvalid
from audit.merkle import HASH_BYTES, consistency_proof, root_hash, verify_consistency
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

_NOTE_BYTES = 1 << 20


@dataclass(frozen=True)
class VerifyReport:
    """What was found whole.

    root: base64, as in the checkpoint.
    key_is_pinned: whether the key came from outside the export.
    since_size: the size of the earlier checkpoint that this log continues.
    forms_checked: whether each entry's canonical form was looked at too.
    """

    origin: str
    size: int
    root: str
    key_is_pinned: bool
    since_size: int | None
    forms_checked: bool


def verify_export(
    directory: Path, *, vkey: str | None = None, since: str | None = None, forms: bool = True
) -> VerifyReport:
    """Verify an export directory.

    Args:
        vkey: the verifier key one holds, `name+id+base64`.
        since: an earlier checkpoint of the same log, as signed.
        forms: also read each entry, which takes most of the time.

    Raises:
        LogBroken: with the first bad index where there is one.
        VerifierKeyInvalid: the given key cannot be read.
    """
    verifier = _verifier(directory, vkey)
    checkpoint = _open(_read(directory / "checkpoint", _NOTE_BYTES), verifier)
    if _recomputed_root(directory, checkpoint.size) != checkpoint.root:
        raise LogBroken(Flaw.ROOT, size=checkpoint.size)
    earlier = None if since is None else _open(since.encode(), verifier)
    if earlier is not None:
        _require_continued(directory, earlier, checkpoint)
    if forms:
        _require_forms(directory, checkpoint.size)
    return VerifyReport(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=b64encode(checkpoint.root).decode(),
        key_is_pinned=vkey is not None,
        since_size=None if earlier is None else earlier.size,
        forms_checked=forms,
    )


def _verifier(directory: Path, vkey: str | None) -> NoteVerifier:
    pinned = None if vkey is None else NoteVerifier.from_vkey(vkey)
    try:
        text = _read(directory / "log.vkey", _NOTE_BYTES).decode()
        own = NoteVerifier.from_vkey(text.removesuffix("\n"))
    except (UnicodeDecodeError, VerifierKeyInvalid):
        raise LogBroken(Flaw.CHECKPOINT) from None
    if text != f"{own.vkey()}\n" or pinned not in {None, own}:
        raise LogBroken(Flaw.CHECKPOINT)
    return own


def _open(note: bytes, verifier: NoteVerifier) -> Checkpoint:
    """A log signs under its origin as name, so the key also says which log it is."""
    try:
        checkpoint = open_checkpoint(note.decode(), [verifier])
    except (UnicodeDecodeError, CheckpointInvalid):
        raise LogBroken(Flaw.CHECKPOINT) from None
    if checkpoint.origin != verifier.name:
        raise LogBroken(Flaw.CHECKPOINT)
    return checkpoint


def _recomputed_root(directory: Path, size: int) -> bytes:
    climb = _Climb(directory, size)
    for tile, entries, rest in _bundles(directory, size):
        hashes = _leaf_hashes(directory, tile, entries, rest)
        if tile.width == TILE_WIDTH:
            climb.add(1, tile.index, root_hash(hashes))
        else:
            climb.remainder = hashes
    return climb.root()


def _bundles(directory: Path, size: int) -> Iterator[tuple[Tile, list[bytes], int]]:
    """Each bundle's entries, as far as they can be told apart, and how many bytes are left over."""
    for tile in tiles_of(size):
        if tile.level:
            return
        yield tile, *whole_entries(_read(directory / tile.entries_path, BUNDLE_BYTES))


def _leaf_hashes(directory: Path, tile: Tile, entries: Sequence[bytes], rest: int) -> list[bytes]:
    """The leaf hashes of one bundle, each equal to the stored one.

    Compared in order before anything is said of missing ones: an altered length shifts all that follow,
    but the first wrong hash is the one of the altered entry.
    """
    hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
    stored = _read(directory / tile.path, TILE_BYTES)
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
        data = _read(self._directory / tile_path(level, index, width), TILE_BYTES)
        if len(data) > width * HASH_BYTES:
            raise LogBroken(Flaw.SUBTREE, index=index * TILE_WIDTH << TILE_HEIGHT * level)
        return data


def _require_continued(directory: Path, earlier: Checkpoint, checkpoint: Checkpoint) -> None:
    """By a consistency proof over tiles that were just found whole."""
    if earlier.size > checkpoint.size:
        raise LogBroken(Flaw.CONSISTENCY, index=checkpoint.size, size=earlier.size)
    source = _tile_source(directory, checkpoint.size)
    proof = consistency_proof(source, earlier.size, checkpoint.size)
    try:
        verify_consistency(earlier.size, earlier.root, checkpoint.size, checkpoint.root, proof)
    except ProofInvalid:
        raise LogBroken(Flaw.CONSISTENCY, size=earlier.size) from None


def _tile_source(directory: Path, size: int) -> SubtreeSource:
    def hashes(level: int, start: int, stop: int) -> list[bytes]:
        width = min(stop, size >> TILE_HEIGHT * level) - start
        data = _read(directory / tile_path(level, start // TILE_WIDTH, width), TILE_BYTES)
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    return SubtreeSource(lambda start, stop: hashes(0, start, stop), hashes)


def _require_forms(directory: Path, size: int) -> None:
    for tile, entries, _ in _bundles(directory, size):
        for at, entry in enumerate(entries):
            try:
                parse(entry)
            except EntryInvalid:
                raise LogBroken(Flaw.FORM, index=tile.index * TILE_WIDTH + at) from None


def _read(path: Path, limit: int) -> bytes:
    """A file's bytes, none where it is missing, and never much more than it may have."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""


def main(argv: Sequence[str]) -> int:
    """Exit code 0: whole; 1: broken, with the first bad index; 2: called wrongly."""
    parser = argparse.ArgumentParser(prog="audit.verify", description="Verify an exported log.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--since", type=Path, metavar="FILE", help="an earlier checkpoint to continue")
    parser.add_argument("--vkey", metavar="FILE|KEY", help="the log's verifier key, from elsewhere")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    try:
        asked = parser.parse_args(argv)
        if not asked.directory.is_dir():
            parser.error("there is no such directory")
        since = None if asked.since is None else asked.since.read_bytes().decode()
        report = verify_export(asked.directory, vkey=_key(asked.vkey), since=since)
    except SystemExit as stop:
        return 2 if stop.code else 0
    except (OSError, UnicodeDecodeError, VerifierKeyInvalid) as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    except LogBroken as broken:
        facts = {"flaw": broken.flaw, "index": broken.index, "size": broken.size, "detail": broken.detail}
        _say(asked.json, {"ok": False, **facts}, broken.detail)
        return 1
    _say(asked.json, {"ok": True, **asdict(report)}, f"{report.origin}: {report.size} entries, whole.")
    return 0


def _key(given: str | None) -> str | None:
    if given is None or ("+" in given and not Path(given).is_file()):
        return given
    return Path(given).read_text(encoding="utf-8").strip()


def _say(as_json: bool, record: dict[str, object], sentence: str) -> None:
    sys.stdout.write((json.dumps(record) if as_json else sentence) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
