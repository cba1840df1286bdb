"""What is counted over a whole log, kept up with it: an entry is read once for each process, not once a look.

    Tally: entries so far, with the hash of the last   ->   follow: those that came since   ->   Told

Entries never change, so what was counted stays right as long as the last entry counted is still there under
its hash; otherwise the count begins anew. Memory grows with days, steps and open requests.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import TypeVar

from audit.entry import Action, ActorRole, Outcome, parse
from audit.errors import EntryInvalid
from audit.published import LogReader

STEP = 4096  # rows in memory at a time
HEAD = re.compile(
    rb'\{"action":"(?P<action>[a-z._-]+)","actor":"(?P<actor>[a-z._-]+)","at":"(?P<day>\d{4}-\d\d-\d\d)T'
)
TAIL = re.compile(rb'"outcome":"([a-z]+)"(?:,"request_id":"[0-9a-f]*")?(?:,"scope":"([^"/]*))?')


class Counted(StrEnum):
    """What is counted."""

    REQUESTS = "requests"
    REFUSALS = "refusals"
    OVERRIDES = "overrides"
    DENIALS = "denials"
    CONSENTS = "consents"
    WITHDRAWALS = "withdrawals"
    DISCLOSURES = "disclosures"
    ERASURES = "erasures"


class Took(StrEnum):
    """How long a request took to be answered."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    LONGER = "longer"
    OPEN = "open"


_UP_TO = (
    (Took.DAY, timedelta(days=1)),
    (Took.WEEK, timedelta(days=7)),
    (Took.FORTNIGHT, timedelta(days=14)),
    (Took.MONTH, timedelta(days=31)),
)
_ACTIONS = {
    Action.RIGHTS_REQUESTED: Counted.REQUESTS,
    Action.RIGHTS_REFUSAL_CONFIRMED: Counted.REFUSALS,
    Action.CONSENT_GIVEN: Counted.CONSENTS,
    Action.CONSENT_WITHDRAWN: Counted.WITHDRAWALS,
    Action.DATA_DISCLOSED: Counted.DISCLOSURES,
    Action.ACCOUNT_ERASED: Counted.ERASURES,
}
Kind = TypeVar("Kind", date, str)


@dataclass
class Span:
    """How many entries of a kind there are, and between which indices they all lie."""

    count: int
    first: int
    last: int


@dataclass
class Zone:
    """What occurs in one step of the log, so that a search passes over those that hold nothing for it."""

    actions: set[str] = field(default_factory=set)
    purposes: set[str] = field(default_factory=set)
    outcomes: set[str] = field(default_factory=set)

    def may_hold(self, action: str | None, scope: str, outcome: str | None) -> bool:
        """Whether an entry of these may be here; an empty scope is any."""
        purpose, has_more, _ = scope.partition("/")
        is_known = (
            purpose in self.purposes if has_more else any(one.startswith(scope) for one in self.purposes)
        )
        return (
            (action is None or action in self.actions)
            and (outcome is None or outcome in self.outcomes)
            and (not scope or is_known)
        )


@dataclass(frozen=True)
class Told:
    """What was counted, up to one size.

    read: how many entries of it could be read; the others are over their term, or left to the verifier.
    """

    size: int
    read: int
    days: Mapping[date, Span]
    actions: Mapping[str, Span]
    zones: Sequence[Zone]
    done: Mapping[Counted, int]
    took: Mapping[Took, int]

    def count(self, action: Action | None, since: date | None, until: date | None) -> int | None:
        """How many entries there are of an action, or in a period; None where both are asked for."""
        if action is None:
            return sum(one.count for day, one in self.days.items() if (since or day) <= day <= (until or day))
        of_action = self.actions.get(action, Span(0, 0, 0))
        return of_action.count if since is None and until is None else None

    def span(
        self, action: Action | None = None, since: date | None = None, until: date | None = None
    ) -> tuple[int, int]:
        """Between which indices everything of an action and a period lies; the second is not included."""
        spans = [span for day, span in self.days.items() if (since or day) <= day <= (until or day)]
        of_action = self.actions.get(action) if action else None
        if not spans or (action and of_action is None):
            return 0, 0
        start, stop = min(span.first for span in spans), max(span.last for span in spans) + 1
        if of_action is not None:
            start, stop = max(start, of_action.first), min(stop, of_action.last + 1)
        return start, max(start, stop)


