"""Evidence that the log holds an entry: the entry, its inclusion proof and a signed checkpoint, as JSON.

A document that carries it can be checked without us: the checkpoint's signature, then the path from the
entry to its root (RFC 6962 section 2.1.1). An entry that no checkpoint covers yet stands there without a
proof, and says so.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import Entry, parse
from audit.errors import CheckpointInvalid, EntryInvalid, ProofInvalid, VerifierKeyInvalid
from audit.log import StoredLog
from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion


@dataclass(frozen=True)
class Shown:
    """What evidence says once it was checked; `size` is that of the checkpoint, None where none covers it."""

    entry: Entry
    index: int
    size: int | None


def evidence(log: StoredLog, index: int, entry: bytes, note: str | None, log_key: str) -> dict[str, Any]:
    """The evidence for one entry under a checkpoint of this log, as JSON."""
    said: dict[str, Any] = {"entry": entry.decode("ascii"), "index": index, "key": log_key}
    size = open_checkpoint(note, [NoteVerifier.from_vkey(log_key)]).size if note is not None else 0
    if index >= size:
        return {**said, "covered": False}
    proof = [base64.b64encode(node).decode() for node in inclusion_proof(log.source(), index, size)]
    return {**said, "covered": True, "proof": proof, "checkpoint": note}


def check_evidence(said: Mapping[str, Any], log_key: str | None = None) -> Shown:
    """Check evidence offline.

    Args:
        log_key: the log's verifier key as published; without it the evidence's own is used.

    Raises:
        ProofInvalid, CheckpointInvalid, EntryInvalid, VerifierKeyInvalid: what does not hold.
    """
    try:
        body, index = str(said["entry"]).encode("ascii"), said["index"]
        entry = parse(body)
        if type(index) is not int:
            raise TypeError
        if said["covered"] is not True:
            return Shown(entry, index, None)
        note, key = str(said["checkpoint"]), NoteVerifier.from_vkey(log_key or str(said["key"]))
        proof = [base64.b64decode(node, validate=True) for node in said["proof"]]
    except (KeyError, TypeError, ValueError):
        raise ProofInvalid("The evidence is not in its form.") from None
    checkpoint = open_checkpoint(note, [key])
    verify_inclusion(leaf_hash(body), index, checkpoint.size, proof, checkpoint.root)
    return Shown(entry, index, checkpoint.size)


REFUSALS = (ProofInvalid, CheckpointInvalid, EntryInvalid, VerifierKeyInvalid)
