"""Archives of three creators who do not exist, in the platforms' current layouts, for `serve --demo`.

They go through the same door as anybody's: built as bytes, imported by the same readers. Everything is
arithmetic from a fixed start, so the same day gives the same bytes; nobody real is named or resembled.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sources.activity import Platform

_WEEKS = 104
_PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_HOME = "https://social.example/users/demo"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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


_GARDENER = _Habit(83, 6, 90, 4_120, 300, ("The beans", "are climbing,", "the rain", "came late."))
_RIDER_ON_MASTODON = replace(_RIDER_ON_X, seed=61, posts_a_week=3, likes_at_best=18)


def demo_creators(today: date) -> tuple[DemoCreator, ...]:
    """Three creators whose last two years end the day before `today`."""

    def x(habit: _Habit) -> tuple[Platform, Callable[[], bytes]]:
        return Platform.X, lambda: x_archive(habit, today)

    def mastodon(habit: _Habit) -> tuple[Platform, Callable[[], bytes]]:
        return Platform.MASTODON, lambda: mastodon_archive(habit, today)

    return (
        DemoCreator("potter@demo.example", "de", (x(_POTTER),)),
        DemoCreator("baker@demo.example", "en", (mastodon(_BAKER),)),
        DemoCreator("rider@demo.example", "en", (x(_RIDER_ON_X), mastodon(_RIDER_ON_MASTODON))),
    )


def another_creator(today: date) -> DemoCreator:
    """A fourth one, who is there for an offer (demo_perks.py)."""
    return DemoCreator("gardener@demo.example", "en", ((Platform.X, lambda: x_archive(_GARDENER, today)),))


def x_archive(habit: _Habit, today: date) -> bytes:
    """A zip as X sends it since 2022, with the manifest."""
    files = {
        "tweets": ("tweets", [{"tweet": _tweet(post)} for post in _posts(habit, today)]),
        "follower": ("follower", [_person("follower", n) for n in range(habit.followers)]),
        "following": ("following", [_person("following", n) for n in range(habit.following)]),
        "listsMember": ("lists-member", [_listing(n) for n in range(habit.followers // 200)]),
    }
    members = {
        f"data/{stem}.js": f"window.YTD.{stem.replace('-', '_')}.part0 = {_json(rows)}"
        for stem, rows in files.values()
    }
    manifest = {
        "archiveInfo": {"generationDate": f"{today}T05:00:00.000Z", "isPartialArchive": False},
        "dataTypes": {
            kind: {"files": [{"fileName": f"data/{stem}.js", "count": str(len(rows))}]}
            for kind, (stem, rows) in files.items()
        },
    }
    return _zip({"data/manifest.js": f"window.__THAR_CONFIG = {_json(manifest)}", **members})


def mastodon_archive(habit: _Habit, today: date) -> bytes:
    """A zip as a Mastodon 4.3 server makes it, counters included, the actor last."""
    activities = [_activity(number, post) for number, post in enumerate(_posts(habit, today))]
    outbox = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(activities),
        "orderedItems": activities,
    }
    actor = {"@context": outbox["@context"], "id": _HOME, "type": "Person", "outbox": "outbox.json"}
    return _zip({"outbox.json": _json(outbox), "actor.json": _json(actor)})


def _posts(habit: _Habit, today: date) -> Iterator[_Post]:
    """Two years of posts, newest first; the response grows with the weeks and varies with the post."""
    draw = _sequence(habit.seed)
    for week in range(_WEEKS):
        for _ in range(1 + next(draw) % (2 * habit.posts_a_week - 1)):
            day = today - timedelta(days=7 * week + 1 + next(draw) % 7)
            at = datetime.combine(day, time(6 + next(draw) % 16, next(draw) % 60), UTC)
            reach = habit.likes_at_best * (_WEEKS - week // 2) // _WEEKS
            likes = reach * (1 + next(draw) % 10) * (1 + next(draw) % 10) // 100
            text = " ".join(habit.words[next(draw) % len(habit.words)] for _ in range(4))
            yield _Post(at, next(draw) % 10, likes, likes // (3 + next(draw) % 5), text)


def _sequence(seed: int) -> Iterator[int]:
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


def _zip(members: dict[str, str]) -> bytes:
    """A zip whose bytes depend on nothing but its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
