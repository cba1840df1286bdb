"""Inputs a person typed or changed by hand: the keys of the record, of which only `platform` is required.

    {"platform": "mastodon", "followers": 1200, "likes_received": 5200}

One such object, a list of them, or {"records": [...]}. A figure left out or `null` is missing, not zero
(own posts, replies and reshares left out count as 0; they earn nothing). `missing` is worked out again, so
filling in a figure that a format does not give is enough to try it. Totals without weeks are spread evenly
over `first_day` to `last_day`, or belong to the window whole where these are left out (inputs.py); which
weeks had a response then is unknown, so consistency is missing. Where weeks give a figure, they count and
its total does not. An unknown key is refused: it is a typing error or personal data nobody asked for.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar

from model.errors import InputsRefused
from sources.activity import ActivityRecord, IsoWeek, Metric, Platform, Source, WeekActivity

_RECORD_KEYS = frozenset(field.name for field in fields(ActivityRecord))
_WEEK_KEYS = frozenset(field.name for field in fields(WeekActivity))
_MOST = 10**15

Known = TypeVar("Known", Platform, Source)


def records_from_inputs(data: object) -> list[ActivityRecord]:
    """Read one or several hand-made records.

    Raises:
        InputsRefused: not of the form above; the sentence names the key, never the value.
    """
    if isinstance(data, Mapping) and set(data) == {"records"}:
        data = data["records"]
    rows = data if isinstance(data, list) else [data]
    if not rows:
        raise InputsRefused("There is no record to score.")
    return [_record(_mapping(row, "record", _RECORD_KEYS)) for row in rows]


def _record(row: Mapping[str, Any]) -> ActivityRecord:
    return ActivityRecord(
        platform=_member(Platform, row.get("platform"), "platform"),
        source=_member(Source, row.get("source", Source.ARCHIVE.value), "source"),
        reader_version=_count(row, "reader_version") or 0,
        as_of=_day(row, "as_of"),
        followers=_count(row, "followers"),
        following=_count(row, "following"),
        listed=_count(row, "listed"),
        posts=_count(row, "posts") or 0,
        replies=_count(row, "replies") or 0,
        reshares_made=_count(row, "reshares_made") or 0,
        likes_received=_count(row, "likes_received"),
        reshares_received=_count(row, "reshares_received"),
        replies_received=_count(row, "replies_received"),
        views_received=_count(row, "views_received"),
        first_day=_day(row, "first_day"),
        last_day=_day(row, "last_day"),
        missing=tuple(metric for metric in Metric if row.get(metric.value) is None),
        weeks=_weeks(row.get("weeks")),
    )


def _weeks(rows: object) -> tuple[WeekActivity, ...]:
    if rows is None:
        return ()
    if not isinstance(rows, list):
        raise InputsRefused("“weeks” must be a list.", key="weeks")
    weeks = [_week(_mapping(row, "week", _WEEK_KEYS)) for row in rows]
    if len({week.week for week in weeks}) != len(weeks):
        raise InputsRefused("“weeks” holds a week twice.", key="weeks")
    return tuple(sorted(weeks, key=lambda week: week.week))


def _week(row: Mapping[str, Any]) -> WeekActivity:
    return WeekActivity(
        week=_iso_week(row.get("week")),
        posts=_count(row, "posts") or 0,
        replies=_count(row, "replies") or 0,
        reshares_made=_count(row, "reshares_made") or 0,
        likes_received=_count(row, "likes_received"),
        reshares_received=_count(row, "reshares_received"),
        replies_received=_count(row, "replies_received"),
        views_received=_count(row, "views_received"),
    )


def _mapping(row: object, kind: str, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise InputsRefused(f"A {kind} must be a JSON object.")
    if unknown := set(row) - known:
        raise InputsRefused(f"A {kind} has {len(unknown)} keys that are not known.", keys=len(unknown))
    return row


def _count(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise InputsRefused(f"“{name}” must be a whole number of at least 0, or null.", key=name)
    return value


def _day(row: Mapping[str, Any], name: str) -> date | None:
    value = row.get(name)
    try:
        return None if value is None else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputsRefused(f"“{name}” must be a day such as 2026-01-31, or null.", key=name) from None


def _iso_week(value: object) -> IsoWeek:
    try:
        year, week = str(value).split("-W")
        date.fromisocalendar(int(year), int(week), 1)
        return IsoWeek(int(year), int(week))
    except ValueError:
        raise InputsRefused("“week” must be an ISO week such as 2026-W05.", key="week") from None


def _member(kind: type[Known], value: Any, name: str) -> Known:
    try:
        return kind(value)
    except ValueError:
        raise InputsRefused(f"“{name}” is not one that is known.", key=name) from None
