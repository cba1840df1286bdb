"""The life of a participation, walked exhaustively: every state, every event, every role, every overlay."""

from itertools import chain, combinations

import pytest

from audit.entry import ActorRole
from perks.life import (
    BEFORE_CLAIM,
    CLOCK,
    CLOSED,
    PERSON,
    RUNNING,
    SHARING,
    TRANSITIONS,
    Event,
    Overlay,
    State,
    StepIllegal,
    drawn,
    follow,
    possible,
)
from tests.architecture.checkout import ROOT

STATES = (None, *State)
OVERLAYS = [frozenset(some) for count in range(3) for some in combinations(Overlay, count)]
NONE: frozenset[Overlay] = frozenset()


def paths() -> dict[State, list[Event]]:
    """A shortest way to every state, as anybody together may cause it."""
    found: dict[State, list[Event]] = {}
    edge: list[tuple[State | None, list[Event]]] = [(None, [])]
    while edge:
        state, before = edge.pop(0)
        for role in ActorRole:
            for event in sorted(possible(state, role)):
                to = follow(state, event, role, NONE)
                if to not in found:
                    found[to] = [*before, event]
                    edge.append((to, found[to]))
    return found


def test_what_the_table_does_not_hold_is_refused_for_every_state_event_role_and_overlay():
    tried = 0
    for state in STATES:
        for event in Event:
            for role in ActorRole:
                for overlays in OVERLAYS:
                    step = TRANSITIONS.get((state, event))
                    stands = not overlays or event is Event.WITHDRAW
                    tried += 1
                    if step is not None and role in step.by and stands:
                        assert follow(state, event, role, overlays) is step.to
                    else:
                        with pytest.raises(StepIllegal) as refused:
                            follow(state, event, role, overlays)
                        assert refused.value.facts["event"] == event.value
    assert tried == len(STATES) * len(Event) * len(ActorRole) * 4


def test_every_state_is_reached_and_every_event_leads_somewhere():
    assert set(paths()) == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_one_may_always_leave_and_only_the_person_the_clock_or_staff_makes_it_so():
    for state in set(State) - {State.WITHDRAWN}:
        step = TRANSITIONS[state, Event.WITHDRAW]
        assert step.to is State.WITHDRAWN
        assert step.by == PERSON | CLOCK | {ActorRole.STAFF, ActorRole.OPERATOR}


def test_a_brand_can_read_after_the_consent_and_nowhere_else_and_can_do_little_else():
    readable = {state for (state, event) in TRANSITIONS if event is Event.DISCLOSE}
    of_the_brand = {event for (_, event), step in TRANSITIONS.items() if ActorRole.RECIPIENT in step.by}

    assert readable == set(SHARING)
    assert of_the_brand == {Event.DISCLOSE, Event.POST_FALLS_DUE, Event.FINISH}


@pytest.mark.parametrize(
    "needed",
    [
        (Event.CONSENT, SHARING),
        (Event.PREVIEW, SHARING),
        (Event.CLAIM, (*RUNNING, State.DONE)),
        (Event.SUBMIT_POST, (State.POST_SUBMITTED, State.LABEL_MISSING)),
        (Event.ASK_REVIEW, (State.CONFIRMED_NO,)),
    ],
    ids=lambda needed: needed[0].value,
)
def test_no_way_leads_around_a_step_that_must_come_before(needed):
    event, states = needed
    seen: set[State | None] = {None}
    edge: list[State | None] = [None]
    while edge:
        state = edge.pop()
        for (start, other), step in TRANSITIONS.items():
            if start is state and other is not event and step.to not in seen:
                seen.add(step.to)
                edge.append(step.to)

    assert not seen & set(states)


def test_a_yes_is_the_persons_alone_and_a_reviewed_no_a_humans():
    for event in (Event.OPT_IN, Event.PREVIEW, Event.CONSENT, Event.DECLINE, Event.CLAIM, Event.SUBMIT_POST):
        by = chain.from_iterable(step.by for (_, found), step in TRANSITIONS.items() if found is event)
        assert set(by) == {ActorRole.SUBJECT}
    for event in (Event.REVIEW_ADMITS, Event.REVIEW_CONFIRMS):
        assert TRANSITIONS[State.IN_REVIEW, event].by == {ActorRole.REVIEWER}


def test_what_is_closed_is_left_only_to_withdraw_to_be_read_once_or_to_begin_again():
    leaving = {event for (state, event) in TRANSITIONS if state in CLOSED}

    assert leaving == {Event.WITHDRAW, Event.DISCLOSE, Event.OPT_IN}
    assert {state for (state, event) in TRANSITIONS if event is Event.LAPSE} == set(BEFORE_CLAIM)


def test_the_drawn_table_is_the_one_in_the_code():
    text = (ROOT / "docs" / "perks.md").read_text(encoding="utf-8")

    assert drawn() in text
