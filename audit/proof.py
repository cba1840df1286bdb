"""One entry's proof as one file, to the byte: C2SP tlog-proof; pure.

    c2sp.org/tlog-proof@v1
    extra base64(the entry's canonical bytes)
    index <decimal>
    base64(hash)                 from the leaf's sibling up, one a line
                                 (an empty line)
    the checkpoint, a signed note

`extra` may be anything by the specification, and is trusted by nobody: ours is the entry itself, so that
the file needs nothing beside it but the log's key. It holds once the entry's leaf hash leads to the signed
root. Whoever keeps it holds a checkpoint too: a log that is later shorter, or another one, does not
continue it, which they can show without us (`disproved`).
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.entry import Entry, parse
from audit.errors import ProofInvalid
from audit.merkle import HASH_BYTES, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MEDIA_TYPE = "text/plain"
HASHES_MOST = 63  # a log of 2**63 entries; verify_inclusion asks for the exact number
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class LogProof:
    """That a log holds an entry at an index, under a checkpoint of it.

    extra: opaque bytes beside the proof, None where there are none.
    checkpoint: the signed note, as it was issued.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def to_text(self) -> str:
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        hashes = [b64encode(value).decode() for value in self.hashes]
        return "\n".join([HEADER, *extra, f"index {self.index}", *hashes, "", self.checkpoint])

    @classmethod
    def from_text(cls, text: str) -> "LogProof":
        """The proof of its text, and of no other spelling.

        Raises:
            ProofInvalid: it is not in the form of one.
        """
        head, _, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        extra = _decoded(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
        index = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if first != HEADER or index is None or len(lines) > HASHES_MOST or not checkpoint:
            raise ProofInvalid("This is not a C2SP tlog-proof.")
        hashes = tuple(_decoded(line) for line in lines)
        if any(len(value) != HASH_BYTES for value in hashes):
            raise ProofInvalid("A hash of the proof does not have 32 bytes.")
        return cls(int(index[1]), hashes, checkpoint, extra)

    def verify(self, leaf: bytes, log_key: NoteVerifier) -> Checkpoint:
        """The checkpoint under which the log holds this leaf hash.

        Raises:
            ProofInvalid, CheckpointInvalid: what does not hold.
        """
        checkpoint = open_checkpoint(self.checkpoint, [log_key])
        if checkpoint.origin != log_key.name:  # one key may know two logs
            raise ProofInvalid("The checkpoint is not of the log that this key names.")
        verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


@dataclass(frozen=True)
class ProvenEntry:
    """An entry, its place, and the checkpoint that covers it."""

    entry: Entry
    index: int
    checkpoint: Checkpoint


def check_proof(text: str, log_key: str) -> ProvenEntry:
    """Check a proof of ours offline, with the log's key as published.

    Raises:
        ProofInvalid, CheckpointInvalid, EntryInvalid, VerifierKeyInvalid: what does not hold.
    """
    proof = LogProof.from_text(text)
    if proof.extra is None:
        raise ProofInvalid("The proof does not hold the entry it is about.")
    checkpoint = proof.verify(leaf_hash(proof.extra), NoteVerifier.from_vkey(log_key))
    return ProvenEntry(parse(proof.extra), proof.index, checkpoint)


def is_proof(text: str) -> bool:
    """Whether a text begins like a tlog-proof."""
    return text.startswith(f"{HEADER}\n")


def disproved(kept: Checkpoint, shown: Checkpoint) -> bool:
    """Whether two checkpoints of one key cannot be of one log that only grew, `shown` being the later one.

    Of logs that did grow the tiles decide (verify.py, `--since`).
    """
    same_size = kept.size == shown.size
    return kept.origin == shown.origin and (shown.size < kept.size or (same_size and kept.root != shown.root))


def _decoded(encoded: str) -> bytes:
    """Standard base64 in its one canonical spelling."""
    try:
        data = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        data = b""
    if b64encode(data).decode() != encoded:
        raise ProofInvalid("The proof is not written in base64 as it should be.")
    return data
