"""A request about a right: its clock, its steps, and what is sealed of it."""

from datetime import timedelta

import pytest

from audit.entry import parse
from rights.clock import pause, resume
from rights.errors import RequestStateWrong, RequestUnknown
from rights.request import (
    Channel,
    RequestState,
    Right,
    lines_of,
    move,
    open_request,
    require_request,
    say,
)
from tests.people import new_person

SAID = "my followers are wrong, says Ada"


def test_what_was_asked_and_answered_is_sealed_and_every_step_is_in_the_log(house, person):
    with house.open_vault("subject") as vault:
        request = open_request(vault, person.subject_id, Right.RECTIFICATION, Channel.PAGE, SAID)
        reference = request.reference
    with house.open_vault("staff", "anna") as vault:
        request = require_request(vault, person.subject_id, reference)
        move(vault, request, RequestState.IN_PROGRESS)
        say(vault, request, "done")
        move(vault, request, RequestState.FULFILLED)
        actions = [parse(body).action for body in vault.journal]

    with house.open_reading_vault() as vault:
        request = require_request(vault, person.subject_id, reference)
        assert SAID.encode() not in request.content
        assert [(line.by, line.text) for line in lines_of(vault, request)] == [
            ("person", SAID),
            ("anna", "done"),
        ]
        assert request.closed_by == "anna"
    assert actions == ["rights.answered"]


def test_the_term_is_a_month_and_rests_while_an_identity_answer_is_open(house, person, clock):
    with house.open_vault("subject") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.STAFF)
        due = request.due_at
        pause(vault, request)
        clock.advance(timedelta(days=3))
        resume(vault, request)

        assert due.isoformat() == "2026-12-22T00:00:00+00:00"  # the end of Monday 21 December
        assert request.due_at == due + timedelta(days=3)


def test_a_closed_request_stays_closed_and_somebody_elses_is_unknown(house):
    person, other = new_person(house), new_person(house, "bob@example.org")

    with house.open_vault("subject") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.PAGE)
        move(vault, request, RequestState.WITHDRAWN)

        with pytest.raises(RequestStateWrong):
            move(vault, request, RequestState.IN_PROGRESS)
        with pytest.raises(RequestUnknown):
            require_request(vault, other.subject_id, request.reference)


def test_nobody_refuses_without_a_refusal_being_proposed_first(sqlite_house, person):
    with sqlite_house.open_vault("staff", "anna") as vault:
        request = open_request(vault, person.subject_id, Right.ACCESS, Channel.STAFF)

        with pytest.raises(RequestStateWrong):
            move(vault, request, RequestState.REFUSED)
