"""What can go wrong in the log, for whoever appends to it, exports it or verifies it.

Sentences hold indices, sizes and closed words; never a byte of an entry.
"""

from enum import StrEnum
from typing import ClassVar

from vault.errors import DomainError


class ProofInvalid(DomainError):
    """An inclusion or consistency proof does not lead to the root (RFC 6962 sections 2.1.1 and 2.1.2)."""

    slug = "proof-invalid"
    title = "Proof does not hold"


class IndexOutsideLog(DomainError):
    """A leaf, a subtree or a size was asked for that the log does not hold, or not completely."""

    slug = "index-outside-log"
    title = "Index outside the log"

    def __init__(self, index: int, size: int) -> None:
        super().__init__(f"The log of size {size} holds nothing at {index}.", index=index, size=size)


class CheckpointInvalid(DomainError):
    """A signed note is malformed, or no known key signed it, or a known key's signature is wrong."""

    slug = "checkpoint-invalid"
    title = "Checkpoint does not open"


class VerifierKeyInvalid(DomainError):
    """A verifier key is not `name+id+base64` of an Ed25519 key, or its name cannot stand in a note."""

    slug = "verifier-key-invalid"
    title = "Verifier key refused"


class PolicyInvalid(DomainError):
    """A file of witnesses and their quorum does not read as C2SP tlog-policy."""

    slug = "policy-invalid"
    title = "Witness policy refused"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"The witness policy is refused in line {line}: {why}.", line=line)


class EntryInvalid(DomainError):
    """A log entry is not of the closed form: unknown field, wrong type, free text, not canonical."""

    slug = "entry-invalid"
    title = "Log entry refused"

    def __init__(self, field: str) -> None:
        super().__init__(f"A log entry is refused for its {field}.", field=field)


class TileInvalid(DomainError):
    """A tile or an entry bundle cannot be written or read as C2SP tlog-tiles has it."""

    slug = "tile-invalid"
    title = "Tile refused"


class ExportRefused(DomainError):
    """A directory is not an export of this log, and nothing of ours is written into it."""

    slug = "export-refused"
    title = "Export refused"


class Flaw(StrEnum):
    """What of a log is broken, in the order in which a verifier finds it."""

    CHECKPOINT = "checkpoint"
    WITNESSES = "witnesses"
    ENTRY = "entry"
    LEAF_HASH = "leaf-hash"
    SUBTREE = "subtree"
    ROOT = "root"
    HEAD = "head"
    CONSISTENCY = "consistency"
    FORM = "form"
    EXPORTED = "exported"
    SUCCESSION = "succession"


_SENTENCES = {
    Flaw.CHECKPOINT: "The checkpoint does not open with the key of this log.",
    Flaw.WITNESSES: "The checkpoint is not cosigned by as many witnesses as the policy asks for.",
    Flaw.ENTRY: "An entry is missing, cut off or one too many.",
    Flaw.LEAF_HASH: "An entry and its leaf hash do not belong together.",
    Flaw.SUBTREE: "A stored subtree hash is not the hash of the entries below it.",
    Flaw.ROOT: "The entries do not lead to the signed root.",
    Flaw.HEAD: "The stored head of the log cannot be read.",
    Flaw.CONSISTENCY: "The log does not continue the one whose checkpoint was kept.",
    Flaw.FORM: "An entry is not in canonical form.",
    Flaw.SUCCESSION: "The log does not begin where the one before it ended.",
    Flaw.EXPORTED: "The log is not the one that was exported here before.",
}


class LogMissing(DomainError):
    """No log was ever opened in this database."""

    slug = "log-missing"
    title = "There is no log"

    def __init__(self) -> None:
        super().__init__("This database holds no log.")


class LogClosed(DomainError):
    """The log that this process writes to was closed: another one goes on under another key."""

    slug = "log-closed"
    title = "Log is closed"

    def __init__(self) -> None:
        super().__init__("This log was closed and another one goes on; start the service anew.")


