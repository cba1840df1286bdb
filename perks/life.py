"""The life of one person's part in one offer: every state, every event, and who may cause it; pure.

    (state, event) -> the next state, and the roles that may cause the step

What the table does not hold is refused (`StepIllegal`). `visible` has no row: who only looks is nowhere on
record. `erased` deletes the row. Two overlays are derived from what stands now and never stored: *frozen*
while the person restricted or objected, *revoked* while the brand may receive nothing. Under either only
`withdraw` passes. Nothing in here, and nothing that follows from it, touches a score. Drawn: docs/perks.md.

Source: GDPR Art. 7(3), 18, 22(3); UWG § 5a(4).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from audit.entry import ActorRole
from vault.errors import DomainError


class State(StrEnum):
    """Where a participation stands."""

    OPTED_IN = "opted_in"  # the person wants it, and nothing was worked out yet
    NOT_ELIGIBLE = "not_eligible"  # worked out, with reasons; no brand learns of it
    IN_REVIEW = "in_review"  # a human looks at a no
    CONFIRMED_NO = "confirmed_no"
    ELIGIBLE = "eligible"
    PREVIEWED = "previewed"  # the person saw the exact values
    DECLINED = "declined"
    CONSENTED = "consented"
    DISCLOSED = "disclosed"  # the brand read them
    CLAIMED = "claimed"
    POST_DUE = "post_due"
    POST_SUBMITTED = "post_submitted"
    LABEL_MISSING = "label_missing"  # within the time to mend it
    POST_MISSED = "post_missed"
    DONE = "done"
    LAPSED = "lapsed"  # the offer was over before anything was claimed
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What may happen to one."""

    OPT_IN = "opt_in"
    FIND_ELIGIBLE = "find_eligible"
    FIND_INELIGIBLE = "find_ineligible"
    RECHECK = "recheck"  # figures or the person's own profile changed
    ASK_REVIEW = "ask_review"
    REVIEW_ADMITS = "review_admits"
    REVIEW_CONFIRMS = "review_confirms"
    PREVIEW = "preview"
    DECLINE = "decline"
    CONSENT = "consent"
    DISCLOSE = "disclose"
    CLAIM = "claim"
    POST_FALLS_DUE = "post_falls_due"
    FINISH = "finish"
    SUBMIT_POST = "submit_post"
    LABEL_OK = "label_ok"
    LABEL_LACKS = "label_lacks"
    MISS = "miss"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"


class Overlay(StrEnum):
    """What stands over every state, derived from what is in force now."""

    FROZEN = "frozen"
    REVOKED = "revoked"


class StepIllegal(DomainError):
    """This cannot happen to a participation as it stands, or not by whoever tried."""

    slug = "step-illegal"
    title = "Not possible at this point"

    def __init__(self, state: State | None, event: Event, overlay: Overlay | None = None) -> None:
        stands = overlay or state or "not begun"
        super().__init__(
            f"“{event.value}” is not possible: the participation is “{stands}”.",
            state=str(stands),
            event=event.value,
        )


@dataclass(frozen=True)
class Step:
    """One row of the table."""

    to: State
    by: frozenset[ActorRole]


PERSON = frozenset({ActorRole.SUBJECT})
CLOCK = frozenset({ActorRole.WORKER, ActorRole.SYSTEM})
HUMAN = frozenset({ActorRole.REVIEWER})
BRAND = frozenset({ActorRole.RECIPIENT})
# Whoever ends a consent ends what rests on it: the person, the clock, or staff with a reason.
ENDING = PERSON | CLOCK | {ActorRole.STAFF, ActorRole.OPERATOR}

BEFORE_CLAIM = (
    State.OPTED_IN,
    State.NOT_ELIGIBLE,
    State.IN_REVIEW,
    State.CONFIRMED_NO,
    State.ELIGIBLE,
    State.PREVIEWED,
    State.DECLINED,
    State.CONSENTED,
    State.DISCLOSED,
)
# What was claimed and is not at its end: here a brand may still read, although its offer is closed.
RUNNING = (
    State.CLAIMED,
    State.POST_DUE,
    State.POST_SUBMITTED,
    State.LABEL_MISSING,
    State.POST_MISSED,
)
# Stands on a consent to share; whatever comes before it rests on the consent to matching.
SHARING = (State.CONSENTED, State.DISCLOSED, *RUNNING, State.DONE)
CLOSED = (State.DONE, State.LAPSED, State.WITHDRAWN)


