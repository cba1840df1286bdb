"""From one network's record to the six inputs of the points card, still in that network's own units.

    audience       followers, as counted on the day the data was made
    recognition    lists the person was put on
    conversation   replies received        per week  \
    amplification  reshares received       per week   } sum over the window, divided by 52
    appreciation   likes received          per week  /
    consistency    weeks of the window with at least one like, reshare or reply

The window is the 52 ISO weeks that end with the week of `as_of` (else of the last day seen). The divisor
is always 52, never the weeks seen: a ratio with a movable denominator could fall while every count rises.
A figure the format does not give is `None`, never 0. Where no week gives a figure but its total is known,
the total is spread evenly over first day to last day, and what falls into the window counts.
Own posts are read only for the width of the band; they earn nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Literal

import rfc8785

from model.errors import InputsRefused
from sources.activity import ActivityRecord, IsoWeek, Platform, Source, WeekActivity

WINDOW_WEEKS = 52

ResponseName = Literal["likes_received", "reshares_received", "replies_received"]


class Criterion(StrEnum):
    """What points are given for, in the order in which they are shown."""

    AUDIENCE = "audience"
    RECOGNITION = "recognition"
    CONVERSATION = "conversation"
    AMPLIFICATION = "amplification"
    APPRECIATION = "appreciation"
    CONSISTENCY = "consistency"


@dataclass(frozen=True, slots=True)
class Window:
    """Whole ISO weeks, from a Monday to a Sunday, both included."""

    starts_on: date
    ends_on: date

    def holds(self, week: IsoWeek) -> bool:
        monday = date.fromisocalendar(week.year, week.week, 1)
        return self.starts_on <= monday <= self.ends_on

    def days_shared(self, first: date, last: date) -> int:
        return max(0, (min(self.ends_on, last) - max(self.starts_on, first)).days + 1)


@dataclass(frozen=True, slots=True)
class PlatformInputs:
    """One network's inputs in its own units; `None` means that its format does not give the figure."""

    platform: Platform
    source: Source
    as_of: date | None
    window: Window | None
    values: Mapping[Criterion, float | None]
    response_weeks: frozenset[IsoWeek] | None
    posts: float
    weeks_seen: int

    @property
    def missing(self) -> tuple[Criterion, ...]:
        """The criteria this network's data say nothing about: shown beside the score, never inside it."""
        return tuple(criterion for criterion, value in self.values.items() if value is None)


def platform_inputs(record: ActivityRecord, *, ends_on: date | None = None) -> PlatformInputs:
    """Read the six inputs out of one record.

    Args:
        ends_on: the day whose ISO week ends the window; by default the day the data speaks of.

    Raises:
        InputsRefused: a count is negative or not finite.
    """
    window = _window(record, ends_on)
    answered = _response_weeks(record, window)
    values: dict[Criterion, float | None] = {
        Criterion.AUDIENCE: _number(record.followers),
        Criterion.RECOGNITION: _number(record.listed),
        Criterion.CONVERSATION: _per_week(record, "replies_received", window),
        Criterion.AMPLIFICATION: _per_week(record, "reshares_received", window),
        Criterion.APPRECIATION: _per_week(record, "likes_received", window),
        Criterion.CONSISTENCY: None if answered is None else float(len(answered)),
    }
    _refuse_impossible(values)
    return PlatformInputs(
        platform=record.platform,
        source=record.source,
        as_of=record.as_of or record.last_day,
        window=window,
        values=values,
        response_weeks=answered,
        posts=_posts(record, window),
        weeks_seen=_weeks_seen(record, window),
    )


def _window(record: ActivityRecord, ends_on: date | None) -> Window | None:
    day = ends_on or record.as_of or record.last_day
    if day is None and record.weeks:
        last = max(week.week for week in record.weeks)
        day = date.fromisocalendar(last.year, last.week, 7)
    if day is None:
        return None
    sunday = day + timedelta(days=7 - day.isoweekday())
    return Window(sunday - timedelta(days=7 * WINDOW_WEEKS - 1), sunday)


def _number(count: int | None) -> float | None:
    return None if count is None else float(count)


def _within(record: ActivityRecord, window: Window | None) -> list[WeekActivity]:
    return [week for week in record.weeks if window is not None and window.holds(week.week)]


