"""What an auditor may see: entries of the log, and nothing else.

    LogReader (audit/published.py)  ->  Room: entries  ->  search | life | samples

The room is made from a reader of the log, so that it cannot open a table of people: the type is the rule,
and tests/architecture/test_audit_room.py holds that these files import no other package. An entry names
nobody (audit/entry.py); what could still single somebody out, the life of one reference and samples, is
asked for with a reason from a closed list, which the log keeps.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from audit.entry import Action, Entry, Outcome, parse
from audit.errors import EntryInvalid
from audit.published import LogReader
from audit.rules_consent import CONSENTED

WITHIN = 50_000  # so many of the newest are read for a page; the whole log is for the offline tool
PAGE = 50
SAMPLED = 50


class Reason(StrEnum):
    """Why somebody's entries are looked at."""

    PLAN = "plan"  # the auditor's plan asks for samples
    VIOLATION = "violation"  # a rule is broken
    COMPLAINT = "complaint"
    INCIDENT = "incident"
    AUTHORITY = "authority"


class Look(StrEnum):
    """What was opened; the log keeps it as the scope of `audit.looked`."""

    HEALTH = "health"
    SEARCH = "search"
    LIFE = "life"
    RULES = "rules"
    SAMPLE = "sample"
    FIGURES = "figures"
    REPORT = "report"

    def scope(self, reason: Reason | None = None) -> str:
        """How an entry names this look."""
        return f"audit.{self}" + (f"/{reason}" if reason else "")


@dataclass(frozen=True)
class Seen:
    """One entry and where it stands."""

    index: int
    entry: Entry


@dataclass(frozen=True)
class Search:
    """What is asked for; None asks for anything."""

    action: Action | None = None
    scope: str = ""  # a purpose, or the beginning of a scope
    outcome: Outcome | None = None
    since: date | None = None
    until: date | None = None

    def fits(self, entry: Entry) -> bool:
        """Whether an entry is asked for."""
        day = entry.at.date()
        return (
            (self.action is None or entry.action is self.action)
            and (entry.scope or "").startswith(self.scope)
            and (self.outcome is None or entry.outcome is self.outcome)
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )


@dataclass(frozen=True)
class Found:
    """One page of what was found, newest first."""

    entries: Sequence[Seen]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Evidence:
    """One disclosure, and the consent it rests on, if there is one."""

    disclosure: Seen
    consent: Seen | None

    @property
    def needs_consent(self) -> bool:
        """Whether its purpose rests on one; others name another basis, such as a contract."""
        return (self.disclosure.entry.scope or "").partition("/")[0] in CONSENTED


class Room:
    """The newest entries of a log, oldest first; entries that cannot be read are left to the verifier."""

    def __init__(self, reader: LogReader, size: int) -> None:
        self.size = size
        self.start = max(0, size - WITHIN)
        self.entries = tuple(_read(reader, self.start, size))

    def search(self, asked: Search, page: int = 1) -> Found:
        """What fits, page by page."""
        fitting = [seen for seen in reversed(self.entries) if asked.fits(seen.entry)]
        found = Found((), len(fitting), page)
        at = min(page, found.pages)
        return Found(fitting[(at - 1) * PAGE : at * PAGE], len(fitting), at)

    def reference_of(self, index: int) -> str | None:
        """Whom an entry is about, by keyed reference."""
        return next((seen.entry.subject_ref for seen in self.entries if seen.index == index), None)

    def life(self, reference: str) -> tuple[Seen, ...]:
        """Everything about one reference, oldest first."""
        return tuple(seen for seen in self.entries if seen.entry.subject_ref == reference)

    def sample(self, most: int = SAMPLED) -> tuple[Evidence, ...]:
        """Disclosures drawn at random, each with the last consent to its scope before it."""
        disclosed = [
            seen
            for seen in self.entries
            if seen.entry.action is Action.DATA_DISCLOSED and seen.entry.subject_ref is not None
        ]
        drawn = secrets.SystemRandom().sample(disclosed, min(most, len(disclosed)))
        consents = self._consents()
        return tuple(
            Evidence(seen, _last_before(consents.get(_about(seen), ()), seen.index))
            for seen in sorted(drawn, key=lambda seen: seen.index)
        )

    def of(self, is_meant: Callable[[Entry], bool]) -> list[Seen]:
        """Those for which something is so."""
        return [seen for seen in self.entries if is_meant(seen.entry)]

    def _consents(self) -> dict[tuple[str | None, str | None], list[Seen]]:
        given: dict[tuple[str | None, str | None], list[Seen]] = {}
        for seen in self.of(lambda entry: entry.action is Action.CONSENT_GIVEN):
            given.setdefault(_about(seen), []).append(seen)
        return given


def _about(seen: Seen) -> tuple[str | None, str | None]:
    return seen.entry.subject_ref, seen.entry.scope


def _last_before(consents: Sequence[Seen], index: int) -> Seen | None:
    return next((seen for seen in reversed(consents) if seen.index < index), None)


def _read(reader: LogReader, start: int, stop: int) -> Iterator[Seen]:
    for index, (body, _) in enumerate(reader.entries(start, stop), start):
        try:
            yield Seen(index, parse(body))
        except EntryInvalid:
            continue
