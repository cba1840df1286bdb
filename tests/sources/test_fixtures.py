"""The published archives give exactly the figures that an independent script counted in them."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from sources.activity import ActivityRecord, Metric, Platform
from sources.readers import read_archive
from sources.record_json import record_to_json
from tests.making import zip_of

ARCHIVES = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "archives"
pytestmark = pytest.mark.skipif(
    not ARCHIVES.is_dir(), reason="the published archives (../shared) are not here"
)

X_FIXTURES = ("x_docnow_old_tweetjs_pseudonymised.zip", "x_smithjd_pseudonymised.zip")
MASTODON_FIXTURES = ("mastodon_dealingwith_pseudonymised.tar.gz", "outbox_page_xposter_pseudonymised.json")


def read(platform: str, name: str) -> ActivityRecord:
    with (ARCHIVES / platform / name).open("rb") as file:
        return read_archive(file)


def figures(platform: str, name: str) -> dict[str, Any]:
    """The README's line on a fixture: numbers, days and `absent`."""
    readme = (ARCHIVES / platform / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^- \*\*{re.escape(name)}\*\*: (.+)$", readme, re.MULTILINE)
    assert found is not None
    pairs = (pair.rsplit(" ", 1) for pair in found[1].split(", "))
    return {key: int(text) if text.isdigit() else None if text == "absent" else text for key, text in pairs}


@pytest.mark.parametrize("name", X_FIXTURES)
def test_an_x_archive_gives_the_counted_figures(name: str) -> None:
    counted = figures("x", name)

    record = read("x", name)

    assert record.platform is Platform.X
    assert record.posts == counted["own_posts"]
    assert record.replies == counted["own_replies"]
    assert record.posts - record.replies == counted["originals"]
    assert record.reshares_made == counted["retweet_rows"]
    assert record.posts + record.reshares_made == counted["tweet_rows"]
    assert record.likes_received == counted["likes_received"]
    assert record.reshares_received == counted["retweets_received"]
    assert (record.followers, record.following) == (counted["followers"], counted["following"])
    assert (str(record.first_day), str(record.last_day)) == (counted["first"], counted["last"])
    assert len(record.weeks) == counted["active_iso_weeks"]
    assert record.missing == (Metric.LISTED, Metric.REPLIES_RECEIVED, Metric.VIEWS_RECEIVED)


@pytest.mark.parametrize("name", MASTODON_FIXTURES)
def test_a_mastodon_archive_gives_the_counted_figures(name: str) -> None:
    counted = figures("mastodon", name)

    record = read("mastodon", name)

    assert record.platform is Platform.MASTODON
    assert record.posts == counted["public_or_unlisted_creates"]
    assert record.replies == counted["own_replies"]
    assert record.reshares_made == counted["announce"]
    assert record.likes_received is counted["likes_received"] is None
    assert record.reshares_received is counted["shares_received"] is None
    assert record.followers is counted["followers"] is None
    assert (str(record.first_day), str(record.last_day)) == (counted["first"], counted["last"])
    assert len(record.weeks) == counted["active_iso_weeks"]


def test_an_archive_without_its_tweets_says_that_posts_are_missing_rather_than_none() -> None:
    folder = ARCHIVES / "x" / "twitter-to-sqlite-zip_contents"
    archive = zip_of({f"zip_contents/{file.name}": file.read_bytes() for file in folder.iterdir()})

    record = read_archive(io.BytesIO(archive))

    assert (record.followers, record.following) == (2, 2)
    assert {Metric.POSTS, Metric.REPLIES, Metric.RESHARES_MADE, Metric.LIKES_RECEIVED} <= set(record.missing)
    assert record_to_json(record)["posts"] is None


@pytest.mark.parametrize(
    ("platform", "name"), [*(("x", n) for n in X_FIXTURES), *(("mastodon", n) for n in MASTODON_FIXTURES)]
)
def test_no_leak_detector_passes_into_the_record(platform: str, name: str) -> None:
    text = json.dumps(record_to_json(read(platform, name)))

    assert not re.search("thirdparty|canary|lorem|subject|example", text, re.IGNORECASE)
