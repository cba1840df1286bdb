"""Whether the log that is shown today still holds what somebody kept a proof of; offline, without us.

    kept     a C2SP tlog-proof (proof.py), with the checkpoint that was signed then
    shown    an export of the log (or a copy of /log/), or only its checkpoint

A log that was cut or forked is proven by two signed notes of one key and, where both have grown apart,
the tiles of the later one. Whoever holds them needs nobody's word. Of a log that was put back from an older
copy, the first entry of the log after it (--later) says what is lost: what was kept proves that it existed.
"""

from collections.abc import Sequence
from pathlib import Path

from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.errors import CheckpointInvalid, EntryLost, Flaw, LogBroken, ProofInvalid
from audit.merkle import HASH_BYTES, leaf_hash
from audit.proof import LogProof, disproved
from audit.tiles import TILE_WIDTH, tile_path
from audit.verify import verify_export


def require_kept(text: str, log_key: str, shown: Path, later: Sequence[Path] = ()) -> int:
    """How many entries the log has now, which continues the one that a proof is of.

    Args:
        text: the tlog-proof, with the entry as its extra data.
        shown: the directory of an export, or the file of a checkpoint.
        later: exports of logs after it.

    Raises:
        LogBroken: it does not continue it: cut, rewritten or forked; or its export is not whole.
        EntryLost: it was put back from an older copy, which a later log says, and the entry is lost.
        ProofInvalid: a checkpoint alone does not tell.
    """
    proof, key = LogProof.from_text(text), NoteVerifier.from_vkey(log_key)
    kept = proof.verify(leaf_hash(proof.extra or b""), key)
    if shown.is_dir():
        report = verify_export(shown, vkey=log_key, since=proof.checkpoint, later=later)
        if not report.is_continued and not _holds(shown, proof, report.size):
            raise EntryLost(proof.index, report.violations[0].said)
        return report.size
    try:
        shown_now = open_checkpoint(shown.read_bytes().decode(), [key])
    except (UnicodeDecodeError, CheckpointInvalid):
        raise LogBroken(Flaw.CHECKPOINT) from None
    if disproved(kept, shown_now):
        raise LogBroken(Flaw.CONSISTENCY, size=kept.size)
    if shown_now != kept:
        raise ProofInvalid("A later checkpoint alone does not tell; give an export of the log, or its files.")
    return shown_now.size


def _holds(shown: Path, proof: LogProof, size: int) -> bool:
    """Whether a log that was put back has the entry at its place, among those it still holds."""
    number, at = divmod(proof.index, TILE_WIDTH)
    if proof.index >= size:
        return False
    tile = shown / tile_path(0, number, min(TILE_WIDTH, size - number * TILE_WIDTH))
    return tile.read_bytes()[at * HASH_BYTES : (at + 1) * HASH_BYTES] == leaf_hash(proof.extra or b"")
