"""Rules about requests: each is answered, extended or paused within its term, and refused by two; pure.

Steps of one request share the keyed reference of its row. The term runs from the entry of the request: a
letter may have come days earlier, which the log does not say. A person's erasure answers what is open.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from audit.deadline import ANSWER_MONTHS, EXTENSION_MONTHS, due_on, end_of, last_day, working_day
from audit.entry import Action, Entry
from audit.violation import Facts, Rule, Violation, Wrong

REQUEST_ACTIONS = frozenset(
    {
        Action.RIGHTS_REQUESTED,
        Action.RIGHTS_PAUSED,
        Action.RIGHTS_RESUMED,
        Action.RIGHTS_EXTENDED,
        Action.RIGHTS_ANSWERED,
    }
)
REFUSAL_ACTIONS = frozenset({Action.RIGHTS_REFUSAL_PROPOSED, Action.RIGHTS_REFUSAL_CONFIRMED})
_PROPOSALS_KEPT = 100  # about one right of one person


@dataclass
class RequestSeen:
    """One request that is not answered yet."""

    index: int
    at: datetime
    is_extended: bool = False
    paused_at: datetime | None = None
    rested: timedelta = timedelta()

    def due(self, holidays: Collection[date]) -> datetime:
        """The instant from which an answer is late."""
        months = ANSWER_MONTHS + (EXTENSION_MONTHS if self.is_extended else 0)
        due = due_on(self.at.date(), months, holidays)
        return end_of(working_day(due + timedelta(days=self.rested.days), holidays))


@dataclass
class RequestsSeen:
    """The open requests of one reference, and who proposed to refuse one."""

    by_row: dict[str, RequestSeen] = field(default_factory=dict)
    proposals: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # scope: who, and where


def follow_request(
    seen: RequestsSeen, index: int, entry: Entry, holidays: Collection[date]
) -> Iterator[Violation]:
    """Take up a step of a request."""
    row = entry.object.row if entry.object is not None else ""
    if entry.action is Action.RIGHTS_REQUESTED:
        seen.by_row[row] = RequestSeen(index, entry.at)
        return
    request = seen.by_row.get(row)
    if request is None:
        facts: Facts = {"action": str(entry.action)}
        yield Violation(Rule.REQUEST_SEQUENCE, index, Wrong.NO_REQUEST, facts, reference=entry.subject_ref)
        return
    late = _late(request, entry, holidays)
    if late is not None:
        facts = _told(request, holidays)
        yield Violation(Rule.REQUEST_LATE, index, late, facts, (request.index,), entry.subject_ref)
    _step(request, entry)
    if entry.action is Action.RIGHTS_ANSWERED:
        del seen.by_row[row]


def follow_refusal(seen: RequestsSeen, index: int, entry: Entry) -> Iterator[Violation]:
    """Take up a refusal as proposed or confirmed: the entry names by a keyed reference who did it.

    It does not name the request: that one person did both is certain only while nobody else's proposal about
    this right may be meant; a refusal that may have been two people's is no violation.
    """
    who, scope = entry.object.row if entry.object is not None else "", entry.scope or ""
    proposals = seen.proposals.setdefault(scope, [])
    if entry.action is Action.RIGHTS_REFUSAL_PROPOSED:
        del proposals[:-_PROPOSALS_KEPT]
        proposals.append((who, index))
        return
    if not proposals:
        yield Violation(Rule.SECOND_PERSON, index, Wrong.UNPROPOSED, reference=entry.subject_ref)
    elif all(proposer == who for proposer, _ in proposals):
        where = proposals[-1][1]
        facts: Facts = {"entry": where}
        yield Violation(Rule.SECOND_PERSON, index, Wrong.SELF_CONFIRMED, facts, (where,), entry.subject_ref)
    if len(proposals) == 1:
        proposals.clear()


def overdue(
    seen: RequestsSeen, last: int, now: datetime, holidays: Collection[date], reference: str
) -> Iterator[Violation]:
    """What is open at the end of the log although its term is over."""
    for request in seen.by_row.values():
        if request.paused_at is None and now >= request.due(holidays):
            facts: Facts = _told(request, holidays)
            yield Violation(Rule.REQUEST_LATE, last, Wrong.UNANSWERED, facts, (request.index,), reference)


def _late(request: RequestSeen, entry: Entry, holidays: Collection[date]) -> Wrong | None:
    if entry.action is Action.RIGHTS_EXTENDED and entry.at >= end_of(last_day(request.at.date())):
        return Wrong.EXTENDED_LATE
    is_over = request.paused_at is None and entry.at >= request.due(holidays)
    return Wrong.ANSWERED_LATE if entry.action is Action.RIGHTS_ANSWERED and is_over else None


def _step(request: RequestSeen, entry: Entry) -> None:
    if entry.action is Action.RIGHTS_EXTENDED:
        request.is_extended = True
    elif entry.action is Action.RIGHTS_PAUSED:
        request.paused_at = entry.at
    elif request.paused_at is not None and entry.action is Action.RIGHTS_RESUMED:
        request.rested += entry.at - request.paused_at
        request.paused_at = None


def _told(request: RequestSeen, holidays: Collection[date]) -> Facts:
    """Where a request was made, and its last day."""
    due = request.due(holidays) - timedelta(microseconds=1)
    return {"entry": request.index, "day": str(due.date())}
