"""What a person keeps of the log: for each act about them that they may have to prove, its entry and proof.

The whole file is a C2SP tlog-proof (proof.py): by it the person alone can show that the log once held the
act, even if the log is cut, rewritten or forked afterwards. What the log holds beyond these acts they find
through the receipt of any decision (consent/receipt_match.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import Action, Entry, parse
from audit.log import StoredLog
from audit.merkle import inclusion_proof
from audit.proof import SUFFIX, LogProof

# Consent, withdrawal, export, erasure and disclosure, and what was asked for: the acts somebody may deny.
RECEIPTED = frozenset(
    {
        Action.CONSENT_REQUESTED,
        Action.CONSENT_GIVEN,
        Action.CONSENT_REFUSED,
        Action.CONSENT_EXPIRED,
        Action.CONSENT_WITHDRAWN,
        Action.CONSENT_REVOKED,
        Action.CONSENT_INVALIDATED,
        Action.EXPORT_MADE,
        Action.EXPORT_FETCHED,
        Action.ERASURE_BEGUN,
        Action.ACCOUNT_ERASED,
        Action.DATA_DISCLOSED,
        Action.RIGHTS_REQUESTED,
        Action.PROCESSING_RESTRICTED,
        Action.OBJECTION_MADE,
    }
)


@dataclass(frozen=True)
class LogReceipt:
    """One act as the log holds it; no proof where no checkpoint covers it yet."""

    index: int
    entry: Entry
    proof: LogProof | None

    @property
    def file_name(self) -> str:
        """A name that says which entry, and nothing about anybody."""
        return f"{self.entry.action.replace('.', '-')}-{self.index}{SUFFIX}"


def receipts_about(log: StoredLog, reference: bytes, note: str | None, log_key: str) -> Iterator[LogReceipt]:
    """The receipts of one keyed reference under a checkpoint of this log, oldest first.

    Args:
        note: the last signed checkpoint, None where there is none.
    """
    size = open_checkpoint(note, [NoteVerifier.from_vkey(log_key)]).size if note is not None else 0
    for index, body in log.about(reference):
        entry = parse(body)
        if entry.action in RECEIPTED:
            proof = None
            if note is not None and index < size:
                proof = LogProof(index, inclusion_proof(log.source(), index, size), note, body)
            yield LogReceipt(index, entry, proof)
