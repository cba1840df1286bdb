"""A rule that an entry of the log breaks, said so that somebody without the code understands it; pure."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What must hold over the entries in their order; docs/verifying.md says each in a sentence."""

    OPENING = "opening"
    TIME_ORDER = "time-order"
    CONSENT_SEQUENCE = "consent-sequence"
    NO_CONSENT = "no-consent"
    CONSENT_OVER = "consent-over"
    DISCLOSURE = "disclosure"
    SIGNAL_IGNORED = "signal-ignored"
    LIMIT_IGNORED = "limit-ignored"
    AFTER_ERASURE = "after-erasure"
    REQUEST_SEQUENCE = "request-sequence"
    REQUEST_LATE = "request-late"
    SECOND_PERSON = "second-person"
    KEYS_OVERDUE = "keys-overdue"
    RETENTION_OVERDUE = "retention-overdue"


@dataclass(frozen=True)
class Violation:
    """One rule, broken.

    index: the entry that breaks it; of a thing left undone, the last entry before which it was due.
    earlier: the entries that make it a violation: what ended, limited, erased or asked for something.
    reference: the keyed reference of the person, None where it is nobody's.
    """

    rule: Rule
    index: int
    said: str
    earlier: tuple[int, ...] = ()
    reference: str | None = None

    @property
    def sentence(self) -> str:
        """What a reader is told."""
        return f"Entry {self.index}: {self.said}."
