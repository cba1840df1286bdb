"""The record as JSON, for `klarwert read`, for the sealed row and for the person's own copy.

`null` is "the format does not say" in every place. `posts`, `replies` and `reshares_made` are numbers in the
record; where `missing` names them (an X archive without its tweets) they are written as `null` and read as 0.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from sources.activity import ActivityRecord, IsoWeek, Metric, Platform, Source, WeekActivity
from sources.errors import RecordInvalid

_T = TypeVar("_T")
_RECORD_KEYS = frozenset(field.name for field in fields(ActivityRecord))
_WEEK_KEYS = frozenset(field.name for field in fields(WeekActivity))
_ALWAYS_COUNTED = frozenset({Metric.POSTS, Metric.REPLIES, Metric.RESHARES_MADE})


def record_to_json(record: ActivityRecord) -> dict[str, Any]:
    """The record in JSON's own types, keys in the order people read them."""
    return {
        "platform": record.platform.value,
        "source": record.source.value,
        "reader_version": record.reader_version,
        "as_of": _day_text(record.as_of),
        **{metric.value: _figure(record, metric) for metric in Metric},
        "first_day": _day_text(record.first_day),
        "last_day": _day_text(record.last_day),
        "missing": [metric.value for metric in record.missing],
        "weeks": [_week_to_json(week) for week in record.weeks],
    }


def record_from_json(data: Mapping[str, Any]) -> ActivityRecord:
    """Read back what `record_to_json` wrote, and nothing else.

    Raises:
        RecordInvalid: a key is unknown or absent, or a value has the wrong type or order.
    """
    try:
        return _record(data)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise RecordInvalid from None


_WEEKS = b'"weeks":['
_NUMBER: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 0}
_DAY: Mapping[str, Any] = {"type": ["string", "null"], "format": "date"}
_WEEK_PROPERTIES: Mapping[str, Any] = {"week": {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"}} | {
    field.name: _NUMBER for field in fields(WeekActivity) if field.name != "week"
}
_OUTLINE_PROPERTIES: Mapping[str, Any] = {
    "platform": {"enum": [platform.value for platform in Platform]},
    "source": {"enum": [source.value for source in Source]},
    "reader_version": {"type": "integer"},
    **{metric.value: _NUMBER for metric in Metric},
    **dict.fromkeys(("as_of", "first_day", "last_day"), _DAY),
    "missing": {"type": "array", "items": {"enum": [metric.value for metric in Metric]}},
}


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": sorted(properties),
        "additionalProperties": False,
    }


WEEK_FORM = _closed(_WEEK_PROPERTIES)
OUTLINE_FORM = _closed(_OUTLINE_PROPERTIES)


def outline(plain: bytes) -> dict[str, Any]:
    """A sealed record's figures without its weeks, which may be many.

    Args:
        plain: the record as it is sealed: compact, `weeks` last, no string in it that is not a closed word.
    """
    head = plain[: plain.index(_WEEKS)].rstrip(b",") + b"}"
    figures: dict[str, Any] = json.loads(head)
    return figures


def week_lines(plain: bytes) -> Iterator[bytes]:
    """A sealed record's weeks as JSON objects, one at a time and none of them parsed."""
    start = plain.index(_WEEKS) + len(_WEEKS)
    while plain[start : start + 1] == b"{":
        end = plain.index(b"}", start) + 1  # a week holds no object, and no string but its own name
        yield plain[start:end]
        start = end + 1


def _figure(record: ActivityRecord, metric: Metric) -> int | None:
    if metric in _ALWAYS_COUNTED and metric in record.missing:
        return None
    figure: int | None = getattr(record, metric.value)
    return figure


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _week_to_json(week: WeekActivity) -> dict[str, Any]:
    return {
        field.name: str(week.week) if field.name == "week" else getattr(week, field.name)
        for field in fields(WeekActivity)
    }


def _record(data: Mapping[str, Any]) -> ActivityRecord:
    _require_keys(data, _RECORD_KEYS)
    missing = tuple(Metric(name) for name in _list(data["missing"]))
    weeks = tuple(_week(week) for week in _list(data["weeks"]))
    absent = tuple(metric for metric in Metric if data[metric.value] is None)
    if missing != absent or any(one.week >= other.week for one, other in pairwise(weeks)):
        raise ValueError
    return ActivityRecord(
        platform=Platform(data["platform"]),
        source=Source(data["source"]),
        reader_version=_count(data["reader_version"]),
        as_of=_optional(_day, data["as_of"]),
        **{metric.value: _metric(data, metric) for metric in Metric},
        first_day=_optional(_day, data["first_day"]),
        last_day=_optional(_day, data["last_day"]),
        missing=missing,
        weeks=weeks,
    )


def _metric(data: Mapping[str, Any], metric: Metric) -> Any:
    if metric in _ALWAYS_COUNTED and data[metric.value] is None:
        return 0
    return _optional(_count, data[metric.value])


def _week(data: Any) -> WeekActivity:
    _require_keys(data, _WEEK_KEYS)
    year, number = data["week"].split("-W")
    week = IsoWeek(int(year), int(number))
    date.fromisocalendar(week.year, week.week, 1)
    if str(week) != data["week"]:
        raise ValueError
    return WeekActivity(
        week=week,
        posts=_count(data["posts"]),
        replies=_count(data["replies"]),
        reshares_made=_count(data["reshares_made"]),
        likes_received=_optional(_count, data["likes_received"]),
        reshares_received=_optional(_count, data["reshares_received"]),
        replies_received=_optional(_count, data["replies_received"]),
        views_received=_optional(_count, data["views_received"]),
    )


def _require_keys(data: Any, keys: frozenset[str]) -> None:
    if not isinstance(data, Mapping) or data.keys() != keys:
        raise ValueError


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value


def _day(value: Any) -> date:
    day = date.fromisoformat(value)
    if day.isoformat() != value:
        raise ValueError
    return day


def _optional(read: Callable[[Any], _T], value: Any) -> _T | None:
    return None if value is None else read(value)
