"""A copy from another Klarwert: read as it was sealed there, and refused by name where a byte differs."""

import io
import json
from collections.abc import Callable

import pytest

from audit.checkpoint import NoteSigner
from sources.activity import Platform
from sources.package import find_package
from sources.readers import read_archive
from sources.record_json import record_from_json
from tests.making import create, outbox, x_archive, zip_of
from tests.making_hostile import noise
from tests.packaging import (
    RECORD,
    SIGNER,
    WEEK,
    files,
    json_lines,
    member,
    names,
    package,
    resigned,
    with_member,
)
from vault.errors import DomainError

GOOD = package()
OTHER = NoteSigner(SIGNER.name, b"o" * 32)
CONNECTION = {"platform": "x", "imported_at": "2026-02-02T10:01:00+00:00"}


def refused(copy: bytes, platform: Platform | None = Platform.X) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        read_archive(io.BytesIO(copy), expected=platform)
    return refusal.value


def connection(**changed: object) -> bytes:
    return package(files(connections=json_lines({**CONNECTION, "record": {**RECORD, **changed}})))


def weeks(*rows: object) -> bytes:
    return package(files(weeks=json_lines(*rows)))


def test_a_network_of_a_copy_is_the_record_that_was_sealed_and_who_signed_is_told():
    found = find_package(io.BytesIO(GOOD))
    assert found is not None

    issuer = found.verify()

    assert (issuer.name, issuer.key) == (SIGNER.name, SIGNER.verifier_key())
    sealed = record_from_json({**RECORD, "weeks": [WEEK]})
    assert read_archive(io.BytesIO(GOOD), expected=Platform.X) == sealed
    assert read_archive(io.BytesIO(GOOD)) == sealed


def test_a_platforms_own_archive_is_no_copy_and_a_copy_is_no_outbox():
    with_outbox = package(files() | {"portability/outbox.json": outbox([create(1)])})

    assert find_package(io.BytesIO(x_archive([]))) is None
    assert find_package(io.BytesIO(b"{}")) is None
    assert refused(with_outbox, Platform.MASTODON).facts["reason"] == "network"
    assert read_archive(io.BytesIO(with_outbox), expected=Platform.X).followers == 120


@pytest.mark.parametrize("name", names(GOOD))
def test_one_changed_byte_of_any_file_is_refused_by_its_name(name):
    content = member(GOOD, name)
    changed = with_member(GOOD, name, content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])

    refusal = refused(changed)

    of_the_list = ("signature", "manifest.sig") if name != "key.txt" else ("signature", "key.txt")
    expected = of_the_list if name in ("manifest.json", "manifest.sig") else ("file-changed", name)
    if name == "key.txt":
        expected = of_the_list
    assert (refusal.slug, refusal.facts["reason"], refusal.facts["file"]) == ("package-refused", *expected)
    assert name in refusal.detail or name == "manifest.json"


