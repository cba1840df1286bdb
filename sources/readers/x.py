"""X (Twitter) archives, 2018-2026.

Read: `tweet.js` or `tweets.js` with its parts (bare rows or `{"tweet": {…}}`), follower and following
lists (rows are counted, nothing of them is looked at), `lists-member.js` (counted) and `manifest.js` (day
of the export, names of the parts). Long posts, community posts, deleted posts and tweet headers repeat
what the tweets say, or say what is gone; they are not read, so nothing is counted twice.

An edited tweet has one row per version. Versions share the first identifier of their edit history; the
tweet counts once, on the day of its first version, with the counters of its latest.

Not in any X archive: replies, quotes and views received, who liked. A like by oneself is inside
`favorite_count` and cannot be told from others'.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sources.activity import ActivityRecord, Platform
from sources.archive import Archive
from sources.errors import ArchiveIncomplete, ArchiveUnreadable, ArchiveUnsafe, Danger, Defect
from sources.json_window import JsonWindow
from sources.minimise import (
    Label,
    Part,
    RowRefused,
    find_count,
    find_identifier,
    require_dict,
    require_x_day,
    starts_as_reshare,
)
from sources.readers.x_manifest import read_manifest
from sources.week_sums import Act, Audience, Kind, WeekSums

READER_VERSION = 1
_MOST_EDITED = 50_000  # edited tweets are held until all versions were seen
_REPLY_KEYS = (
    "in_reply_to_status_id_str",
    "in_reply_to_user_id_str",
    "in_reply_to_status_id",
    "in_reply_to_user_id",
)


class _Tweet(NamedTuple):
    """One version of a tweet; `first` is the identifier all versions share, None if it was never edited."""

    act: Act
    identifier: int | None
    first: int | None


def read_x(archive: Archive) -> ActivityRecord:
    """Read a checked archive of X.

    Raises:
        ArchiveIncomplete: a part the archive speaks of is not in it.
        ArchiveUnreadable, ArchiveUnsafe: a row is not of the documented form.
    """
    as_of = read_manifest(archive)
    _require_consecutive(archive)
    tweet_parts = _parts(archive, Label.TWEETS)
    sums = WeekSums(counters_known=True)
    _add_tweets(archive, tweet_parts, sums)
    audience = Audience(
        as_of=as_of,
        followers=_count_rows(archive, Label.FOLLOWERS, "follower"),
        following=_count_rows(archive, Label.FOLLOWING, "following"),
        listed=_count_rows(archive, Label.LISTS, "userListInfo"),
    )
    return sums.record(Platform.X, READER_VERSION, audience, acts_known=bool(tweet_parts))


def _parts(archive: Archive, label: Label) -> list[Part]:
    return sorted(part for part in archive.parts if part.label is label)


def _require_consecutive(archive: Archive) -> None:
    for label in (Label.TWEETS, Label.FOLLOWERS, Label.FOLLOWING, Label.LISTS):
        for number, part in enumerate(_parts(archive, label)):
            if part.number != number:
                raise ArchiveIncomplete(label, number)


def _rows(archive: Archive, part: Part, wrapper: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Row numbers and rows of one part, freed from the wrapper if they have it."""
    window = JsonWindow(archive.chunks(part), part.label, archive.limits)
    window.skip_assignment()
    for number, row in enumerate(window.rows(), start=1):
        inner = row.get(wrapper, row) if type(row) is dict else None
        if type(inner) is not dict:
            raise ArchiveUnreadable(Defect.ROW, label=part.label, row=number)
        yield number, inner
    window.finish()


def _count_rows(archive: Archive, label: Label, wrapper: str) -> int | None:
    parts = _parts(archive, label)
    if not parts:
        return None
    return sum(1 for part in parts for _ in _rows(archive, part, wrapper))


def _read_tweets(archive: Archive, parts: list[Part]) -> Iterator[_Tweet]:
    for part in parts:
        for number, row in _rows(archive, part, "tweet"):
            try:
                tweet = _tweet(row)
            except RowRefused:
                raise ArchiveUnreadable(Defect.ROW, label=part.label, row=number) from None
            yield tweet


def _add_tweets(archive: Archive, parts: list[Part], sums: WeekSums) -> None:
    edited: dict[int, _Tweet] = {}
    first_versions: set[int] = set()
    for tweet in _read_tweets(archive, parts):
        if tweet.first is None:
            sums.add(tweet.act)
        else:
            _keep_version(edited, tweet.first, tweet)
            if tweet.identifier == tweet.first:
                first_versions.add(tweet.first)
    if edited.keys() - first_versions:
        # A first version may list only itself and then looks unedited until a later one names it. That
        # is rare, so it costs a second pass instead of a memory of every tweet.
        _move_first_versions(archive, parts, sums, edited, edited.keys() - first_versions)
    for tweet in edited.values():
        sums.add(tweet.act)


def _move_first_versions(
    archive: Archive, parts: list[Part], sums: WeekSums, edited: dict[int, _Tweet], wanted: set[int]
) -> None:
    for tweet in _read_tweets(archive, parts):
        if tweet.first is None and tweet.identifier is not None and tweet.identifier in wanted:
            sums.take_back(tweet.act)
            _keep_version(edited, tweet.identifier, tweet)


def _keep_version(edited: dict[int, _Tweet], first: int, tweet: _Tweet) -> None:
    known = edited.get(first)
    if known is None:
        if len(edited) >= _MOST_EDITED:
            raise ArchiveUnsafe(Danger.EDITS, label=Label.TWEETS)
        edited[first] = tweet
        return
    latest = max(known, tweet, key=lambda version: version.identifier or 0)
    edited[first] = latest._replace(act=latest.act._replace(day=min(known.act.day, tweet.act.day)))


def _tweet(row: dict[str, Any]) -> _Tweet:
    text = row.get("full_text")
    is_reshare = starts_as_reshare(row.get("text") if text is None else text)
    day = require_x_day(row.get("created_at"))
    identifier = find_identifier(row.get("id_str"))
    first = _first_version(row.get("edit_info"), identifier)
    if is_reshare:  # its counters, mostly 0, are the original's
        return _Tweet(Act(day, Kind.RESHARE), identifier, first)
    kind = Kind.REPLY if any(row.get(key) for key in _REPLY_KEYS) else Kind.POST
    likes, reshares = find_count(row.get("favorite_count")), find_count(row.get("retweet_count"))
    return _Tweet(Act(day, kind, likes, reshares), identifier, first)


def _first_version(edit_info: Any, identifier: int | None) -> int | None:
    """The first identifier of an edit history of more than this one row, else None."""
    if edit_info is None:
        return None
    info = require_dict(edit_info)
    edit = require_dict(info.get("edit", {}))
    control = require_dict(info.get("initial") or edit.get("editControlInitial") or {})
    versions = control.get("editTweetIds") or []
    if type(versions) is not list:
        raise RowRefused
    first = find_identifier(versions[0] if versions else edit.get("initialTweetId"))
    return first if len(versions) > 1 or first != identifier else None
