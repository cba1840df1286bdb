"""Whether the service kept its terms, in figures that single nobody out: fewer than ten are “<10”.

Counted over entries of the log only; from ten on, in whole tens.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.audit_room import Room
from audit.entry import Action, ActorRole, Entry, Outcome

LEAST = 10


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


@dataclass(frozen=True)
class Figure:
    """One count, as it may be told and as it is drawn: below ten it has no length."""

    name: str
    tens: int

    @property
    def said(self) -> str:
        return str(self.tens) if self.tens else f"<{LEAST}"


@dataclass(frozen=True)
class ComplianceFigures:
    """What was done, and how long requests took."""

    done: Sequence[Figure]
    took: Sequence[Figure]


def figures(room: Room) -> ComplianceFigures:
    """All figures of the room."""
    counts = Counter(what for seen in room.entries for what in _counted(seen.entry))
    times = _times(room)
    return ComplianceFigures(
        tuple(_figure(what, counts[what]) for what in Counted),
        tuple(_figure(took, times[took]) for took in Took),
    )


def _counted(entry: Entry) -> list[Counted]:
    """As what an entry counts; staff who end an objection override it."""
    if entry.outcome is Outcome.DENIED:
        return [Counted.DENIALS]
    if entry.action is Action.OBJECTION_ENDED and entry.actor is not ActorRole.SUBJECT:
        return [Counted.OVERRIDES]
    return [_ACTIONS[entry.action]] if entry.action in _ACTIONS else []


def _times(room: Room) -> Counter[Took]:
    """How long each request was open, from its entry to its answer's; steps share the row they are about."""
    opened: dict[str, datetime] = {}
    times: Counter[Took] = Counter()
    for seen in room.entries:
        entry = seen.entry
        row = entry.object.row if entry.object is not None else ""
        if entry.action is Action.RIGHTS_REQUESTED:
            opened[row] = entry.at
        elif entry.action is Action.RIGHTS_ANSWERED and row in opened:
            times[_took(entry.at - opened.pop(row))] += 1
    times[Took.OPEN] = len(opened)
    return times


def _took(passed: timedelta) -> Took:
    return next((took for took, most in _UP_TO if passed <= most), Took.LONGER)


def _figure(name: str, count: int) -> Figure:
    return Figure(name, count // LEAST * LEAST)
