"""Archives of three creators who do not exist, in the platforms' current layouts, for `serve --demo`.

They go through the same door as anybody's: built as bytes, imported by the same readers. Everything is
arithmetic from a fixed start, so the same day gives the same bytes; nobody real is named or resembled. What
somebody brought some weeks ago is the same archive, cut off at that day.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sources.activity import Platform

_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_HOME = "https://social.example/users/demo"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SOME_DAYS = 400  # in which followers come from none to as many as there are
_X_EPOCH_MS = 1_288_834_974_657  # X's identifiers are milliseconds since then, times 2**22


@dataclass(frozen=True, slots=True)
class DemoCreator:
    """One invented account and what it would bring."""

    email: str
    language: str
    archives: tuple[tuple[Platform, Callable[[], bytes]], ...]


@dataclass(frozen=True, slots=True)
class _Habit:
    """How somebody posts, and how it is received."""

    seed: int
    posts_a_week: int
    likes_at_best: int
    followers: int
    following: int
    words: tuple[str, ...]
    weeks: int = 104


@dataclass(frozen=True, slots=True)
class _Post:
    at: datetime
    kind: int  # 0-5 a post, 6-7 a reply, 8-9 a reshare
    likes: int
    reshares: int
    text: str


_POTTER = _Habit(7, 9, 60, 2_840, 412, ("Ein neuer Krug", "steht im Ofen,", "die Glasur", "ist blau."))
_BAKER = _Habit(19, 5, 24, 0, 0, ("Today's loaf", "rose slowly,", "the crust", "is dark."))
_RIDER_ON_X = _Habit(
    43, 7, 140, 11_260, 655, ("Sixty kilometres", "along the canal,", "head wind", "all day.")
)


# Of those who are there so that others are (demo_members.py): little, and soon read.
_MEMBER = _Habit(101, 2, 40, 0, 0, ("Good morning", "from the harbour,", "the ferry", "is late."), weeks=26)
_GARDENER = _Habit(83, 6, 90, 4_120, 300, ("The beans", "are climbing,", "the rain", "came late."))
_RIDER_ON_MASTODON = replace(_RIDER_ON_X, seed=61, posts_a_week=3, likes_at_best=18)


def demo_creators(today: date, taken_on: date | None = None) -> tuple[DemoCreator, ...]:
    """Three creators whose last two years end the day before `today`, as their archives were on a day."""
    day = taken_on or today

    def x(habit: _Habit) -> tuple[Platform, Callable[[], bytes]]:
        return Platform.X, lambda: x_archive(habit, today, day)

    def mastodon(habit: _Habit) -> tuple[Platform, Callable[[], bytes]]:
        return Platform.MASTODON, lambda: mastodon_archive(habit, today, day)

    return (
        DemoCreator("potter@demo.example", "de", (x(_POTTER),)),
        DemoCreator("baker@demo.example", "en", (mastodon(_BAKER),)),
        DemoCreator("rider@demo.example", "en", (x(_RIDER_ON_X), mastodon(_RIDER_ON_MASTODON))),
    )


def another_creator(today: date) -> DemoCreator:
    """A fourth one, who is there for an offer (demo_perks.py)."""
    made = (Platform.X, lambda: x_archive(_GARDENER, today, today))
    return DemoCreator("gardener@demo.example", "en", (made,))


def member_archive(number: int, today: date, taken_on: date) -> bytes:
    """What one of the others brings."""
    likes = 10 + 7 * (number % 9)
    return mastodon_archive(replace(_MEMBER, seed=101 + number, likes_at_best=likes), today, taken_on)


def x_archive(habit: _Habit, today: date, taken_on: date) -> bytes:
    """A zip as X sends it since 2022, with the manifest."""
    followers = habit.followers * (_SOME_DAYS - (today - taken_on).days) // _SOME_DAYS
    files = {
        "tweets": ("tweets", [{"tweet": _tweet(post)} for post in _posts(habit, today, taken_on)]),
        "follower": ("follower", [_person("follower", n) for n in range(followers)]),
        "following": ("following", [_person("following", n) for n in range(habit.following)]),
        "listsMember": ("lists-member", [_listing(n) for n in range(followers // 200)]),
    }
    members = {
        f"data/{stem}.js": f"window.YTD.{stem.replace('-', '_')}.part0 = {_rows(rows)}"
        for stem, rows in files.values()
    }
    manifest = {
        "archiveInfo": {"generationDate": f"{taken_on}T05:00:00.000Z", "isPartialArchive": False},
        "dataTypes": {
            kind: {"files": [{"fileName": f"data/{stem}.js", "count": str(len(rows))}]}
            for kind, (stem, rows) in files.items()
        },
    }
    return _zip({"data/manifest.js": f"window.__THAR_CONFIG = {_json(manifest)}", **members})


def mastodon_archive(habit: _Habit, today: date, taken_on: date) -> bytes:
    """A zip as a Mastodon 4.3 server makes it, counters included, the actor last."""
    activities = [_activity(number, post) for number, post in enumerate(_posts(habit, today, taken_on))]
    outbox = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(activities),
        "orderedItems": activities,
    }
    actor = {"@context": outbox["@context"], "id": _HOME, "type": "Person", "outbox": "outbox.json"}
    return _zip({"outbox.json": _json(outbox), "actor.json": _json(actor)})


def _posts(habit: _Habit, today: date, taken_on: date) -> Iterator[_Post]:
    """Posts of the weeks before a day, newest first; the response grows and varies with the post."""
    first = taken_on - timedelta(weeks=habit.weeks)
    weeks = habit.weeks + -(-(today - taken_on).days // 7)
    return (post for post in _all_posts(habit, today, weeks) if first <= post.at.date() < taken_on)


def _all_posts(habit: _Habit, today: date, weeks: int) -> Iterator[_Post]:
    draw = sequence(habit.seed)
    for week in range(weeks):
        for _ in range(1 + next(draw) % (2 * habit.posts_a_week - 1)):
            day = today - timedelta(days=7 * week + 1 + next(draw) % 7)
            at = datetime.combine(day, time(6 + next(draw) % 16, next(draw) % 60), UTC)
            reach = habit.likes_at_best * (habit.weeks - week // 2) // habit.weeks
            likes = reach * (1 + next(draw) % 10) * (1 + next(draw) % 10) // 100
            text = " ".join(habit.words[next(draw) % len(habit.words)] for _ in range(4))
            yield _Post(at, next(draw) % 10, likes, likes // (3 + next(draw) % 5), text)


def sequence(seed: int) -> Iterator[int]:
    """Knuth's MMIX generator: for variety, not for secrets."""
    state = seed
    while True:
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        yield state >> 33


