"""The Merkle tree of RFC 6962 section 2.1 over SHA-256, and its proofs; pure.

    leaf  =  SHA-256(0x00 | entry)
    node  =  SHA-256(0x01 | left | right)

A tree of n leaves splits at the largest power of two below n. A head is kept as a compact range:
the roots of the complete subtrees that n is made of, left to right, one per one-bit of n

    compact range  =  size (8, big-endian) | hash (32) per one-bit of size

Proofs are built from the roots of complete subtrees, which never change once they exist; where they
are stored: tiles.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import Protocol

from audit.errors import Flaw, IndexOutsideLog, LogBroken, ProofInvalid

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_hash(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, level by level.

    An odd last hash moves up unchanged: that is the split of RFC 6962 read from below.
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    level = leaf_hashes
    while len(level) > 1:
        above = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


@dataclass(frozen=True)
class CompactRange:
    """The head of a log: enough to append to it and to know its root, at most 64 hashes."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.hashes):
            raise LogBroken(Flaw.HEAD, size=self.size)

    def appended(self, leaf: bytes) -> "CompactRange":
        hashes, node, carry = list(self.hashes), leaf, self.size
        while carry & 1:
            node = node_hash(hashes.pop(), node)
            carry >>= 1
        return CompactRange(self.size + 1, (*hashes, node))

    def root(self) -> bytes:
        return _folded(self.hashes)

    def subtrees(self) -> dict[tuple[int, int], bytes]:
        """Its hashes by the level and the index of their subtrees."""
        found, start, hashes = {}, 0, iter(self.hashes)
        for level in reversed(range(self.size.bit_length())):
            if self.size >> level & 1:
                found[level, start >> level] = next(hashes)
                start += 1 << level
        return found

    def to_bytes(self) -> bytes:
        return self.size.to_bytes(8, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "CompactRange":
        size, rest = int.from_bytes(data[:8], "big"), data[8:]
        if len(data) < 8 or len(rest) % HASH_BYTES:
            raise LogBroken(Flaw.HEAD)
        return cls(size, tuple(rest[at : at + HASH_BYTES] for at in range(0, len(rest), HASH_BYTES)))


class HashSource(Protocol):
    """Whoever can answer the hash of a complete subtree."""

    def hash_of(self, level: int, index: int) -> bytes:
        """The root over the `2**level` leaves from `index * 2**level` on, all of them in the log."""


def root_from(source: HashSource, size: int) -> bytes:
    return _range_root(source, 0, size)


def inclusion_proof(source: HashSource, index: int, size: int) -> tuple[bytes, ...]:
    """PATH(index, D[size]): the siblings from the leaf up. Source: RFC 6962 section 2.1.1."""
    if not 0 <= index < size:
        raise IndexOutsideLog(index, size)
    start, stop, path = 0, size, []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_range_root(source, middle, stop))
            stop = middle
        else:
            path.append(_range_root(source, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(source: HashSource, old_size: int, size: int) -> tuple[bytes, ...]:
    """PROOF(old_size, D[size]); empty from the empty log and between equals. Source: RFC 6962 2.1.2."""
    if not 0 <= old_size <= size:
        raise IndexOutsideLog(old_size, size)
    if old_size in (0, size):
        return ()
    start, stop, path = 0, size, []
    while old_size != stop:
        middle = start + _split(stop - start)
        if old_size <= middle:
            path.append(_range_root(source, middle, stop))
            stop = middle
        else:
            path.append(_range_root(source, start, middle))
            start = middle
    if start:  # the verifier has the old root itself, but not the root of its last part
        path.append(_range_root(source, start, stop))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises ProofInvalid unless the leaf hash stands at `index` of the log with this root and size.

    Source: RFC 9162 section 2.1.3.2 (the tree of RFC 6962, which prints no algorithm).
    """
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        raise ProofInvalid("The inclusion proof is not for this log.")
    node, here, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("The inclusion proof is too long.")
        if here & 1 or here == last:
            node = node_hash(sibling, node)
            here, last = _to_next_left(here, last)
        else:
            node = node_hash(node, sibling)
        here, last = here >> 1, last >> 1
    if last != 0 or node != root:
        raise ProofInvalid("The inclusion proof does not lead to the root.")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises ProofInvalid unless the newer log begins with the older one, leaf by leaf.

    Source: RFC 9162 section 2.1.4.2. The empty log, which it leaves out, begins every log: its root is
    `EMPTY_ROOT` and its proof is empty.
    """
    if not 0 <= old_size <= size or not _are_hashes(old_root, root, *proof):
        raise ProofInvalid("The consistency proof is not for these logs.")
    if old_size in (0, size):
        if proof or old_root != (root if old_size == size else EMPTY_ROOT):
            raise ProofInvalid("The consistency proof does not lead to the older root.")
        return
    if old_size.bit_count() == 1:  # the old tree is one complete subtree: its root begins the path
        proof = (old_root, *proof)
    if not proof or _climbed(proof, old_size, size) != (old_root, root):
        raise ProofInvalid("The consistency proof does not lead to both roots.")


def _climbed(path: Sequence[bytes], old_size: int, size: int) -> tuple[bytes, bytes] | None:
    """Both roots a consistency proof leads to, or None where its length is wrong."""
    here, last = old_size - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_node = node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            old_node, node = node_hash(sibling, old_node), node_hash(sibling, node)
            here, last = _to_next_left(here, last)
        else:
            node = node_hash(node, sibling)
        here, last = here >> 1, last >> 1
    return (old_node, node) if last == 0 else None


def _to_next_left(here: int, last: int) -> tuple[int, int]:
    """On the right edge, skip the levels on which the last node moved up unchanged."""
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _range_root(source: HashSource, start: int, stop: int) -> bytes:
    """The root over the leaves from `start` to `stop`, a range that a split of the tree produces."""
    parts = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        parts.append(source.hash_of(level, start >> level))
        start += 1 << level
    return _folded(parts)


def _folded(parts: Sequence[bytes]) -> bytes:
    """Complete subtrees, largest first, folded from the right."""
    if not parts:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(parts))


def _split(leaves: int) -> int:
    """The largest power of two below a number of leaves."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
