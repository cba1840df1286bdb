"""Sums by ISO week, built up act by act; the order of the acts makes no difference.

A received counter belongs to the week of the post that received it. A week in which posts were made
but none carried the counter has `None` there, not 0; a week without posts received 0 by any account,
if the format knows the counter at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import NamedTuple

from sources.activity import ActivityRecord, IsoWeek, Metric, Platform, Source, WeekActivity


class Kind(Enum):
    """What an act is to the record."""

    POST = auto()
    REPLY = auto()
    PRIVATE_REPLY = auto()  # written, but not for all: counts as a reply, not as a post
    PRIVATE_POST = auto()  # only shows that the week was not idle
    RESHARE = auto()


_IS_POST = {Kind.POST, Kind.REPLY}
_IS_REPLY = {Kind.REPLY, Kind.PRIVATE_REPLY}


class Act(NamedTuple):
    """One thing a person did on one day, and the response to it where it was a public post."""

    day: date
    kind: Kind
    likes: int | None = None
    reshares: int | None = None


@dataclass(slots=True)
class _Received:
    """One counter: its sum, and how many posts carried it."""

    total: int = 0
    posts: int = 0

    def add(self, count: int | None, sign: int) -> None:
        if count is not None:
            self.total += sign * count
            self.posts += sign


class _Week:
    __slots__ = ("acts", "likes", "posts", "replies", "reshares", "reshares_made")

    def __init__(self) -> None:
        self.acts = self.posts = self.replies = self.reshares_made = 0
        self.likes, self.reshares = _Received(), _Received()

    def add(self, act: Act, sign: int) -> None:
        self.acts += sign
        if act.kind is Kind.RESHARE:
            self.reshares_made += sign
        if act.kind in _IS_REPLY:
            self.replies += sign
        if act.kind in _IS_POST:
            self.posts += sign
            self.likes.add(act.likes, sign)
            self.reshares.add(act.reshares, sign)


@dataclass(frozen=True, slots=True)
class Audience:
    """What an archive says beside the acts."""

    as_of: date | None = None
    followers: int | None = None
    following: int | None = None
    listed: int | None = None


class WeekSums:
    """Sums of acts for one platform.

    Args:
        counters_known: the format always has the response counters, so nobody's posts received 0;
            otherwise an archive whose posts carry none cannot tell.
    """

    def __init__(self, *, counters_known: bool) -> None:
        self._counters_known = counters_known
        self._weeks: dict[tuple[int, int], _Week] = {}
        self._by_day: dict[date, _Week] = {}
        self._first_day: date | None = None
        self._last_day: date | None = None

    def add(self, act: Act) -> None:
        self._week(act.day).add(act, 1)
        if self._first_day is None or act.day < self._first_day:
            self._first_day = act.day
        if self._last_day is None or act.day > self._last_day:
            self._last_day = act.day

    def take_back(self, act: Act) -> None:
        """Undo an `add`, before a better version of the same act takes its place."""
        self._week(act.day).add(act, -1)

    def record(
        self, platform: Platform, reader_version: int, audience: Audience, *, acts_known: bool = True
    ) -> ActivityRecord:
        """Close the sums. Where an archive holds no acts at all, they are missing rather than 0."""
        weeks = [(key, week) for key, week in sorted(self._weeks.items()) if week.acts]
        likes = self._total([week.likes for _, week in weeks], weeks) if acts_known else None
        reshares = self._total([week.reshares for _, week in weeks], weeks) if acts_known else None
        figures = {
            Metric.FOLLOWERS: audience.followers,
            Metric.FOLLOWING: audience.following,
            Metric.LISTED: audience.listed,
            Metric.LIKES_RECEIVED: likes,
            Metric.RESHARES_RECEIVED: reshares,
            Metric.REPLIES_RECEIVED: None,
            Metric.VIEWS_RECEIVED: None,
        }
        unsaid = {metric for metric, figure in figures.items() if figure is None}
        if not acts_known:
            unsaid |= {Metric.POSTS, Metric.REPLIES, Metric.RESHARES_MADE}
        return ActivityRecord(
            platform=platform,
            source=Source.ARCHIVE,
            reader_version=reader_version,
            as_of=audience.as_of or self._last_day,
            followers=audience.followers,
            following=audience.following,
            listed=audience.listed,
            posts=sum(week.posts for _, week in weeks),
            replies=sum(week.replies for _, week in weeks),
            reshares_made=sum(week.reshares_made for _, week in weeks),
            likes_received=likes,
            reshares_received=reshares,
            replies_received=None,
            views_received=None,
            first_day=self._first_day,
            last_day=self._last_day,
            missing=tuple(metric for metric in Metric if metric in unsaid),
            weeks=tuple(_closed(key, week, likes, reshares) for key, week in weeks),
        )

    def _week(self, day: date) -> _Week:
        week = self._by_day.get(day)
        if week is None:
            year, number, _ = day.isocalendar()
            week = self._by_day[day] = self._weeks.setdefault((year, number), _Week())
        return week

    def _total(self, received: Iterable[_Received], weeks: list[tuple[tuple[int, int], _Week]]) -> int | None:
        received = list(received)
        nobody_posted = not any(week.posts for _, week in weeks)
        if any(one.posts for one in received) or (self._counters_known and nobody_posted):
            return sum(one.total for one in received)
        return None


def _closed(key: tuple[int, int], week: _Week, likes: int | None, reshares: int | None) -> WeekActivity:
    return WeekActivity(
        week=IsoWeek(*key),
        posts=week.posts,
        replies=week.replies,
        reshares_made=week.reshares_made,
        likes_received=_in_week(week, week.likes, likes),
        reshares_received=_in_week(week, week.reshares, reshares),
        replies_received=None,
        views_received=None,
    )


def _in_week(week: _Week, received: _Received, total: int | None) -> int | None:
    if total is None or (week.posts and not received.posts):
        return None
    return received.total