def test_one_changed_byte_of_what_is_packed_is_refused_by_its_name():
    at = GOOD.index(b"consents/events.jsonl") + len("consents/events.jsonl") + 10
    changed = GOOD[:at] + bytes([GOOD[at] ^ 0xFF]) + GOOD[at + 1 :]

    refusal = refused(changed)

    assert (refusal.facts["reason"], refusal.facts["file"]) == ("file-changed", "consents/events.jsonl")


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "a file left out": (lambda: with_member(GOOD, "index.html", None), "package-refused", "file-missing"),
    "a file added": (
        lambda: with_member(GOOD, "data/more.jsonl", b"{}\n"),
        "package-refused",
        "file-added",
    ),
    "a stranger's file": (
        lambda: with_member(GOOD, "data/run.exe", b"MZ"),
        "package-refused",
        "file-strange",
    ),
    "a name that leaves the zip": (lambda: with_member(GOOD, "data/../../x", b""), "archive-unsafe", "name"),
    "a name from the root": (lambda: with_member(GOOD, "/etc/x", b""), "archive-unsafe", "name"),
    "a bomb among the files": (
        lambda: with_member(GOOD, "data/more.jsonl", bytes(30 << 20)),
        "archive-unsafe",
        "ratio",
    ),
    "a bomb for a list": (
        lambda: with_member(GOOD, "manifest.json", noise(9 << 20)),
        "archive-unsafe",
        "member-size",
    ),
    "cut off": (lambda: GOOD[: len(GOOD) // 2], "archive-unreadable", "truncated"),
    "without its end": (lambda: GOOD[:-30], "archive-unreadable", "truncated"),
    "a list of another version": (lambda: package(schema_version=2), "package-refused", "version"),
    "a list of another kind": (lambda: package(package="other/v1"), "package-refused", "list"),
    "a list that names another key": (lambda: package(key=OTHER.verifier_key()), "package-refused", "list"),
    "a list with a member nobody knows": (lambda: package(more="x"), "package-refused", "list"),
    "a list that lies about a digest": (
        lambda: resigned(GOOD, b'"sha256": "', b'"sha256": "' + b"0" * 64 + b'", "x": "'),
        "package-refused",
        "list",
    ),
    "a list that lies about a size": (
        lambda: resigned(GOOD, b'"bytes": ', b'"bytes": 1'),
        "package-refused",
        "file-changed",
    ),
    "a list that names what is not there": (
        lambda: resigned(GOOD, b'"path": "index.html"', b'"path": "README.txt"'),
        "package-refused",
        "file-missing",
    ),
    "a list with one file twice": (
        lambda: resigned(GOOD, b'"path": "index.html"', b'"path": "data/account.jsonl"'),
        "package-refused",
        "list",
    ),
    "a list with a traversing name": (
        lambda: resigned(GOOD, b'"path": "index.html"', b'"path": "../index.html"'),
        "package-refused",
        "list",
    ),
    "a list by another key": (
        lambda: resigned(GOOD, b"x", b"x", OTHER),
        "package-refused",
        "signature",
    ),
    "a key that is none": (lambda: with_member(GOOD, "key.txt", b"key\n"), "package-refused", "signature"),
    "a list that is no JSON": (lambda: resigned(GOOD, b"{", b"["), "package-refused", "list"),
    "a copy of nothing": (
        lambda: zip_of({"manifest.sig": b"", "manifest.json": b"{}"}),
        "package-refused",
        "file-missing",
    ),
    "no network of this name": (
        lambda: connection(platform="bluesky"),
        "package-refused",
        "network",
    ),
    "a network nobody knows": (lambda: connection(platform="myspace"), "package-refused", "entry"),
    "figures that are words": (lambda: connection(followers="many"), "package-refused", "entry"),
    "figures below nothing": (lambda: connection(followers=-1), "package-refused", "entry"),
    "figures beyond belief": (lambda: connection(followers=10**13), "package-refused", "entry"),
    "figures that are true": (lambda: connection(followers=True), "package-refused", "entry"),
    "a figure nobody asked for": (lambda: connection(name="Ada"), "package-refused", "entry"),
    "a day of the year 9999": (lambda: connection(as_of="9999-01-01"), "package-refused", "entry"),
    "a week twice": (lambda: weeks(WEEK, WEEK), "package-refused", "entry"),
    "a week that is none": (lambda: weeks({**WEEK, "week": "2026-W54"}), "package-refused", "entry"),
    "a week of the year 9000": (lambda: weeks({**WEEK, "week": "9000-W01"}), "package-refused", "entry"),
    "a week that is a list": (lambda: weeks([WEEK]), "package-refused", "entry"),
    "a week with a text": (lambda: weeks({**WEEK, "text": "hello"}), "package-refused", "entry"),
    "weeks that are no JSON": (lambda: package(files(weeks=b"{week")), "package-refused", "entry"),
    "weeks without end": (
        lambda: weeks(*({**WEEK, "posts": n, "likes_received": n * n} for n in range(8_000))),
        "package-refused",
        "entry",
    ),
    "a line without end": (
        lambda: package(files(weeks=b'{"week": "' + noise(3 << 20) + b'"}')),
        "package-refused",
        "entry",
    ),
    "JSON 10^5 deep": (lambda: package(files(weeks=b"[" * 100_000)), "archive-unsafe", "depth"),
}


@pytest.mark.parametrize("attack", REFUSED)
def test_a_hostile_copy_is_refused_for_the_right_reason_and_quotes_nothing(attack):
    build, slug, reason = REFUSED[attack]

    refusal = refused(build())

    assert (refusal.slug, refusal.facts["reason"]) == (slug, reason)
    assert not any(word in refusal.detail for word in ("Ada", "myspace", "run.exe", "hello", "many"))


def test_a_week_that_is_none_is_refused_before_the_next_is_read():
    """Lines may be a megabyte each, so none is held that is no week."""
    long = {**WEEK, "week": "2026-W05" + " " * 100_000}

    for wrong in (long, {**WEEK, "posts": 10**400}, {**WEEK, "more": 1}):
        refusal = refused(weeks({**WEEK, "week": "2026-W04"}, wrong, long))

        assert (refusal.facts["reason"], refusal.facts["row"]) == ("entry", 2)


def test_two_networks_are_read_one_by_one():
    other = {**CONNECTION, "platform": "mastodon", "record": {**RECORD, "platform": "mastodon"}}
    both = package(
        files(connections=json_lines({**CONNECTION, "record": RECORD}, other))
        | {"data/records/mastodon.jsonl": json_lines(WEEK)}
    )

    assert read_archive(io.BytesIO(both), expected=Platform.MASTODON).platform is Platform.MASTODON
    assert refused(both, None).slug == "archive-ambiguous"
    assert json.loads(member(both, "data/records/x.jsonl")) == WEEK