def _rows() -> Iterator[tuple[State | None, Event, State, frozenset[ActorRole]]]:
    yield None, Event.OPT_IN, State.OPTED_IN, PERSON
    yield State.WITHDRAWN, Event.OPT_IN, State.OPTED_IN, PERSON  # unless something was claimed
    yield State.OPTED_IN, Event.FIND_ELIGIBLE, State.ELIGIBLE, PERSON
    yield State.OPTED_IN, Event.FIND_INELIGIBLE, State.NOT_ELIGIBLE, PERSON
    for state in (
        State.NOT_ELIGIBLE,
        State.IN_REVIEW,
        State.CONFIRMED_NO,
        State.ELIGIBLE,
        State.PREVIEWED,
        State.DECLINED,
    ):
        yield state, Event.RECHECK, State.OPTED_IN, PERSON
    yield State.NOT_ELIGIBLE, Event.ASK_REVIEW, State.IN_REVIEW, PERSON
    yield State.IN_REVIEW, Event.REVIEW_ADMITS, State.ELIGIBLE, HUMAN
    yield State.IN_REVIEW, Event.REVIEW_CONFIRMS, State.CONFIRMED_NO, HUMAN
    for state in (State.ELIGIBLE, State.PREVIEWED, State.DECLINED):
        yield state, Event.PREVIEW, State.PREVIEWED, PERSON
    yield State.PREVIEWED, Event.DECLINE, State.DECLINED, PERSON
    yield State.PREVIEWED, Event.CONSENT, State.CONSENTED, PERSON
    for state in (State.CONSENTED, State.DISCLOSED):
        yield state, Event.DISCLOSE, State.DISCLOSED, BRAND
        yield state, Event.CLAIM, State.CLAIMED, PERSON  # nobody waits for a brand's machine
        yield state, Event.CONSENT, State.CONSENTED, PERSON  # anew: to other values, or once more
    for state in RUNNING:
        yield state, Event.CONSENT, state, PERSON
    for state in (*RUNNING, State.DONE):
        yield state, Event.DISCLOSE, state, BRAND
    yield State.CLAIMED, Event.POST_FALLS_DUE, State.POST_DUE, PERSON | BRAND | CLOCK
    yield State.CLAIMED, Event.FINISH, State.DONE, PERSON | BRAND | CLOCK
    for state in (State.POST_DUE, State.LABEL_MISSING, State.POST_MISSED):
        yield state, Event.SUBMIT_POST, State.POST_SUBMITTED, PERSON
    yield State.POST_SUBMITTED, Event.LABEL_OK, State.DONE, PERSON | HUMAN
    yield State.POST_SUBMITTED, Event.LABEL_LACKS, State.LABEL_MISSING, PERSON | HUMAN
    for state in (State.POST_DUE, State.LABEL_MISSING):
        yield state, Event.MISS, State.POST_MISSED, CLOCK
    for state in BEFORE_CLAIM:
        yield state, Event.LAPSE, State.LAPSED, CLOCK
    for state in State:
        if state is not State.WITHDRAWN:
            yield state, Event.WITHDRAW, State.WITHDRAWN, ENDING


TRANSITIONS: Mapping[tuple[State | None, Event], Step] = MappingProxyType(
    {(state, event): Step(to, by) for state, event, to, by in _rows()}
)


def follow(state: State | None, event: Event, role: ActorRole, overlays: frozenset[Overlay]) -> State:
    """Where an event leads.

    Raises:
        StepIllegal: not from this state, not by this role, or not under an overlay.
    """
    step = TRANSITIONS.get((state, event))
    if step is None or role not in step.by:
        raise StepIllegal(state, event)
    if overlays and event is not Event.WITHDRAW:
        raise StepIllegal(state, event, min(overlays))
    return step.to


def possible(state: State | None, role: ActorRole) -> frozenset[Event]:
    """What a role may do about a participation that nothing stands over."""
    return frozenset(
        event for (start, event), step in TRANSITIONS.items() if start is state and role in step.by
    )


def drawn() -> str:
    """The table as docs/perks.md prints it."""
    lines = ["| from | event | by | to |", "|---|---|---|---|"]
    for (state, event), step in TRANSITIONS.items():
        by = ", ".join(sorted(step.by))
        lines.append(f"| {state.value if state else '—'} | {event.value} | {by} | {step.to.value} |")
    return "\n".join(lines) + "\n"
