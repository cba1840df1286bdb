"""Whether the log that is shown today still holds what somebody kept a proof of; offline, without us.

    kept     a C2SP tlog-proof (proof.py), with the checkpoint that was signed then
    shown    an export of the log (or a copy of /log/), or only its checkpoint

A log that was cut or forked is proven by two signed notes of one key and, where both have grown apart,
the tiles of the later one. Whoever holds them needs nobody's word.
"""

from pathlib import Path

from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.errors import CheckpointInvalid, Flaw, LogBroken, ProofInvalid
from audit.merkle import leaf_hash
from audit.proof import LogProof, disproved
from audit.verify import verify_export


def require_kept(text: str, log_key: str, shown: Path) -> int:
    """How many entries the log has now, which continues the one that a proof is of.

    Args:
        text: the tlog-proof, with the entry as its extra data.
        shown: the directory of an export, or the file of a checkpoint.

    Raises:
        LogBroken: it does not continue it: cut, rewritten or forked; or its export is not whole.
        ProofInvalid: a checkpoint alone does not tell.
    """
    proof, key = LogProof.from_text(text), NoteVerifier.from_vkey(log_key)
    kept = proof.verify(leaf_hash(proof.extra or b""), key)
    if shown.is_dir():
        return verify_export(shown, vkey=log_key, since=proof.checkpoint).size
    try:
        later = open_checkpoint(shown.read_bytes().decode(), [key])
    except (UnicodeDecodeError, CheckpointInvalid):
        raise LogBroken(Flaw.CHECKPOINT) from None
    if disproved(kept, later):
        raise LogBroken(Flaw.CONSISTENCY, size=kept.size)
    if later != kept:
        raise ProofInvalid("A later checkpoint alone does not tell; give an export of the log, or its files.")
    return later.size
