"""Entries: one canonical form, closed words only, nothing about a person."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.entry import Action, ActorRole, Count, Entry, EntryObject, Outcome, canonical, parse
from audit.errors import EntryInvalid
from tests.audit.logs import entry

HEX = "0123456789abcdef"
IDS = st.text(HEX, min_size=32, max_size=32)
DIGESTS = st.text(HEX, min_size=64, max_size=64)
NUMBERS = st.integers(0, 2**53 - 1)
ENTRIES = st.builds(
    Entry,
    id=IDS,
    at=st.datetimes(
        datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2999-01-01"), timezones=st.just(UTC)
    ),
    action=st.sampled_from(Action),
    actor=st.sampled_from(ActorRole),
    outcome=st.sampled_from(Outcome),
    subject_ref=st.none() | DIGESTS,
    scope=st.none() | st.from_regex(r"[a-z.]{1,20}(/[a-z0-9_.-]{1,20}){0,3}", fullmatch=True),
    legal_basis=st.none() | st.sampled_from(["gdpr-6-1-a", "gdpr-17-3-e", "6-1-a", "gdpr-7"]),
    notice=st.none() | st.builds("2026-11.de.{}".format, DIGESTS),
    object=st.none() | st.builds(EntryObject, st.just("score"), IDS, NUMBERS, st.none() | DIGESTS),
    counts=st.dictionaries(st.sampled_from([str(name) for name in Count]), NUMBERS),
    request_id=st.none() | IDS,
)
SMALLEST = Entry(
    id="0" * 32, at=datetime(2026, 11, 23, tzinfo=UTC), action=Action.LOG_OPENED, actor=ActorRole.SYSTEM
)
RECORD = json.loads(canonical(entry(5)))


def test_the_first_entry_of_a_log_reads_like_this() -> None:
    assert canonical(SMALLEST) == (
        b'{"action":"log.opened","actor":"system","at":"2026-11-23T00:00:00.000Z",'
        b'"id":"00000000000000000000000000000000","outcome":"done","v":1}'
    )


@settings(deadline=None)  # a busy machine is slow, and that is no error
@given(ENTRIES)
def test_an_entry_survives_its_canonical_bytes(made: Entry) -> None:
    data = canonical(made)

    assert parse(data) == made
    assert canonical(parse(data)) == data
    assert data.isascii()
    assert len(data) < 2048


@settings(deadline=None)
@given(ENTRIES)
def test_the_canonical_bytes_are_those_of_an_implementation_of_the_whole_rfc(made: Entry) -> None:
    data = canonical(made)

    assert rfc8785.dumps(json.loads(data)) == data


def test_an_instant_is_kept_in_utc_to_the_millisecond() -> None:
    berlin = timezone(timedelta(hours=1))
    made = replace(SMALLEST, at=datetime(2026, 11, 23, 1, 0, 0, 987_654, tzinfo=berlin))

    assert made.at == datetime(2026, 11, 23, 0, 0, 0, 987_000, tzinfo=UTC)
    assert json.loads(canonical(made))["at"] == "2026-11-23T00:00:00.987Z"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("v", 2),
        ("v", True),
        ("id", "0" * 31),
        ("id", "0" * 32 + "\n"),
        ("id", "A" * 32),
        ("at", datetime.fromisoformat("2026-11-23")),
        ("action", "account.renamed"),
        ("actor", "brand"),
        ("outcome", "maybe"),
        ("subject_ref", "jane@example.org"),
        ("scope", "score.compute/Jane Doe"),
        ("scope", "score.compute/"),
        ("scope", "a" * 201),
        ("legal_basis", "because"),
        ("notice", "2026-11.en"),
        ("request_id", "127.0.0.1"),
        ("counts", {"followers": 3}),
        ("counts", {"rows": -1}),
        ("counts", {"rows": 2**53}),
        ("counts", {"rows": True}),
        ("counts", {"rows": 1.0}),
    ],
)
def test_an_entry_with_anything_but_its_closed_words_is_not_made(field: str, value: object) -> None:
    with pytest.raises(EntryInvalid) as refused:
        replace(SMALLEST, **{field: cast(Any, value)})

    assert refused.value.facts == {"field": field}


@pytest.mark.parametrize(
    "arguments",
    [("Score", "0" * 32, 1), ("score", "1", 1), ("score", "0" * 32, -1), ("score", "0" * 32, 1, "0" * 63)],
)
def test_an_object_that_is_not_a_place_and_a_commitment_is_not_made(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(EntryInvalid):
        EntryObject(*arguments)


def changed(**fields: object) -> bytes:
    record = {**RECORD, **fields}
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


WITHOUT_ID = {name: value for name, value in RECORD.items() if name != "id"}
REFUSED = {
    "nothing": b"",
    "not an object": b"[]",
    "not JSON": b"{",
    "deep nesting": b"[" * 60_000,
    "a deep object": b'{"a":' * 10_000,
    "too long": b" " * 65_536,
    "an unknown field": changed(name="Jane"),
    "an unknown field of the object": changed(object={**RECORD["object"], "name": "Jane"}),
    "a field that is missing": json.dumps(WITHOUT_ID, sort_keys=True, separators=(",", ":")).encode(),
    "a null": changed(request_id=None),
    "no counts written out": changed(counts={}),
    "a float": changed(counts={"rows": 1.5}),
    "an integer written as a float": changed(counts={"rows": 3.0}),
    "a number that is none": changed(counts={"rows": float("nan")}),
    "a big number": changed(counts={"rows": 2**53}),
    "a list for an object": changed(object=[]),
    "a list for counts": changed(counts=[]),
    "a number for a word": changed(action=5),
    "a list for a word": changed(action=["import.stored"]),
    "a word for a number": changed(v="1"),
    "a sign beyond ASCII": changed(scope="score.compute/ü"),
    "microseconds": changed(at="2026-11-23T08:00:05.123456Z"),
    "no fraction": changed(at="2026-11-23T08:00:05Z"),
    "an offset": changed(at="2026-11-23T08:00:05.123+00:00"),
    "a day that is none": changed(at="2026-02-30T08:00:05.123Z"),
    "a leap second": changed(at="2026-12-31T23:59:60.000Z"),
    "another order": json.dumps(dict(reversed(RECORD.items())), separators=(",", ":")).encode(),
    "spaces": json.dumps(RECORD, sort_keys=True).encode(),
    "a last line feed": canonical(entry(5)) + b"\n",
    "a byte order mark": b"\xef\xbb\xbf" + canonical(entry(5)),
    "an escape that need not be": canonical(entry(5)).replace(b'"worker"', b'"\\u0077orker"'),
    "a name twice": canonical(entry(5)).replace(b'"v":1}', b'"v":1,"v":1}'),
    "a name twice with two values": canonical(entry(5)).replace(
        b'{"action"', b'{"action":"log.opened","action"'
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bytes_that_are_not_the_one_form_of_an_entry_are_refused(name: str) -> None:
    with pytest.raises(EntryInvalid):
        parse(REFUSED[name])


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_noise_is_refused_and_never_crashes(data: bytes) -> None:
    with pytest.raises(EntryInvalid):
        parse(data)


@settings(deadline=None)
@given(st.integers(0, len(canonical(entry(5))) - 1), st.integers(1, 255))
def test_an_altered_byte_is_refused_or_another_entry_in_its_own_one_form(at: int, mask: int) -> None:
    data = canonical(entry(5))
    altered = data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]

    try:
        read = parse(altered)
    except EntryInvalid:
        return

    assert read != entry(5)
    assert canonical(read) == altered


def test_the_refusal_of_a_record_holds_none_of_its_content() -> None:
    with pytest.raises(EntryInvalid) as refused:
        parse(changed(Jane="Doe", scope="score.compute/Jane"))

    assert "Jane" not in str(refused.value)


def test_counts_of_an_entry_do_not_change_with_what_they_were_made_from() -> None:
    counts = {"rows": 1}
    made = replace(SMALLEST, counts=counts)

    counts["rows"] = 2

    assert made.counts == {"rows": 1}
