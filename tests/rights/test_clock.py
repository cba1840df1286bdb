"""The clock of a request with time moved: terms, rests, the extension, and what is late."""

from datetime import UTC, date, datetime, timedelta

import pytest

from audit.deadline import last_day, target_on
from rights.clock import ExtensionReason, escalate, escalate_due, extend, pause, resume, urgency
from rights.errors import ExtensionRefused, IdentityKnown, ReasonsMissing
from rights.request import Channel, Escalation, RequestState, Right, move, open_request

JANUARY = datetime(2027, 1, 31, 9, 30, tzinfo=UTC)


def asked(vault, person, channel=Channel.PAGE):
    return open_request(vault, person.subject_id, Right.ACCESS, channel, "everything, please")


def test_a_request_of_31_january_is_due_on_1_march_and_meant_for_26_february(sqlite_house, person, clock):
    clock.now = JANUARY

    with sqlite_house.open_vault("subject") as vault:
        request = asked(vault, person)

        assert request.due_on == date(2027, 3, 1)
        assert target_on(request.due_on) == date(2027, 2, 26)
        assert last_day(JANUARY.date()) == date(2027, 2, 28)


def test_holidays_of_the_seat_move_the_term(sqlite_house, person, clock):
    clock.now = JANUARY

    with sqlite_house.open_vault("subject") as vault:
        vault.holidays = {date(2027, 3, 1), date(2027, 2, 26)}
        request = asked(vault, person)

        assert request.due_on == date(2027, 3, 2)
        assert target_on(request.due_on, vault.holidays) == date(2027, 2, 25)


@pytest.mark.parametrize(
    ("day", "is_taken"), [(date(2027, 2, 28), True), (date(2027, 3, 1), False), (date(2027, 3, 4), False)]
)
def test_a_term_is_extended_inside_the_first_month_only(sqlite_house, person, clock, day, is_taken):
    clock.now = JANUARY
    with sqlite_house.open_vault("staff", "anna") as vault:
        request = asked(vault, person)
        clock.now = datetime.combine(day, JANUARY.time(), UTC)

        if is_taken:
            extend(vault, request, ExtensionReason.COMPLEXITY, "Three archives have to be read.")
            assert request.due_on == date(2027, 4, 30)
            with pytest.raises(ExtensionRefused):
                extend(vault, request, ExtensionReason.NUMBER, "And again.")
        else:  # 4 March is day 32: the day it came in is not counted
            with pytest.raises(ExtensionRefused):
                extend(vault, request, ExtensionReason.COMPLEXITY, "Three archives have to be read.")
            assert request.due_on == date(2027, 3, 1)


def test_an_extension_without_words_to_the_person_is_none(sqlite_house, person):
    with sqlite_house.open_vault("staff", "anna") as vault, pytest.raises(ReasonsMissing):
        extend(vault, asked(vault, person), ExtensionReason.NUMBER, " ")


def test_the_clock_rests_for_a_letter_only_and_every_rest_is_kept(house, person, clock):
    with house.open_vault("staff", "anna") as vault:
        with pytest.raises(IdentityKnown):
            pause(vault, asked(vault, person))
        letter = asked(vault, person, Channel.STAFF)
        due = letter.due_on
        for rested in (timedelta(days=2), timedelta(days=1, hours=20)):
            pause(vault, letter)
            assert urgency(letter, clock.now + timedelta(days=60)) is None
            clock.advance(rested)
            resume(vault, letter)

        assert [
            datetime.fromisoformat(ended) - datetime.fromisoformat(began) for began, ended in letter.pauses
        ] == [timedelta(days=2), timedelta(days=1, hours=20)]
        assert letter.due_on == due + timedelta(days=3)  # 3 days and 20 hours: whole days count


def test_a_question_that_is_not_about_identity_stops_no_clock(sqlite_house, person, clock):
    with sqlite_house.open_vault("staff", "anna") as vault:
        request = asked(vault, person)
        move(vault, request, RequestState.WAITING)
        clock.advance(timedelta(days=9))
        resume(vault, request)

        assert request.due_on == date(2026, 12, 21)
        assert request.pauses == []


def test_what_is_soon_due_and_what_is_late_is_found_once_each(sqlite_house, person, clock):
    with sqlite_house.open_vault("subject") as vault:
        asked(vault, person)

    def found():
        with sqlite_house.open_vault("system") as vault:
            return list(escalate_due(vault))

    assert found() == []
    clock.now = datetime(2026, 12, 18, tzinfo=UTC)
    assert (found(), found()) == ([Escalation.SOON_DUE], [])
    clock.now = datetime(2026, 12, 22, tzinfo=UTC)
    assert (found(), found()) == ([Escalation.OVERDUE], [])


def test_an_escalation_leaves_a_request_open_and_only_rises(sqlite_house, person):
    with sqlite_house.open_vault("system") as vault:
        request = asked(vault, person)

        assert escalate(vault, request, Escalation.JOB_FAILED)
        assert not escalate(vault, request, Escalation.SOON_DUE)
        assert (request.state, request.escalation) == (RequestState.RECEIVED, Escalation.JOB_FAILED)
        assert urgency(request, vault.now()) is Escalation.JOB_FAILED
