"""Evidence that the log holds an entry: the entry, its inclusion proof and a signed checkpoint, as JSON.

A document that carries it can be checked without us: the checkpoint's signature, then the path from the
entry to its root (RFC 6962 section 2.1.1). An entry that no checkpoint covers yet stands there without a
proof, and says so.
"""

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import Entry, parse
from audit.errors import CheckpointInvalid, EntryInvalid, ProofInvalid, VerifierKeyInvalid
from audit.merkle import inclusion_proof, leaf_hash, verify_inclusion
from audit.stored import HeldEntry


@dataclass(frozen=True)
class Shown:
    """What evidence says once it was checked; `size` is that of the checkpoint, None where none covers it."""

    entry: Entry
    index: int
    size: int | None


def evidence(held: HeldEntry, present: str | None, present_key: str) -> dict[str, Any]:
    """The evidence for one entry, as JSON, under the last checkpoint of its log.

    Args:
        present, present_key: the checkpoint and key of the log that goes on; a closed one has its own.
    """
    log, index = held.log, held.index
    note, log_key = held.under(present, present_key)
    said: dict[str, Any] = {"entry": held.body.decode("ascii"), "index": index, "key": log_key}
    size = open_checkpoint(note, [NoteVerifier.from_vkey(log_key)]).size if note is not None else 0
    if index >= size:
        return {**said, "covered": False}
    proof = [base64.b64encode(node).decode() for node in inclusion_proof(log.source(), index, size)]
    return {**said, "covered": True, "proof": proof, "checkpoint": note}


def check_evidence(said: Mapping[str, Any], log_key: str | Collection[str] | None = None) -> Shown:
    """Check evidence offline.

    Args:
        log_key: the log's verifier key as published, or those of every log there was; without it the
            evidence's own is used.

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
        keys = (log_key,) if isinstance(log_key, str) else log_key or (str(said["key"]),)
        note, known = str(said["checkpoint"]), [NoteVerifier.from_vkey(key) for key in keys]
        proof = [base64.b64decode(node, validate=True) for node in said["proof"]]
    except (KeyError, TypeError, ValueError):
        raise ProofInvalid("The evidence is not in its form.") from None
    checkpoint = open_checkpoint(note, known)
    verify_inclusion(leaf_hash(body), index, checkpoint.size, proof, checkpoint.root)
    return Shown(entry, index, checkpoint.size)


REFUSALS = (ProofInvalid, CheckpointInvalid, EntryInvalid, VerifierKeyInvalid)