def _tweet(post: _Post) -> dict[str, Any]:
    identifier = str((int(post.at.timestamp() * 1000) - _X_EPOCH_MS) << 22)
    is_reshare = post.kind > 7
    tweet = {
        "id": identifier,
        "id_str": identifier,
        "created_at": _x_time(post.at),
        "full_text": f"RT @demo: {post.text}" if is_reshare else post.text,
        "favorite_count": "0" if is_reshare else str(post.likes),
        "retweet_count": "0" if is_reshare else str(post.reshares),
        "retweeted": False,
        "edit_info": {"initial": {"editTweetIds": [identifier], "editsRemaining": "5"}},
    }
    return tweet | ({"in_reply_to_status_id_str": "1"} if post.kind in (6, 7) else {})


def _x_time(at: datetime) -> str:
    """As X writes it, in English whatever the locale."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
    month = _MONTHS[at.month - 1]
    return f"{day} {month} {at:%d %H:%M:%S} +0000 {at.year}"


def _person(wrapper: str, number: int) -> dict[str, Any]:
    return {wrapper: {"accountId": str(number), "userLink": f"https://social.example/{number}"}}


def _listing(number: int) -> dict[str, Any]:
    return {"userListInfo": {"url": f"https://social.example/lists/{number}"}}


def _activity(number: int, post: _Post) -> dict[str, Any]:
    activity: dict[str, Any] = {
        "id": f"{_HOME}/statuses/{number}/activity",
        "type": "Announce" if post.kind > 7 else "Create",
        "actor": _HOME,
        "published": f"{post.at:%Y-%m-%dT%H:%M:%SZ}",
        "to": [_PUBLIC],
        "cc": [f"{_HOME}/followers"],
    }
    if post.kind > 7:
        return activity | {"object": f"https://elsewhere.example/statuses/{number}"}
    return activity | {"object": _note(number, post)}


def _note(number: int, post: _Post) -> dict[str, Any]:
    identifier = f"{_HOME}/statuses/{number}"
    return {
        "id": identifier,
        "type": "Note",
        "inReplyTo": "https://elsewhere.example/statuses/1" if post.kind in (6, 7) else None,
        "published": f"{post.at:%Y-%m-%dT%H:%M:%SZ}",
        "to": [_PUBLIC],
        "cc": [f"{_HOME}/followers"],
        "content": f"<p>{post.text}</p>",
        "likes": {"id": f"{identifier}/likes", "type": "Collection", "totalItems": post.likes},
        "shares": {"id": f"{identifier}/shares", "type": "Collection", "totalItems": post.reshares},
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _rows(rows: list[dict[str, Any]]) -> str:
    """A row a line, which is written several times as fast as with each member on its own."""
    return "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"


def _zip(members: dict[str, str]) -> bytes:
    """A zip whose bytes depend on nothing but its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
