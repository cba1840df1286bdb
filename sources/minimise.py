"""The allow-list, by member and by value: the one gate between an archive and a record.

By member: `part_of` names the few files that are read at all. Messages, contacts, locations, logins,
ads, likes made and bookmarks have no name here and are never opened.
By value: a row is turned into numbers and days by the `require_`/`find_` functions below, and the
readers take nothing out of a row except through them. Of a text only `starts_as_reshare` learns
anything, and that is one bit. What does not fit is `RowRefused`, which carries nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

_LARGEST_COUNT = 10**12  # beyond any platform; keeps sums and displays sane
_EARLIEST, _LATEST = date(1970, 1, 1), date(2100, 12, 31)
_PUBLIC = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}  # ActivityPub section 5.6
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
_X_TIME = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60) \+0000 (\d{4})", re.ASCII
)


class Label(StrEnum):
    """What we call the members that may be opened; errors name these and nothing else."""

    TWEETS = "tweets"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    LISTS = "lists"
    MANIFEST = "manifest"
    OUTBOX = "outbox"
    OLD_TWEETS = "tweets before 2018"  # recognised, never opened
    PACKAGE = "copy"  # a file of a copy that a Klarwert made: package.py


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One part of what may be read: large X archives number them, the first without a number."""

    label: Label
    number: int = 0


_STEMS = {
    "tweet": Label.TWEETS,
    "tweets": Label.TWEETS,
    "follower": Label.FOLLOWERS,
    "following": Label.FOLLOWING,
    "lists-member": Label.LISTS,
    "manifest": Label.MANIFEST,
}
_FOLDER = r"(?P<folder>(?!(?:.*/)?assets/)(?:[^/]+/){0,2}?)"  # people zip an unpacked archive with its folder
_X_MEMBER = re.compile(
    _FOLDER + rf"(?:data/)?(?P<stem>{'|'.join(_STEMS)})(?:-part(?P<number>[1-9]\d{{0,3}}))?\.js", re.ASCII
)
_OLD_X_MEMBER = re.compile(_FOLDER + r"data/js/tweets/\d{4}_\d\d\.js", re.ASCII)
_OUTBOX_MEMBER = re.compile(_FOLDER + r"outbox\.json")


def part_of(name: str) -> tuple[str, Part] | None:
    """The folder and part a member's name stands for, or None for all that is never opened."""
    if found := _X_MEMBER.fullmatch(name):
        return found["folder"], Part(_STEMS[found["stem"]], int(found["number"] or 0))
    if found := _OUTBOX_MEMBER.fullmatch(name):
        return found["folder"], Part(Label.OUTBOX)
    if found := _OLD_X_MEMBER.fullmatch(name):
        return found["folder"], Part(Label.OLD_TWEETS)
    return None


class RowRefused(Exception):
    """A value is not of the documented form; says nothing about it."""


def require_dict(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise RowRefused
    return value


def find_count(value: Any) -> int | None:
    """A counter, given as a number or (X) as its digits; None where the format has none."""
    if value is None:
        return None
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 13:
        value = int(value)
    if type(value) is not int or not 0 <= value <= _LARGEST_COUNT:
        raise RowRefused
    return value


def find_identifier(value: Any) -> int | None:
    """A post's own number (64 bits), kept in memory only to see two versions of one post as one."""
    if value is None:
        return None
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    raise RowRefused


def starts_as_reshare(text: Any) -> bool:
    """X marks a retweet by nothing but its first four characters (`retweeted` is always false)."""
    if type(text) is not str:
        raise RowRefused
    return text.startswith("RT @")


def require_x_day(value: Any) -> date:
    """The UTC day of `Wed Oct 10 20:19:24 +0000 2018`; month names are English in every locale."""
    found = _X_TIME.fullmatch(value) if type(value) is str else None
    if found is None:
        raise RowRefused
    return _x_day(*found.groups())


@lru_cache(maxsize=4096)
def _x_day(month: str, day: str, year: str) -> date:
    if month not in _MONTHS:
        raise RowRefused
    return _require_instant(f"{year}-{_MONTHS.index(month) // 4 + 1:02d}-{day}T00:00:00+00:00")


def require_iso_day(value: Any) -> date:
    """The UTC day of an ISO 8601 instant; one without an offset is no instant."""
    if type(value) is not str or len(value) > 40:
        raise RowRefused
    return _require_instant(value)


def _require_instant(text: str) -> date:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise RowRefused
        day = instant.astimezone(UTC).date()
    except (ValueError, OverflowError):
        raise RowRefused from None
    if not _EARLIEST <= day <= _LATEST:
        raise RowRefused
    return day


def is_public(activity: Mapping[str, Any]) -> bool:
    """Public (`to`) or unlisted (`cc`): whoever else is addressed is not looked at."""
    return any(_names_public(activity.get(key)) for key in ("to", "cc"))


def _names_public(audience: Any) -> bool:
    if type(audience) is list:
        return any(type(one) is str and one in _PUBLIC for one in audience)
    return type(audience) is str and audience in _PUBLIC