class LogStillWritten(DomainError):
    """Something was appended between the last checkpoint and the closing of the log."""

    slug = "log-still-written"
    title = "Log is still written to"

    def __init__(self) -> None:
        super().__init__("Something else writes to the log; stop the service, then close the log.")


class LogContinues(DomainError):
    """The database holds everything that was signed, so nothing is lost that could be recorded."""

    slug = "log-continues"
    title = "Log is whole"

    def __init__(self) -> None:
        super().__init__("The database holds everything that was signed; the log simply goes on.")


class EntryLost(DomainError):
    """A proof holds, but the log it is of does not hold the entry any more, and says so."""

    slug = "entry-lost"
    title = "Entry was lost"

    def __init__(self, index: int, why: str) -> None:
        super().__init__(
            f"The proof stays what it is: entry {index} was in the log and was signed. "
            f"The log does not hold it any more: {why}.",
            index=index,
        )


class LogRolledBack(DomainError):
    """The database is older than what was signed last: a backup was put back, or the tail was cut."""

    slug = "log-rolled-back"
    title = "Log is older than its checkpoint"

    def __init__(self, signed_size: int, stored_size: int) -> None:
        super().__init__(
            f"The log holds {stored_size} entries, but a checkpoint over {signed_size} was signed; put the "
            "newer database back, or see `klarwert audit succeed`.",
            signed_size=signed_size,
            stored_size=stored_size,
        )


class MarkMissing(DomainError):
    """The last signed checkpoint is gone, so nobody can tell whether the log is the one that was signed."""

    slug = "mark-missing"
    title = "Last checkpoint is missing"

    def __init__(self, stored_size: int) -> None:
        super().__init__(
            f"The log holds {stored_size} entries, but the file with its last checkpoint is missing; "
            "put it back, or run `klarwert audit adopt` to vouch for the log as it is.",
            stored_size=stored_size,
        )


class MarkPresent(DomainError):
    """There is a last checkpoint, and it stays."""

    slug = "mark-present"
    title = "Last checkpoint is there"

    def __init__(self) -> None:
        super().__init__("The file with the last checkpoint is there; it is not replaced.")


class LogForked(DomainError):
    """The database holds another history than the one that was signed."""

    slug = "log-forked"
    title = "Log does not continue its checkpoint"

    def __init__(self, signed_size: int) -> None:
        super().__init__(
            f"The log does not contain the {signed_size} entries whose checkpoint was signed.",
            signed_size=signed_size,
        )


class LogBroken(DomainError):
    """The log is not what was signed: edited, cut, reordered, forked or rolled back.

    index: the first leaf that is wrong, or the first one below the hash that is; None where only a
    size is known (root, head, consistency) or nothing at all (a checkpoint that does not open).
    """

    slug = "log-broken"
    title = "Log is broken"

    def __init__(self, flaw: Flaw, *, index: int | None = None, size: int | None = None) -> None:
        place = "" if index is None else f" First bad index: {index}."
        extent = "" if size is None else f" Log size: {size}."
        super().__init__(_SENTENCES[flaw] + place + extent, flaw=flaw, index=index, size=size)
        self.flaw = flaw
        self.index = index
        self.size = size


class SignatureInvalid(DomainError):
    """A signed document (JWS) is malformed, altered, or made with a key that is not published."""

    slug = "signature-invalid"
    title = "Signature does not hold"

    _SAID: ClassVar[dict[str, str]] = {
        "form": "it is not in the form of one",
        "file": "a file beside it is not the one it was signed with",
        "key": "it was made with a key that is not among those published",
        "keys": "the file of published keys holds none that could have made it",
        "signature": "it was altered after it was signed",
        "subject": "it is not about whoever it is from",
        "audience": "it is not meant for this service alone",
        "once": "it has no name by which it counts once",
        "time": "it does not say when it was made, or it is over",
    }

    def __init__(self, flaw: str) -> None:
        super().__init__(f"The signed document does not hold: {self._SAID[flaw]}.", flaw=flaw)
        self.said = self._SAID[flaw]
