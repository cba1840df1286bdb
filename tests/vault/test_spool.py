"""The spool: an upload is never on disk in clear, and a damaged one does not pass for whole."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault.envelope import Dek
from vault.errors import EnvelopeInvalid
from vault.spool import CHUNK_BYTES, HEADER_BYTES, TAG_BYTES, SpoolReader, SpoolWriter, upload_path

DEK = Dek(b"i" * 16, b"k" * 32)
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7)


@pytest.mark.parametrize("size", SIZES)
def test_an_upload_reads_back_whole(tmp_path: Path, size):
    content = bytes(number % 251 for number in range(size))
    upload_id = write(tmp_path, content)

    with io.BufferedReader(SpoolReader(tmp_path, upload_id, DEK)) as reader:
        assert reader.read() == content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(places=st.lists(st.tuples(st.integers(0, 400_000), st.integers(0, 200_000)), max_size=8))
def test_any_piece_can_be_read_in_any_order(tmp_path: Path, places):
    content = bytes(range(256)) * 1400
    upload_id = write(tmp_path, content)

    with io.BufferedReader(SpoolReader(tmp_path, upload_id, DEK)) as reader:
        for start, length in places:
            reader.seek(start)
            assert reader.read(length) == content[start : start + length]


def test_the_file_holds_nothing_in_clear(tmp_path: Path):
    upload_id = write(tmp_path, b"CANARY thirdparty_00001 " * 20_000)

    assert b"CANARY" not in upload_path(tmp_path, upload_id).read_bytes()


def test_an_unfinished_upload_leaves_nothing(tmp_path: Path):
    writer = SpoolWriter(tmp_path, uuid4(), DEK)
    writer.write(b"x" * 500_000)
    writer.close()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, TAG_BYTES, CHUNK_BYTES, CHUNK_BYTES + TAG_BYTES])
def test_a_truncated_upload_is_refused(tmp_path: Path, cut):
    upload_id = write(tmp_path, b"x" * (2 * CHUNK_BYTES + 100))
    path = upload_path(tmp_path, upload_id)
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(EnvelopeInvalid), io.BufferedReader(SpoolReader(tmp_path, upload_id, DEK)) as reader:
        reader.read()


def test_swapped_chunks_are_refused(tmp_path: Path):
    upload_id = write(tmp_path, b"a" * CHUNK_BYTES + b"b" * CHUNK_BYTES + b"c")
    path = upload_path(tmp_path, upload_id)
    content, step = path.read_bytes(), CHUNK_BYTES + TAG_BYTES
    first, second = (content[HEADER_BYTES + n * step : HEADER_BYTES + (n + 1) * step] for n in (0, 1))
    path.write_bytes(content[:HEADER_BYTES] + second + first + content[HEADER_BYTES + 2 * step :])

    with pytest.raises(EnvelopeInvalid), SpoolReader(tmp_path, upload_id, DEK) as reader:
        reader.read(10)


def test_another_key_or_another_upload_does_not_open_it(tmp_path: Path):
    upload_id, other_id = write(tmp_path, b"x"), uuid4()
    upload_path(tmp_path, other_id).write_bytes(upload_path(tmp_path, upload_id).read_bytes())

    for which, dek in ((upload_id, Dek(b"i" * 16, b"l" * 32)), (other_id, DEK)):
        with pytest.raises(EnvelopeInvalid), SpoolReader(tmp_path, which, dek) as reader:
            reader.read(1)


def write(directory: Path, content: bytes):
    upload_id = uuid4()
    with SpoolWriter(directory, upload_id, DEK) as writer:
        for start in range(0, len(content), 50_000):
            writer.write(content[start : start + 50_000])
        writer.finish()
    return upload_id
