"""RFC 8785: its published documents and numbers, through the implementation we use and the entries we take.

Cards, terms and handovers are written by the package rfc8785; an entry by our own encoder, whose values are a
part of what the RFC spells (audit/entry.py). So the published cases must come out of the one as they are
printed, and the other must take of them what an entry may hold, in that spelling, and nothing else.
"""

import json
import struct
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from math import isfinite
from typing import Any

import pytest
import rfc8785

from audit.entry import canonical, parse
from audit.errors import EntryInvalid
from tests.audit.logs import entry, vectors

DOCUMENTS = vectors("rfc8785_documents.json")["documents"]
NUMBERS = vectors("rfc8785_numbers.json")
COUNTED = canonical(entry(1))  # with "weeks":1


def double(digits: str) -> float:
    value: float = struct.unpack(">d", bytes.fromhex(digits))[0]
    return value


def with_number(spelled: str) -> bytes:
    """An entry that counts so many weeks."""
    assert COUNTED.count(b'"weeks":1') == 1
    return COUNTED.replace(b'"weeks":1', f'"weeks":{spelled}'.encode())


def is_taken(data: bytes) -> bool:
    try:
        parse(data)
    except EntryInvalid:
        return False
    return True


def number_file() -> Iterator[tuple[str, float]]:
    """The doubles of the published number file, each with its digits, as its author makes them."""
    yield from ((digits, double(digits)) for digits in NUMBERS["fixed"])
    serial = int(NUMBERS["serial"], 16)
    yield from ((f"{number:016x}", double(f"{number:016x}")) for number in range(serial, serial + 2000))
    block = bytes(32)
    while True:
        block = sha256(block).digest()
        for value, bits in zip(struct.unpack("<4d", block), struct.unpack("<4Q", block), strict=True):
            if value != 0 and isfinite(value):
                yield f"{bits:016x}", value


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case["output"][:20])
def test_a_published_document_is_written_as_it_is_printed(case: dict[str, Any]) -> None:
    written = rfc8785.dumps(case["input"])

    assert written.decode() == case["output"]
    assert rfc8785.dumps(json.loads(written)) == written


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case["output"][:20])
def test_a_published_document_is_no_entry(case: dict[str, Any]) -> None:
    assert not is_taken(case["output"].encode())
    assert not is_taken(json.dumps(case["input"]).encode())


@pytest.mark.parametrize(("digits", "spelled"), NUMBERS["serialized"])
def test_a_published_number_is_written_as_it_is_printed_and_counts_only_if_it_is_exact(
    digits: str, spelled: str
) -> None:
    value = double(digits)

    assert rfc8785.dumps(value).decode() == spelled
    assert is_taken(with_number(spelled)) is (spelled == "0")  # none of the others is a count below 2**53


@pytest.mark.parametrize("digits", NUMBERS["not_numbers"].values(), ids=NUMBERS["not_numbers"])
def test_what_is_no_number_is_written_by_nobody(digits: str) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        rfc8785.dumps(double(digits))
    for spelled in ("NaN", "Infinity", "-Infinity", "null"):
        assert not is_taken(with_number(spelled))


@pytest.mark.parametrize("lines", NUMBERS["digests"])
def test_the_first_lines_of_the_published_number_file_have_their_published_digest(lines: str) -> None:
    written = sha256()

    for digits, value in islice(number_file(), int(lines)):
        written.update(f"{digits.lstrip('0') or '0'},{rfc8785.dumps(value).decode()}\n".encode())

    assert written.hexdigest() == NUMBERS["digests"][lines]


def test_an_entry_takes_of_the_number_file_what_is_a_whole_number_below_2_to_the_53rd() -> None:
    spelled = {rfc8785.dumps(value).decode() for _, value in islice(number_file(), 4000)}

    taken = {one for one in spelled if is_taken(with_number(one))}

    assert taken == {one for one in spelled if one.isdecimal() and int(one) < 2**53}
    assert {"0", "1", "5", "10"} <= taken


@pytest.mark.parametrize(
    "spelled", ["-0", "00", "1.0", "1e0", "1E1", "+1", "0x1", " 1", "1 ", "01", "1_0", "\u0661"]
)
def test_another_spelling_of_a_whole_number_is_refused(spelled: str) -> None:
    assert not is_taken(with_number(spelled))


@pytest.mark.parametrize(
    "altered",
    [
        COUNTED.replace(b'"action"', b'"\\u0061ction"'),  # section 3.2.2.2: the shortest escape there is
        COUNTED.replace(b"score.compute/", b"score.compute\\/"),
        COUNTED.replace(b":", b": ", 1),  # 3.2.1: no white space
        COUNTED + b"\n",
        b"\xef\xbb\xbf" + COUNTED,  # 3.2.4: UTF-8 without a byte order mark
        COUNTED.decode().encode("utf-16"),
        COUNTED.replace(b'"v":1', b'"v":1,"v":1'),  # 3.1: no name twice
        b"{" + b",".join(reversed(COUNTED[1:-1].split(b',"v"'))) + b"}",  # 3.2.3: in order
        COUNTED.replace(b'"score.', b'"\xff.'),
        COUNTED.replace(b'"score.', b'"\\ud800.'),  # 3.2.2.2: no lone surrogate
        COUNTED.replace(b"}", b",}", 1),
        b"[" * 100_000,
    ],
)
def test_what_the_rfc_does_not_write_is_no_entry(altered: bytes) -> None:
    assert is_taken(COUNTED)
    assert altered != COUNTED
    assert not is_taken(altered)
