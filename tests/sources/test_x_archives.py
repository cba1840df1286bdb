"""X archives of every layout since 2018, and what is counted in them."""

import io
from datetime import date
from typing import Any

import pytest

from sources.activity import ActivityRecord, IsoWeek, Metric, Platform
from sources.errors import ArchiveAmbiguous, ArchiveIncomplete, ExportFormatWrong, WrongPlatform
from sources.readers import read_archive
from tests.making import (
    create,
    edited_tweet,
    manifest_file,
    outbox,
    persons,
    tar_of,
    tweet,
    wrapped,
    x_archive,
    x_file,
    zip_of,
)

TWEETS = [
    tweet(1, favorite_count="3", retweet_count="1"),
    tweet(2, in_reply_to_status_id_str="1", favorite_count="2", retweet_count="0"),
    tweet(3, full_text="RT @someone: hello", favorite_count="7", retweet_count="900"),
]
LAYOUTS: dict[str, bytes] = {
    "2018, at the root, bare rows": zip_of({"tweet.js": x_file("tweet", TWEETS)}),
    "2019, bare rows": zip_of({"data/tweet.js": x_file("tweet", TWEETS)}),
    "2020, wrapped rows": zip_of({"data/tweet.js": x_file("tweet", wrapped(TWEETS))}),
    "2022": x_archive(TWEETS),
    "numbers instead of digits": x_archive(
        [{**row, "favorite_count": int(row["favorite_count"])} for row in TWEETS]
    ),
    "zipped again with its folder": zip_of(
        {"twitter-2022/data/tweets.js": x_file("tweets", wrapped(TWEETS))}
    ),
    "zipped on Windows": zip_of({"twitter\\data\\tweets.js": x_file("tweets", wrapped(TWEETS))}),
    "two parts": zip_of(
        {
            "data/tweets.js": x_file("tweets", wrapped(TWEETS[:1])),
            "data/tweets-part1.js": x_file("tweets", wrapped(TWEETS[1:]), part=1),
        }
    ),
    "with what repeats the tweets": x_archive(
        TWEETS,
        **{
            "data/note-tweet.js": x_file("note_tweet", [{"noteTweet": {"core": {"text": "long"}}}]),
            "data/community-tweet.js": x_file("community_tweet", wrapped(TWEETS)),
            "data/deleted-tweets.js": x_file("deleted_tweets", wrapped(TWEETS)),
            "data/tweet-headers.js": x_file("tweet_headers", wrapped(TWEETS)),
            "data/tweets_media/1.js": b"not read",
            "assets/js/tweets.js": b"not read",
            "__MACOSX/data/._tweets.js": b"not read",
        },
    ),
    "a tar.gz": tar_of({"data/tweets.js": x_file("tweets", wrapped(TWEETS))}),
    "tweets.js by itself": x_file("tweets", wrapped(TWEETS)),
    "with a byte order mark": zip_of({"data/tweets.js": b"\xef\xbb\xbf" + x_file("tweets", wrapped(TWEETS))}),
    "saved as plain JSON": zip_of({"data/tweets.js": x_file("tweets", wrapped(TWEETS)).partition(b"= ")[2]}),
}


def read(archive: bytes, **options: Any) -> ActivityRecord:
    return read_archive(io.BytesIO(archive), **options)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_figures(layout: str) -> None:
    record = read(LAYOUTS[layout], expected=Platform.X)

    assert (record.posts, record.replies, record.reshares_made) == (2, 1, 1)
    assert (record.likes_received, record.reshares_received) == (5, 1)
    assert [week.week for week in record.weeks] == [IsoWeek(2018, 41)]
    assert record.first_day == record.last_day == date(2018, 10, 10)


def test_followers_following_and_lists_are_counted_by_their_rows() -> None:
    archive = x_archive(
        TWEETS,
        **{
            "data/follower.js": x_file("follower", persons("follower", 12)),
            "data/following.js": x_file("following", persons("following", 0)),
            "data/lists-member.js": x_file(
                "lists_member", [{"userListInfo": {"url": "https://x.example/l"}}]
            ),
        },
    )

    record = read(archive)

    assert (record.followers, record.following, record.listed) == (12, 0, 1)
    assert record.missing == (Metric.REPLIES_RECEIVED, Metric.VIEWS_RECEIVED)


