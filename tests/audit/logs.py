"""Logs in memory to export, prove from and break; and the naive tree they are compared with."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from audit.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from audit.entry import Action, ActorRole, Entry, EntryObject, Outcome, canonical
from audit.export import write_tiles
from audit.merkle import EMPTY_ROOT, CompactRange, leaf_hash, node_hash
from audit.tiles import SubtreeSource, completed_subtrees

ORIGIN = "klarwert.example/log/1"
SIGNER = NoteSigner(ORIGIN, bytes(range(32)))
VKEY = SIGNER.verifier_key()
_START = datetime(2026, 11, 23, 8, 0, 0, 123_000, tzinfo=UTC)


def vectors(name: str) -> Any:
    """A table of published cases (tests/vectors); each names its source."""
    return json.loads((Path(__file__).parents[1] / "vectors" / name).read_text(encoding="utf-8"))


def entry(number: int) -> Entry:
    """The entry that a test log holds at an index; the rules have nothing against them."""
    if number == 0:
        return Entry(id="0" * 32, at=_START, action=Action.LOG_OPENED, actor=ActorRole.SYSTEM)
    return Entry(
        id=f"{number:032x}",
        at=_START + timedelta(seconds=number),
        action=Action.RECORD_RECTIFIED,
        actor=ActorRole.WORKER,
        outcome=Outcome.DONE,
        subject_ref=f"{number % 7:064x}",
        scope="score.compute/mastodon",
        legal_basis="gdpr-6-1-a",
        notice=f"2026-11.en.{number:064x}",
        object=EntryObject("import_batch", f"{number:032x}", 1, f"{number:064x}"),
        counts={"weeks": number, "rows": 3},
    )


def bodies(size: int) -> list[bytes]:
    return [canonical(entry(number)) for number in range(size)]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it is written there."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


class MemoryLog:
    """A log as a database holds it: rows of bodies and leaf hashes, and roots of 256**level leaves."""

    def __init__(self, entries: Sequence[bytes] = ()) -> None:
        self.origin = ORIGIN
        self.head = CompactRange()
        self.rows: list[tuple[bytes, bytes]] = []
        self.subtrees: dict[tuple[int, int], bytes] = {}
        self.ranges_read = 0
        self.append(entries)

    def append(self, entries: Sequence[bytes]) -> None:
        hashes = [leaf_hash(body) for body in entries]
        for level, index, root in completed_subtrees(self.head.size, hashes, self.source()):
            self.subtrees[level, index] = root
        self.rows += zip(entries, hashes, strict=True)
        for value in hashes:
            self.head = self.head.appended(value)

    def source(self, known: Callable[[], Mapping[tuple[int, int], bytes]] = dict) -> SubtreeSource:
        return SubtreeSource(self._leaf_hashes, self._subtree_hashes, known)

    def entries(self, start: int, stop: int) -> Iterator[tuple[bytes, bytes]]:
        return iter(self.rows[start:stop])

    def hash_of(self, level: int, index: int) -> bytes:
        return self.source().hash_of(level, index)

    def checkpoint(self) -> str:
        return sign_checkpoint(Checkpoint(self.origin, self.head.size, self.head.root()), SIGNER)

    def export(self, directory: Path) -> Path:
        write_tiles(self, directory, self.checkpoint(), VKEY)
        return directory

    def _leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        self.ranges_read += 1
        return [value for _, value in self.rows[start:stop]]

    def _subtree_hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        self.ranges_read += 1
        return [self.subtrees.get((level, at), b"") for at in range(start, stop)]
