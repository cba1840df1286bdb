"""What a person keeps of the log: for each act about them that they may have to prove, its entry and proof.

The whole file is a C2SP tlog-proof (proof.py): by it the person alone can show that the log once held the
act, even if the log is cut, rewritten or forked afterwards. What the log holds beyond these acts they find
through the receipt of any decision (consent/receipt_match.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import Action, Entry, parse
from audit.merkle import inclusion_proof
from audit.proof import SUFFIX, LogProof
from audit.stored import HeldEntry, Reads, held_about

# Consent, withdrawal, export, erasure and disclosure, what was asked for, and an auditor's look at one life:
# the acts somebody may deny.
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
        Action.AUDIT_LOOKED,
    }
)


@dataclass(frozen=True)
class LogReceipt:
    """One act as the log holds it; no proof where no checkpoint covers it yet."""

    log_number: int
    index: int
    entry: Entry
    proof: LogProof | None

    @property
    def file_name(self) -> str:
        """A name that says which entry, and nothing about anybody."""
        log = "" if self.log_number == 1 else f"-log{self.log_number}"
        return f"{self.entry.action.replace('.', '-')}{log}-{self.index}{SUFFIX}"


def receipts_about(reads: Reads, reference: bytes, note: str | None, log_key: str) -> Iterator[LogReceipt]:
    """The receipts of one keyed reference, oldest first; those of a closed log under its own last checkpoint.

    Args:
        note: the last signed checkpoint of the log that goes on, None where there is none.
    """
    for held in held_about(reads, reference):
        entry = parse(held.body)
        if entry.action in RECEIPTED:
            yield LogReceipt(held.log.number, held.index, entry, _proof(held, *held.under(note, log_key)))


def _proof(held: HeldEntry, note: str | None, log_key: str) -> LogProof | None:
    if note is None:
        return None
    size = open_checkpoint(note, [NoteVerifier.from_vkey(log_key)]).size
    if held.index >= size:
        return None
    return LogProof(held.index, inclusion_proof(held.log.source(), held.index, size), note, held.body)