class Tally:
    """The running count of one log."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._size, self._read = 0, 0
        self._begin("")

    def follow(self, reader: LogReader, size: int) -> Told:
        """Count on to a size."""
        with self._lock:
            if not self._continues(reader, size):
                self._begin(reader.origin)
            for index, body, leaf_hash in stepwise(reader, self._size, size):
                self._take(index, body)
                self._last = leaf_hash
            self._size = size
            took = Counter(self._took)
            took[Took.OPEN] = len(self._opened)
            return Told(
                size,
                self._read,
                {day: Span(one.count, one.first, one.last) for day, one in self._days.items()},
                {name: Span(one.count, one.first, one.last) for name, one in self._actions.items()},
                tuple(self._zones),
                Counter(self._done),
                took,
            )

    def _begin(self, origin: str) -> None:
        self._origin, self._last = origin, b""
        self._size, self._read = 0, 0
        self._days: dict[date, Span] = {}
        self._actions: dict[str, Span] = {}
        self._zones: list[Zone] = []
        self._done: Counter[Counted] = Counter()
        self._took: Counter[Took] = Counter()
        self._opened: dict[str, datetime] = {}
        self._day: tuple[bytes, date | None] = b"", None

    def _continues(self, reader: LogReader, size: int) -> bool:
        if reader.origin != self._origin or not 0 < self._size <= size:
            return False
        ((_, leaf_hash),) = reader.entries(self._size - 1, self._size)
        return leaf_hash == self._last

    def _take(self, index: int, body: bytes) -> None:
        head = HEAD.match(body)
        day = self._day_of(head["day"]) if head else None
        if head is None or day is None:
            return
        self._read += 1
        action, actor = head["action"].decode(), head["actor"].decode()
        _widen(self._days, day, index)
        _widen(self._actions, action, index)
        outcome = self._note_zone(index, action, body)
        if outcome == Outcome.DENIED:
            self._done[Counted.DENIALS] += 1
        elif action == Action.OBJECTION_ENDED and actor != ActorRole.SUBJECT:
            self._done[Counted.OVERRIDES] += 1  # staff who end an objection override it
        elif action in _ACTIONS:
            self._done[_ACTIONS[Action(action)]] += 1
        if action in (Action.RIGHTS_REQUESTED, Action.RIGHTS_ANSWERED):
            self._time(body)

    def _note_zone(self, index: int, action: str, body: bytes) -> str:
        """Note what an entry is of in its step; returns its outcome."""
        tail = TAIL.search(body)
        outcome, purpose = (part.decode() for part in tail.groups(b"")) if tail else ("", "")
        while len(self._zones) <= index // STEP:
            self._zones.append(Zone())
        zone = self._zones[index // STEP]
        zone.actions.add(action)
        zone.purposes.add(purpose)
        zone.outcomes.add(outcome)
        return outcome

    def _day_of(self, text: bytes) -> date | None:
        """The day as a date; None for one that no calendar has."""
        if self._day[0] != text:
            self._day = text, _date(text)
        return self._day[1]

    def _time(self, body: bytes) -> None:
        """How long a request was open, from its entry to its answer's; steps share the row they are about."""
        try:
            entry = parse(body)
        except EntryInvalid:
            return
        row = entry.object.row if entry.object is not None else ""
        if entry.action is Action.RIGHTS_REQUESTED:
            self._opened[row] = entry.at
        elif row in self._opened:
            self._took[_took(entry.at - self._opened.pop(row))] += 1


def stepwise(reader: LogReader, start: int, stop: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Index, body and leaf hash of entries, a step of them in memory at a time."""
    for begin in range(start, stop, STEP):
        for index, (body, leaf_hash) in enumerate(reader.entries(begin, min(begin + STEP, stop)), begin):
            yield index, body, leaf_hash


def _widen(spans: dict[Kind, Span], key: Kind, index: int) -> None:
    span = spans.get(key)
    if span is None:
        spans[key] = Span(1, index, index)
    else:
        span.count, span.last = span.count + 1, index


def _date(text: bytes) -> date | None:
    try:
        return date.fromisoformat(text.decode())
    except ValueError:
        return None


def _took(passed: timedelta) -> Took:
    return next((took for took, most in _UP_TO if passed <= most), Took.LONGER)