def _per_week(record: ActivityRecord, name: ResponseName, window: Window | None) -> float | None:
    if any(getattr(week, name) is not None for week in record.weeks):
        return sum(getattr(week, name) or 0 for week in _within(record, window)) / WINDOW_WEEKS
    total: int | None = getattr(record, name)
    return None if total is None else total * _share_in(record, window) / WINDOW_WEEKS


def _share_in(record: ActivityRecord, window: Window | None) -> float:
    """The part of first day to last day that lies in the window; everything where no days are given."""
    if window is None or record.first_day is None or record.last_day is None:
        return 1.0
    span = (record.last_day - record.first_day).days + 1
    return window.days_shared(record.first_day, record.last_day) / span if span > 0 else 0.0


def _response_weeks(record: ActivityRecord, window: Window | None) -> frozenset[IsoWeek] | None:
    """The window's weeks with a response; `None` where none or only a total of responses is known."""
    if any(_responses(week) is not None for week in record.weeks):
        return frozenset(week.week for week in _within(record, window) if _responses(week))
    totals = (record.likes_received, record.reshares_received, record.replies_received)
    known = [total for total in totals if total is not None]
    return frozenset() if known and not any(known) else None


def _responses(week: WeekActivity) -> int | None:
    known = [
        count
        for count in (week.likes_received, week.reshares_received, week.replies_received)
        if count is not None
    ]
    return sum(known) if known else None


def _posts(record: ActivityRecord, window: Window | None) -> float:
    if record.weeks:
        return float(sum(week.posts for week in _within(record, window)))
    return record.posts * _share_in(record, window)


def _weeks_seen(record: ActivityRecord, window: Window | None) -> int:
    """Weeks of the window that the data reaches back into."""
    mondays = [date.fromisocalendar(week.week.year, week.week.week, 1) for week in record.weeks]
    first = record.first_day or min(mondays, default=None)
    if window is None or first is None or first > window.ends_on:
        return 0
    return (window.ends_on - max(window.starts_on, first)).days // 7 + 1


def _refuse_impossible(values: Mapping[Criterion, float | None]) -> None:
    for criterion, value in values.items():
        if value is not None and not 0 <= value < float("inf"):
            raise InputsRefused(
                f"The input of “{criterion}” must be a number of at least 0.", criterion=criterion.value
            )


def inputs_to_json(inputs: PlatformInputs) -> dict[str, Any]:
    """The JSON form, in the network's own units; `inputs_from_json` reads it back unchanged."""
    weeks = inputs.response_weeks
    return {
        "platform": inputs.platform.value,
        "source": inputs.source.value,
        "as_of": inputs.as_of.isoformat() if inputs.as_of is not None else None,
        "window": [inputs.window.starts_on.isoformat(), inputs.window.ends_on.isoformat()]
        if inputs.window is not None
        else None,
        "values": {criterion.value: value for criterion, value in inputs.values.items()},
        "response_weeks": [str(week) for week in sorted(weeks)] if weeks is not None else None,
        "posts": inputs.posts,
        "weeks_seen": inputs.weeks_seen,
    }


def inputs_from_json(row: Mapping[str, Any]) -> PlatformInputs:
    """Read what `inputs_to_json` wrote."""
    weeks = row["response_weeks"]
    return PlatformInputs(
        platform=Platform(row["platform"]),
        source=Source(row["source"]),
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] is not None else None,
        window=Window(*map(date.fromisoformat, row["window"])) if row["window"] is not None else None,
        values={criterion: row["values"][criterion.value] for criterion in Criterion},
        response_weeks=frozenset(map(_iso_week, weeks)) if weeks is not None else None,
        posts=row["posts"],
        weeks_seen=row["weeks_seen"],
    )


def features_digest(networks: Sequence[PlatformInputs]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of what was scored: with the card's, it names a score."""
    rows = sorted((inputs_to_json(one) for one in networks), key=lambda row: str(row["platform"]))
    return hashlib.sha256(rfc8785.dumps(rows)).hexdigest()


def _iso_week(text: str) -> IsoWeek:
    year, week = text.split("-W")
    return IsoWeek(int(year), int(week))