def test_lists_that_are_not_in_the_archive_are_absent_and_not_zero() -> None:
    record = read(x_archive(TWEETS))

    assert (record.followers, record.following, record.listed) == (None, None, None)
    assert {Metric.FOLLOWERS, Metric.FOLLOWING, Metric.LISTED} <= set(record.missing)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("known_at_first", [[1, 2, 3], [1]])
def test_an_edited_tweet_counts_once_with_its_latest_counters(
    order: tuple[int, ...], known_at_first: list[int]
) -> None:
    versions = [
        edited_tweet(known_at_first, 1, favorite_count="1"),
        edited_tweet([1, 2], 2, favorite_count="5"),
        edited_tweet([1, 2, 3], 3, favorite_count="9", created_at="Mon Oct 15 00:01:00 +0000 2018"),
    ]

    record = read(x_archive([tweet(10, favorite_count="100"), *(versions[n] for n in order)]))

    assert (record.posts, record.likes_received) == (2, 109)
    assert len(record.weeks) == 1  # the week of the first version


def test_an_edit_history_of_one_is_no_edit() -> None:
    record = read(x_archive([edited_tweet([1], 1), edited_tweet([2], 2)]))

    assert record.posts == 2


def test_counters_an_old_archive_lacks_are_absent_and_not_zero() -> None:
    rows = [tweet(1), tweet(2, created_at="Mon Oct 15 20:19:24 +0000 2018")]
    del rows[1]["favorite_count"], rows[1]["retweet_count"]

    partly, wholly = read(x_archive(rows)), read(x_archive(rows[1:]))

    assert [week.likes_received for week in partly.weeks] == [3, None]
    assert partly.likes_received == 3
    assert wholly.likes_received is None
    assert Metric.LIKES_RECEIVED in wholly.missing


def test_somebody_who_only_reshared_received_nothing_rather_than_something_unknown() -> None:
    record = read(x_archive([TWEETS[2]]))

    assert (record.posts, record.likes_received, record.reshares_received) == (0, 0, 0)


def test_an_empty_list_of_tweets_is_a_record_of_none() -> None:
    record = read(x_archive([]))

    assert (record.posts, record.first_day, record.as_of, record.weeks) == (0, None, None, ())
    assert Metric.POSTS not in record.missing


def test_days_are_those_of_utc_at_both_ends_of_a_week() -> None:
    rows = [
        tweet(1, created_at="Sun Jan 03 23:59:59 +0000 2021"),
        tweet(2, created_at="Mon Jan 04 00:00:00 +0000 2021"),
    ]

    record = read(x_archive(rows))

    assert [str(week.week) for week in record.weeks] == ["2020-W53", "2021-W01"]


def test_the_manifest_says_when_the_export_was_made() -> None:
    record = read(x_archive(TWEETS, **{"data/manifest.js": manifest_file("data/tweets.js")}))

    assert record.as_of == date(2022, 11, 20)


def test_a_part_that_the_manifest_names_must_be_there() -> None:
    archive = x_archive(
        TWEETS, **{"data/manifest.js": manifest_file("data/tweets.js", "data/tweets-part1.js")}
    )

    with pytest.raises(ArchiveIncomplete) as refused:
        read(archive)

    assert refused.value.facts == {"label": "tweets", "part": 1}


def test_a_gap_between_parts_is_refused_without_a_manifest_too() -> None:
    archive = x_archive(TWEETS, **{"data/tweets-part2.js": x_file("tweets", [], part=2)})

    with pytest.raises(ArchiveIncomplete):
        read(archive)


@pytest.mark.parametrize(
    "second",
    [
        {"data/tweet.js": x_file("tweet", [])},
        {"copy/data/tweets.js": x_file("tweets", [])},
        {"outbox.json": b"{}"},
    ],
)
def test_two_exports_in_one_file_are_refused(second: dict[str, bytes]) -> None:
    with pytest.raises(ArchiveAmbiguous):
        read(x_archive(TWEETS, **second))


def test_an_archive_of_before_2018_gets_the_hint_to_ask_for_a_new_one() -> None:
    with pytest.raises(ExportFormatWrong):
        read(zip_of({"data/js/tweets/2016_01.js": b"Grailbird.data.tweets_2016_01 = []"}))


def test_another_platforms_archive_is_refused_where_one_is_expected() -> None:
    with pytest.raises(WrongPlatform) as refused:
        read(zip_of({"outbox.json": outbox([create()])}), expected=Platform.X)

    assert refused.value.facts == {"expected": "x", "found": "mastodon"}
