"""Our zip and tar readers against the standard library's writers: what they wrote is what we read."""

import io
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive import Archive
from sources.errors import PlatformUnknown
from sources.minimise import Label, Part, part_of
from sources.readers import read_archive
from tests.making import edited_tweet, outbox, tar_of, tweet, wrapped, x_archive, x_file, zip_of
from tests.making_hostile import noise

# Deferred, as the table of all characters is made here.
NAMES = st.deferred(lambda: st.text(st.characters(codec="utf-8", exclude_characters="\0\\/:"), min_size=1))
CONTENTS = st.binary(max_size=2000)


def contents(archive: bytes, label: Label) -> bytes:
    with Archive(io.BytesIO(archive)) as opened:
        return b"".join(opened.chunks(Part(label)))


@settings(max_examples=80, deadline=None)
@given(
    others=st.dictionaries(NAMES.map("media/x{}".format), CONTENTS, max_size=4),
    content=CONTENTS,
    compression=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
def test_a_zip_is_read_as_it_was_written(others: dict[str, bytes], content: bytes, compression: int) -> None:
    archive = zip_of({**others, "data/tweets.js": content}, compression=compression)

    assert contents(archive, Label.TWEETS) == content


@settings(max_examples=80, deadline=None)
@given(
    others=st.dictionaries(NAMES.map("media/x{}".format), CONTENTS, max_size=4),
    content=CONTENTS,
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    gzipped=st.booleans(),
)
def test_a_tar_is_read_as_it_was_written(
    others: dict[str, bytes], content: bytes, form: int, gzipped: bool
) -> None:
    archive = tar_of({**others, "outbox.json": content}, form=form, gzipped=gzipped)

    assert contents(archive, Label.OUTBOX) == content


def test_a_zip_written_as_a_stream_with_zip64_sizes_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("data/tweets.js", "w", force_zip64=True) as member:
            member.write(x_file("tweets", wrapped([tweet()])))
        archive.comment = b"PK\5\6 is no end here"

    assert read_archive(io.BytesIO(buffer.getvalue())).posts == 1


def test_a_zip_with_more_entries_than_sixteen_bits_hold_needs_its_zip64_end_record() -> None:
    archive = zip_of({"data/tweets.js": x_file("tweets", [])})
    end = archive.rfind(b"PK\5\6")
    record, size, start = archive[end:], archive[end + 12 : end + 16], archive[end + 16 : end + 20]
    wide = b"PK\6\6" + (44).to_bytes(8, "little") + bytes(12) + (1).to_bytes(8, "little") * 2
    wide += size + bytes(4) + start + bytes(4)
    locator = b"PK\6\7" + bytes(4) + end.to_bytes(8, "little") + (1).to_bytes(4, "little")
    narrow = record[:8] + b"\xff" * 12 + record[20:]

    assert read_archive(io.BytesIO(archive[:end] + wide + locator + narrow)).posts == 0


def test_a_member_inflated_in_many_pieces_is_whole() -> None:
    content = outbox([]) + noise(1_000_000) + b" " * 1_500_000 + noise(1_000_000)
    archive = zip_of({"outbox.json": content})

    assert contents(archive, Label.OUTBOX) == content


@pytest.mark.parametrize(
    "name",
    [
        "data/direct-messages.js", "data/contact.js", "data/ip-audit.js", "data/account.js", "data/like.js",
        "likes.json", "bookmarks.json", "actor.json", "data/tweets.json", "data/tweets.js.exe",
        "a/b/c/outbox.json",
        "data/tweets-part01.js", "data/xtweets.js", "assets/tweets.js", "data/tweets-part٣.js",
    ],
)  # fmt: skip
def test_what_is_not_on_the_allow_list_is_never_opened(name: str) -> None:
    assert part_of(name) is None
    with pytest.raises(PlatformUnknown):
        read_archive(io.BytesIO(zip_of({name: b"never read"})))


LONG_ROWS = [tweet(n, full_text=str(n) * 50) for n in range(5000)]


@pytest.mark.parametrize(
    "archive",
    [
        x_archive(LONG_ROWS),
        tar_of({"data/tweets.js": x_file("tweets", wrapped(LONG_ROWS))}),
        x_file("tweets", wrapped(LONG_ROWS)),
        x_archive([edited_tweet([1], 1), *LONG_ROWS[2:], edited_tweet([1, 9], 9)]),  # read a second time
    ],
    ids=["zip", "tar.gz", "bare", "edited"],
)
def test_progress_rises_to_the_whole_and_never_falls(archive: bytes) -> None:
    seen: list[tuple[int, int]] = []

    read_archive(io.BytesIO(archive), progress=lambda done, total: seen.append((done, total)))

    assert len(seen) > 1
    assert seen == sorted(seen)
    assert len({total for _, total in seen}) == 1
    assert seen[-1][0] == seen[-1][1]


def test_the_file_stays_open_for_its_owner() -> None:
    file = io.BytesIO(x_archive([tweet()]))

    read_archive(file)

    assert not file.closed


class Trickle(io.BytesIO):
    """A source that answers with fewer bytes than asked, as a decrypting one may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 7) if size is not None and size > 0 else size)


def test_a_source_may_answer_in_small_pieces() -> None:
    assert read_archive(Trickle(x_archive([tweet()]))).posts == 1
    assert read_archive(Trickle(tar_of({"outbox.json": outbox([])}))).posts == 0
