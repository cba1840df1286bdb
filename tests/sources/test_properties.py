"""What holds for every archive: sums, the order of rows, and the record's way through JSON."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.activity import ActivityRecord, Metric
from sources.errors import RecordInvalid
from sources.readers import read_archive
from sources.record_json import record_from_json, record_to_json
from tests.making import HOME, PUBLIC, announce, create, edited_tweet, outbox, received, tweet, x_archive

INSTANTS = st.datetimes(datetime.fromisoformat("2018-12-20"), datetime.fromisoformat("2019-01-20"))
COUNTS = st.integers(0, 10**6)


@st.composite
def tweets(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        fields = {
            "created_at": draw(INSTANTS).strftime("%a %b %d %H:%M:%S +0000 %Y"),
            "favorite_count": str(draw(COUNTS)),
            "retweet_count": draw(st.none() | COUNTS.map(str)),
            "full_text": draw(st.sampled_from(["RT @someone: hi", "hello RT @", "RT", "ä\u2028🙂"])),
            "in_reply_to_user_id_str": draw(st.sampled_from([None, "1"])),
        }
        first = 10 * number + 1
        versions = [first, first + 1][: draw(st.integers(1, 2))]
        known = draw(st.sampled_from([versions, [first]]))  # a first version may not know of later ones
        rows += [edited_tweet(known if each == first else versions, each, **fields) for each in versions]
    return rows


@st.composite
def activities(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        fields: dict[str, Any] = {"published": draw(INSTANTS).isoformat() + "Z"}
        if draw(st.booleans()):
            rows.append(announce(**fields))
            continue
        fields["to"] = draw(st.sampled_from([[PUBLIC], [], [f"{HOME}/followers"]]))
        fields["note_inReplyTo"] = draw(st.sampled_from([None, "https://elsewhere.example/1"]))
        if draw(st.booleans()):
            fields |= received(draw(COUNTS), draw(COUNTS))
        rows.append(create(number, **fields))
    return rows


ARCHIVES = tweets().map(lambda rows: (x_archive, rows)) | activities().map(lambda rows: (outbox, rows))


def read(archive: bytes) -> ActivityRecord:
    return read_archive(io.BytesIO(archive))


def known_sum(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


@settings(max_examples=60, deadline=None)
@given(archive=ARCHIVES)
def test_the_weeks_sum_to_the_totals(archive: Any) -> None:
    build, rows = archive

    record = read(build(rows))

    for name in ("posts", "replies", "reshares_made"):
        assert sum(getattr(week, name) for week in record.weeks) == getattr(record, name)
    for name in ("likes_received", "reshares_received"):
        by_week = known_sum([getattr(week, name) for week in record.weeks])
        assert by_week == getattr(record, name) or not record.weeks
    assert list(record.weeks) == sorted(record.weeks, key=lambda week: week.week)


@settings(max_examples=60, deadline=None)
@given(archive=ARCHIVES, data=st.data())
def test_the_order_of_rows_makes_no_difference(archive: Any, data: st.DataObject) -> None:
    build, rows = archive
    shuffled = data.draw(st.permutations(rows))

    assert read(build(shuffled)) == read(build(rows))


@settings(max_examples=60, deadline=None)
@given(archive=ARCHIVES)
def test_a_record_comes_back_from_json_as_it_went(archive: Any) -> None:
    build, rows = archive
    record = read(build(rows))

    assert record_from_json(record_to_json(record)) == record


def valid() -> dict[str, Any]:
    return record_to_json(read(x_archive([tweet()])))


def test_the_keys_are_the_documented_ones() -> None:
    data = valid()

    figures = {metric.value for metric in Metric}
    assert data.keys() == figures | {
        "platform", "source", "reader_version", "as_of", "first_day", "last_day", "missing", "weeks"
    }  # fmt: skip
    assert data["weeks"][0] == {
        "week": "2018-W41",
        "posts": 1,
        "replies": 0,
        "reshares_made": 0,
        "likes_received": 3,
        "reshares_received": 1,
        "replies_received": None,
        "views_received": None,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"handle": "someone"},
        {"platform": "myspace"},
        {"posts": "1"},
        {"posts": True},
        {"posts": -1},
        {"posts": None},
        {"likes_received": 1.0},
        {"as_of": "20181010"},
        {"first_day": 5},
        {"missing": ["listed"]},
        {"missing": "listed"},
        {"weeks": {}},
        {"weeks": [{}]},
        {"weeks": [{**valid()["weeks"][0], "week": "2018-W54"}]},
        {"weeks": [{**valid()["weeks"][0], "week": "2018-W4"}]},
        {"weeks": [{**valid()["weeks"][0], "note": "x"}]},
        {"weeks": valid()["weeks"] * 2},
    ],
)
def test_a_record_of_any_other_form_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordInvalid):
        record_from_json({**valid(), **wrong})


def test_a_record_without_one_of_its_keys_is_refused() -> None:
    data = valid()
    del data["listed"]

    with pytest.raises(RecordInvalid):
        record_from_json(data)
