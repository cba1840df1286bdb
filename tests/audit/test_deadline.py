"""Periods in months, as Regulation (EEC, Euratom) No 1182/71 Art. 3 counts them."""

from datetime import date

import pytest

from audit.deadline import due_on


@pytest.mark.parametrize(
    ("received", "months", "due"),
    [
        (date(2027, 1, 31), 1, date(2027, 3, 1)),  # no 31 February; the 28th is a Sunday
        (date(2026, 11, 20), 1, date(2026, 12, 21)),  # the 20th is a Sunday
        (date(2026, 11, 25), 1, date(2026, 12, 25)),  # a Friday
        (date(2026, 12, 31), 2, date(2027, 3, 1)),  # across the year's end
        (date(2028, 1, 31), 1, date(2028, 2, 29)),  # a leap year, and a Tuesday
        (date(2026, 11, 25), 3, date(2027, 2, 25)),
    ],
)
def test_a_period_of_months_ends_on_the_same_day_or_the_next_working_day(received, months, due):
    assert due_on(received, months) == due


def test_a_holiday_at_the_end_moves_it_on():
    assert due_on(date(2026, 11, 25), holidays={date(2026, 12, 25)}) == date(2026, 12, 28)
