"""Mastodon archives of every layout, with and without the counters of 4.3."""

import gzip
import io
import json
import tarfile
import zipfile

import pytest

from sources.activity import ActivityRecord, Metric, Platform
from sources.errors import ArchiveUnreadable
from sources.readers import read_archive
from tests.making import HOME, PUBLIC, announce, create, outbox, received, tar_of, zip_of

ROWS = [
    create(1, **received(4, 2)),
    create(
        2,
        to=[f"{HOME}/followers"],
        cc=[PUBLIC],
        note_inReplyTo="https://elsewhere.example/1",
        **received(1, 0),
    ),
    create(3, cc=[], to=[f"{HOME}/followers"], **received(50, 50)),
    create(4, cc=[], to=["https://elsewhere.example/users/1"], note_inReplyTo="https://elsewhere.example/2"),
    announce(),
    {**create(5), "type": "Delete", "object": "https://social.example/1"},
]
MEMBERS = {
    "media_attachments/1.png": b"\x89PNG",
    "outbox.json": outbox(ROWS),
    "likes.json": b"CANARY",
    "actor.json": b"CANARY",
}
LONG = "archive-" + "x" * 120
LAYOUTS: dict[str, bytes] = {
    "tar.gz": tar_of(MEMBERS),
    "tar, unpacked by the browser": tar_of(MEMBERS, gzipped=False),
    "tar.gz of everything under a dot": tar_of({f"./{name}": content for name, content in MEMBERS.items()}),
    "tar.gz with its folder": tar_of({f"archive/{name}": content for name, content in MEMBERS.items()}),
    "tar.gz with a long folder, ustar": tar_of(
        {f"{LONG}/{name}": content for name, content in MEMBERS.items()}
    ),
    "tar.gz with a long folder, GNU": tar_of(
        {f"{LONG * 2}/{name}": content for name, content in MEMBERS.items()}, form=tarfile.GNU_FORMAT
    ),
    "tar.gz with a long folder, pax": tar_of(
        {f"{LONG * 2}ä/{name}": content for name, content in MEMBERS.items()}, form=tarfile.PAX_FORMAT
    ),
    "zip": zip_of(MEMBERS),
    "zip, stored": zip_of(MEMBERS, compression=zipfile.ZIP_STORED),
    "zip with its folder": zip_of({f"archive/{name}": content for name, content in MEMBERS.items()}),
    "bare outbox": outbox(ROWS),
    "bare page of an outbox": outbox(ROWS, type="OrderedCollectionPage"),
    "bare outbox, keys after the items": json.dumps(
        {"orderedItems": ROWS, "type": "OrderedCollection", "totalItems": 12}
    ).encode(),
    "bare outbox, indented, with a byte order mark": b"\xef\xbb\xbf\n"
    + json.dumps(json.loads(outbox(ROWS)), indent=4).encode(),
}


def read(archive: bytes) -> ActivityRecord:
    return read_archive(io.BytesIO(archive), expected=Platform.MASTODON)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_figures(layout: str) -> None:
    record = read(LAYOUTS[layout])

    assert (record.posts, record.replies, record.reshares_made) == (2, 2, 1)
    assert (record.likes_received, record.reshares_received) == (5, 2)
    assert (record.followers, record.following, record.listed) == (None, None, None)
    assert [str(week.week) for week in record.weeks] == ["2022-W45"]


def test_without_counters_nothing_is_said_about_responses() -> None:
    record = read(outbox([create(), announce()]))

    assert (record.likes_received, record.reshares_received) == (None, None)
    assert [week.likes_received for week in record.weeks] == [None]
    assert {Metric.LIKES_RECEIVED, Metric.RESHARES_RECEIVED} <= set(record.missing)


def test_counters_of_zero_are_zero_and_not_absent() -> None:
    record = read(outbox([create(**received(0, 0))]))

    assert (record.likes_received, record.reshares_received) == (0, 0)
    assert Metric.LIKES_RECEIVED not in record.missing


def test_counters_of_posts_that_are_not_public_are_not_received() -> None:
    record = read(outbox([create(1, **received(1, 1)), create(2, to=[], cc=[], **received(9, 9))]))

    assert (record.posts, record.likes_received, record.reshares_received) == (1, 1, 1)


def test_a_mere_link_in_place_of_a_counter_says_nothing() -> None:
    record = read(
        outbox([create(note_likes="https://social.example/likes", note_shares={"type": "Collection"})])
    )

    assert (record.likes_received, record.reshares_received) == (None, None)


def test_a_week_of_private_messages_is_a_week_with_activity_and_no_figures() -> None:
    record = read(outbox([create(to=[], cc=[])]))

    assert (record.posts, record.replies, len(record.weeks)) == (0, 0, 1)


@pytest.mark.parametrize("public", [PUBLIC, "as:Public", "Public"])
@pytest.mark.parametrize("many", [True, False])
def test_the_public_has_three_names_in_activitypub(public: str, many: bool) -> None:
    record = read(outbox([create(to=[public] if many else public, cc=None)]))

    assert record.posts == 1


def test_days_are_those_of_utc_whatever_the_offset() -> None:
    record = read(outbox([create(published="2022-11-14T00:30:00+01:00")]))

    assert str(record.first_day) == "2022-11-13"


def test_a_tar_cut_at_a_member_boundary_is_refused() -> None:
    whole = gzip.decompress(tar_of({"outbox.json": outbox([create()])}))
    members_only = whole[: -len(whole) % 512 or len(whole)].rstrip(b"\0")
    padded = members_only + bytes(-len(members_only) % 512)

    with pytest.raises(ArchiveUnreadable):
        read(padded)
