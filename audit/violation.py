"""A rule that an entry of the log breaks, said so that somebody without the code understands it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Rule(StrEnum):
    """What must hold over the entries in their order; docs/verifying.md says each in a sentence."""

    OPENING = "opening"
    ENTRIES_LOST = "entries-lost"
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


class Wrong(StrEnum):
    """In which way a rule is broken: one sentence each, here in English, in the service's words too."""

    YEAR = "year"
    NOT_OPENED = "not-opened"
    OPENED_AGAIN = "opened-again"
    LOST = "lost"
    LOST_WITH_LATER = "lost-with-later"
    WRITTEN_ON = "written-on"
    RESTORE_UNTOLD = "restore-untold"
    BACKDATED = "backdated"
    KEYS_KEPT = "keys-kept"
    RETENTION_UNPROVED = "retention-unproved"
    ERASED = "erased"
    NEEDS_NO_CONSENT = "needs-no-consent"
    NO_WORDS = "no-words"
    HISTORY_LATE = "history-late"
    NOT_IN_FORCE = "not-in-force"
    ANOTHER_PERSON = "another-person"
    NOT_ASKED = "not-asked"
    NEVER_GIVEN = "never-given"
    ENDED = "ended"
    TERM_OVER = "term-over"
    SIGNAL = "signal"
    LIMITED = "limited"
    LIMITED_WHOLLY = "limited-wholly"
    TOO_FEW = "too-few"
    NO_REQUEST = "no-request"
    UNPROPOSED = "unproposed"
    SELF_CONFIRMED = "self-confirmed"
    UNANSWERED = "unanswered"
    ANSWERED_LATE = "answered-late"
    EXTENDED_LATE = "extended-late"


SAID: Mapping[Wrong, str] = MappingProxyType(
    {
        Wrong.YEAR: "it says the year {year}",
        Wrong.NOT_OPENED: "the log does not begin with its opening",
        Wrong.OPENED_AGAIN: "the log is opened again",
        Wrong.LOST: "log {log} was put back from an older copy, as its successor recorded at {at}; "
        "its entries {first} to {last}, which were signed, are lost",
        Wrong.LOST_WITH_LATER: "log {log} was put back from an older copy, as its successor recorded at "
        "{at}; its entries {first} to {last} and {later} entries of logs after it, which were signed, "
        "are lost",
        Wrong.WRITTEN_ON: "log {log} was put back from an older copy, as its successor recorded at {at}; "
        "it does not hold the {size} entries that were signed",
        Wrong.RESTORE_UNTOLD: "it does not say what was put back, and what is lost",
        Wrong.BACKDATED: "it says {at}, after an entry of {latest}",
        Wrong.KEYS_KEPT: "no KEK epoch was destroyed since entry {entry}, for more than {days} days",
        Wrong.RETENTION_UNPROVED: "no retention run is proved since entry {entry}, for more than {days} days",
        Wrong.ERASED: "{action} about a reference that entry {entry} erased",
        Wrong.NEEDS_NO_CONSENT: "{action} is about a scope that does not rest on consent",
        Wrong.NO_WORDS: "{action} names no words that were shown",
        Wrong.HISTORY_LATE: "{action} brings history after something was decided here",
        Wrong.NOT_IN_FORCE: "{action} ends a consent that was not in force",
        Wrong.ANOTHER_PERSON: "{action} was made by somebody else than the person",
        Wrong.NOT_ASKED: "{action} was not asked for before it was confirmed by mail",
        Wrong.NEVER_GIVEN: "{action} under {scope}, for which no consent was given before",
        Wrong.ENDED: "{action} under {scope}, for which entry {entry} ended the consent",
        Wrong.TERM_OVER: "{action} under {scope}, for which the consent of entry {entry} was over",
        Wrong.SIGNAL: "{action} under {scope}, which stands still since a browser asked not to share in "
        "entry {entry}",
        Wrong.LIMITED: "{action} under {scope}, which entry {entry} made stand still",
        Wrong.LIMITED_WHOLLY: "{action} under no scope, which entry {entry} made stand still",
        Wrong.TOO_FEW: "a score was computed from {wanted} platforms, while a consent was in force for "
        "{usable}",
        Wrong.NO_REQUEST: "{action} belongs to no open request",
        Wrong.UNPROPOSED: "a refusal was confirmed that nobody proposed",
        Wrong.SELF_CONFIRMED: "a refusal was confirmed by who proposed it in entry {entry}",
        Wrong.UNANSWERED: "the request of entry {entry} is not answered, which was due on {day}",
        Wrong.ANSWERED_LATE: "the request of entry {entry} was answered late, which was due on {day}",
        Wrong.EXTENDED_LATE: "the term of the request of entry {entry} was extended after its first month",
    }
)
Facts = Mapping[str, str | int]  # indices, counts, closed words, days and instants in ISO 8601


@dataclass(frozen=True)
class Violation:
    """One rule, broken.

    index: the entry that breaks it; of a thing left undone, the last entry before which it was due.
    wrong, facts: in which way, and what its sentence names.
    earlier: the entries that make it a violation: what ended, limited, erased or asked for something.
    reference: the keyed reference of the person, None where it is nobody's.
    """

    rule: Rule
    index: int
    wrong: Wrong
    facts: Facts = field(default_factory=dict, hash=False)
    earlier: tuple[int, ...] = ()
    reference: str | None = None

    @property
    def said(self) -> str:
        """What is wrong, in English."""
        return SAID[self.wrong].format_map(self.facts)

    @property
    def sentence(self) -> str:
        """What a reader is told."""
        return f"Entry {self.index}: {self.said}."
