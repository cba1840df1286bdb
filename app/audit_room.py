"""What an auditor may see: entries of the log, and nothing else.

    LogSource: a LogReader (audit/published.py)  ->  Room: entries  ->  search | life | samples

The room is made from a reader of the log, so that it cannot open a table of people: the type is the rule,
and tests/architecture/test_audit_room.py holds that these files import no other package. An entry names
nobody (audit/entry.py); what could still single somebody out, the life of one reference and samples, is
asked for with a reason from a closed list, which the log keeps.
"""

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from app.audit_room_tally import HEAD, STEP, Tally, Told, stepwise
from audit.entry import Action, Entry, Outcome, parse
from audit.errors import EntryInvalid
from audit.published import LogReader
from audit.rules_consent import CONSENTED

PAGE = 50
SCOPE = re.compile(r"[a-z0-9./_-]{0,200}\Z")  # nothing that could ask for another field of an entry
LIVED = 1_000  # so many entries of one life are shown
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

    def matcher(self) -> Callable[[bytes], bool]:
        """Tells from an entry's bytes whether it is asked for: each field has one place and one spelling."""
        if SCOPE.match(self.scope) is None:
            return lambda _: False
        begins = f'{{"action":"{self.action}",'.encode() if self.action else b"{"
        holds = [f'"outcome":"{self.outcome}"'.encode()] if self.outcome else []
        holds += [f'"scope":"{self.scope}'.encode()] if self.scope else []
        since, until = str(self.since or "").encode(), str(self.until or "9999").encode()

        def is_asked_for(body: bytes) -> bool:
            if not body.startswith(begins) or not all(part in body for part in holds):
                return False
            head = HEAD.match(body)
            return head is not None and since <= head["day"] <= until

        return is_asked_for


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


@dataclass(frozen=True)
class Life:
    """The newest entries about one reference, oldest first, and how many there are."""

    entries: Sequence[Seen]
    total: int


class LogSource(LogReader, Protocol):
    """A log as stored that finds the entries about one reference by itself."""

    @property
    def minimum(self) -> int:
        """The index before which bodies are over their term."""

    def about(self, reference: bytes) -> Iterator[tuple[int, bytes]]:
        """Index and body of each entry about a reference, oldest first."""


class Room:
    """A whole log as it was at one look, read step by step: never more than one step is in memory.

    Entries that cannot be read are left to the verifier.
    """

    def __init__(self, source: LogSource, size: int, tally: Tally) -> None:
        self.size = size
        self.minimum = source.minimum
        self._source, self._tally = source, tally

    @cached_property
    def told(self) -> Told:
        """What is counted over all entries; only those that came since the last look are read for it."""
        return self._tally.follow(self._source, self.size)

    def find(self, index: int) -> Seen | None:
        """One entry; None where there is none that can be read."""
        if not self.minimum <= index < self.size:
            return None
        ((body, _),) = self._source.entries(index, index + 1)
        return _read(index, body)

    def search(self, asked: Search, page: int = 1) -> Found:
        """What fits, page by page, newest first."""
        start, stop = self.told.span(asked.action, asked.since, asked.until)
        if asked == Search():  # everything: counted without reading it
            pages = max(1, -(-(stop - start) // PAGE))
            at = min(page, pages)
            first, last = stop - at * PAGE, stop - (at - 1) * PAGE
            return Found(self._newest(max(start, first), last, asked)[0], stop - start, at)
        known = None
        if not asked.scope and asked.outcome is None:
            known = self.told.count(asked.action, asked.since, asked.until)
        found, total = self._newest(start, stop, asked, page, known)
        if page > 1 and not found:
            page = max(1, -(-total // PAGE))
            found, total = self._newest(start, stop, asked, page, known)
        return Found(found, total, page)

    def reference_of(self, index: int) -> str | None:
        """Whom an entry is about, by keyed reference."""
        seen = self.find(index)
        return seen.entry.subject_ref if seen else None

    def life(self, reference: str) -> Life:
        """Everything about one reference."""
        newest: deque[Seen] = deque(maxlen=LIVED)
        total = 0
        for seen in self._about(reference):
            newest.append(seen)
            total += 1
        return Life(tuple(newest), total)

    def sample(self, most: int = SAMPLED) -> tuple[Evidence, ...]:
        """Disclosures drawn at random from all, each with the last consent to its scope before it."""
        drawn: list[Seen] = []
        for count, seen in enumerate(self._disclosures(), 1):
            place = secrets.randbelow(count)  # each is kept with the same chance, in one pass
            if len(drawn) < most:
                drawn.append(seen)
            elif place < most:
                drawn[place] = seen
        return tuple(
            Evidence(seen, self._consent_before(seen)) for seen in sorted(drawn, key=lambda seen: seen.index)
        )

    def _disclosures(self) -> Iterator[Seen]:
        start, stop = self.told.span(Action.DATA_DISCLOSED)
        is_disclosure = Search(Action.DATA_DISCLOSED).matcher()
        for index, body, _ in stepwise(self._source, start, stop):
            seen = _read(index, body) if is_disclosure(body) else None
            if seen is not None and seen.entry.subject_ref is not None:
                yield seen

    def _consent_before(self, disclosure: Seen) -> Seen | None:
        last = None
        for seen in self._about(disclosure.entry.subject_ref or ""):
            if seen.index >= disclosure.index:
                break
            if seen.entry.action is Action.CONSENT_GIVEN and seen.entry.scope == disclosure.entry.scope:
                last = seen
        return last

    def _about(self, reference: str) -> Iterator[Seen]:
        for index, body in self._source.about(bytes.fromhex(reference)):
            seen = _read(index, body) if index < self.size else None
            if seen is not None:
                yield seen

    def _newest(
        self, start: int, stop: int, asked: Search, page: int = 1, known: int | None = None
    ) -> tuple[list[Seen], int]:
        """One page of what fits between two indices, and how much there is: `known`, if the count tells."""
        wanted, total, is_asked_for = [], 0, asked.matcher()
        for step in range((stop - 1) // STEP, start // STEP - 1, -1):
            if known is not None and total >= page * PAGE:
                total = known
                break
            if not self.told.zones[step].may_hold(asked.action, asked.scope, asked.outcome):
                continue
            begin, end = max(start, step * STEP), min(stop, (step + 1) * STEP)
            rows = list(self._source.entries(begin, end))
            for index in range(end - 1, begin - 1, -1):
                body = rows[index - begin][0]
                if is_asked_for(body):
                    if (page - 1) * PAGE <= total < page * PAGE:
                        wanted.append((index, body))
                    total += 1
        read = (_read(index, body) for index, body in wanted)
        return [seen for seen in read if seen is not None], total


def _read(index: int, body: bytes) -> Seen | None:
    try:
        return Seen(index, parse(body))
    except EntryInvalid:
        return None
