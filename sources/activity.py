"""The common tongue: what is kept of a person's activity on one platform, and nothing else.

The record is closed: platform and source are enums, everything else is a number, a day or absent.
No field can hold a name, a handle, a link or a text, so no third person can pass (docs/decisions).
`None` means "this format does not say"; 0 means "it says none". Neither is ever turned into the other.

A received like, reshare or reply belongs to the week of the *post* it answers; so late likes move
old weeks, and a platform's weeks are replaced whole on re-import, never added to.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Platform(StrEnum):
    """A social network the points card has units for; which of them are read here: readers/."""

    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    GITHUB = "github"
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    INSTAGRAM = "instagram"
    REDDIT = "reddit"
    LINKEDIN = "linkedin"


class Source(StrEnum):
    """Where a record came from."""

    ARCHIVE = "archive"
    API = "api"


class Metric(StrEnum):
    """Every figure a record may hold; `missing` lists those its format does not give."""

    FOLLOWERS = "followers"
    FOLLOWING = "following"
    LISTED = "listed"
    POSTS = "posts"
    REPLIES = "replies"
    RESHARES_MADE = "reshares_made"
    LIKES_RECEIVED = "likes_received"
    RESHARES_RECEIVED = "reshares_received"
    REPLIES_RECEIVED = "replies_received"
    VIEWS_RECEIVED = "views_received"


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """An ISO 8601 week in UTC, written `2026-W05`."""

    year: int
    week: int

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.week:02d}"


@dataclass(frozen=True, slots=True)
class WeekActivity:
    """One ISO week: counts of what the person did, and of the response to what they posted in it."""

    week: IsoWeek
    posts: int
    replies: int
    reshares_made: int
    likes_received: int | None
    reshares_received: int | None
    replies_received: int | None
    views_received: int | None


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """What one import leaves behind for one platform.

    `posts` counts the person's own public posts, replies among them, without reshares; `replies` every
    reply they wrote. `listed` counts the curated acts of others: lists and starter packs one is on, stars
    on own repositories, endorsements and recommendations. `as_of` is the day the platform made the data,
    where the format tells, else the last day seen in it. Weeks are sorted, each once; weeks without any
    activity are absent.
    """

    platform: Platform
    source: Source
    reader_version: int
    as_of: date | None
    followers: int | None
    following: int | None
    listed: int | None
    posts: int
    replies: int
    reshares_made: int
    likes_received: int | None
    reshares_received: int | None
    replies_received: int | None
    views_received: int | None
    first_day: date | None
    last_day: date | None
    missing: tuple[Metric, ...]
    weeks: tuple[WeekActivity, ...]
