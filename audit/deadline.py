"""When an answer is due: periods in months as Regulation (EEC, Euratom) No 1182/71 counts them; pure.

The day of the event is not counted. A period of months ends with the same day of the month, or with the
month's last day where it has no such day (Art. 3(2)(c)). An end on a Saturday, Sunday or public holiday
moves to the end of the next working day (Art. 3(4)). Used for GDPR Art. 12(3).
"""

import calendar
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

ANSWER_MONTHS = 1
EXTENSION_MONTHS = 2  # beyond the first
SATURDAY = 5


def due_on(received_on: date, months: int = ANSWER_MONTHS, holidays: Collection[date] = ()) -> date:
    """The last day of a period of months that runs from an event.

    31 January 2027 plus one month is Sunday 28 February, hence Monday 1 March 2027.
    """
    return working_day(last_day(received_on, months), holidays)


def last_day(received_on: date, months: int = ANSWER_MONTHS) -> date:
    """The day a period of months ends on by the calendar alone, weekends and holidays not minded."""
    years, month = divmod(received_on.month - 1 + months, 12)
    year, month = received_on.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(received_on.day, last))


def target_on(due: date, holidays: Collection[date] = ()) -> date:
    """The day we mean to answer on: the last working day before the one the law allows."""
    day = due - timedelta(days=1)
    while working_day(day, holidays) != day:
        day -= timedelta(days=1)
    return day


def working_day(day: date, holidays: Collection[date] = ()) -> date:
    """The day itself, or the next one that is neither weekend nor holiday."""
    while day.weekday() >= SATURDAY or day in holidays:
        day += timedelta(days=1)
    return day


def end_of(day: date) -> datetime:
    """The last instant of a day, as the first of the next one."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
