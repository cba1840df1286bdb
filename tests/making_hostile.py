"""Archives built to hurt their reader, by what they try; each with the refusal it must get.

The bytes are made here and nowhere stored. Sizes are as large as the attack needs and no larger.
"""

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.making import announce, create, outbox, tar_of, tweet, wrapped, x_archive, x_file, zip_of

GOOD = {"data/tweets.js": x_file("tweets", wrapped([tweet()]))}


@dataclass(frozen=True)
class Hostile:
    """An attack and the slug and reason of its refusal."""

    build: Callable[[], bytes]
    slug: str
    reason: str | None = None


def with_tweets(text: bytes) -> bytes:
    return zip_of({"data/tweets.js": b"window.YTD.tweets.part0 = " + text})


def noise(count: int) -> bytes:
    """Hexadecimal digits that do not compress below a half: no ratio can give them away."""
    blocks = (hashlib.sha256(str(n).encode()).hexdigest() for n in range(count // 64 + 1))
    return "".join(blocks).encode()[:count]


def central(name: bytes, start: int = 0) -> bytes:
    """One central directory entry of an empty stored member."""
    fixed = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0, 0, 0, 0, 0, start
    )
    return fixed + name


def directory_only(entries: bytes, *, count: int) -> bytes:
    """A zip that is all table of contents."""
    head = b"PK\3\4" + bytes(26)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(entries), len(head), 0)
    return head + entries + end


def overlapping_in_full() -> bytes:
    """Two names for the same bytes."""
    data = bytearray(zip_of({**GOOD, "data/second.js": b"[]"}))
    second = data.rfind(b"PK\1\2")
    data[second + 42 : second + 46] = bytes(4)
    return bytes(data)


def overlapping_by_quoting() -> bytes:
    """The first member's packed bytes run over the second's header."""
    data = bytearray(zip_of({**GOOD, "data/second.js": b"[]"}, compression=zipfile.ZIP_STORED))
    first = data.find(b"PK\1\2")
    packed, size = struct.unpack_from("<2L", data, first + 20)
    struct.pack_into("<2L", data, first + 20, packed + 40, size + 40)
    return bytes(data)


def understated() -> bytes:
    """A directory that declares fewer bytes than the member unpacks to."""
    data = bytearray(zip_of({"data/tweets.js": b"window.YTD.tweets.part0 = [" + b" " * 50_000_000 + b"]"}))
    entry = data.rfind(b"PK\1\2")
    struct.pack_into("<L", data, entry + 24, 1000)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(zip_of(GOOD))
    for mark, flags_at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.find(mark) + flags_at] |= 1
    return bytes(data)


def special_zip_entry(kind: int) -> bytes:
    buffer = io.BytesIO(zip_of(GOOD))
    with zipfile.ZipFile(buffer, "a") as archive:
        entry = zipfile.ZipInfo("data/other.js")
        entry.create_system = 3
        entry.external_attr = kind << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


def zip_with_duplicate() -> bytes:
    data = zip_of({**GOOD, "data/tweetz.js": b"[]"})
    return data.replace(b"data/tweetz.js", b"data/tweets.js")


def zip_with_nul() -> bytes:
    return zip_of({**GOOD, "data/xxxx.js": b"[]"}).replace(b"data/xxxx.js", b"data/x\0xx.js")


def special_tar_entry(kind: bytes, *, name: str = "media/1.png", link: str = "/etc/passwd") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        content = outbox([create()])
        good = tarfile.TarInfo("outbox.json")
        good.size = len(content)
        archive.addfile(good, io.BytesIO(content))
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, link
        archive.addfile(entry)
    return buffer.getvalue()


def tar_with_long_header(kind: bytes) -> bytes:
    """A long name that declares 50 MB, all there."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = kind, 50_000_000
    block = header.tobuf(tarfile.USTAR_FORMAT)
    return gzip.compress(block + noise(2_000_000), 1)


def tar_with_sparse_map() -> bytes:
    content = outbox([create()])
    header = tarfile.TarInfo("outbox.json")
    header.size = len(content)
    header.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1"}
    return gzip.compress(header.tobuf(tarfile.PAX_FORMAT) + content + bytes(4096))


def many_folders_in_a_tar() -> bytes:
    blocks = []
    for number in range(50_010):
        header = tarfile.TarInfo(f"{number}{noise(64).decode()}")
        header.type = tarfile.DIRTYPE
        blocks.append(header.tobuf(tarfile.USTAR_FORMAT))
    return b"".join(blocks) + bytes(1024)


def nested() -> bytes:
    """Zips in a zip, as 42.zip is built; none is opened."""
    inner = zip_of({"0.dll": bytes(1000)})
    return zip_of({f"lib {n}.zip": inner for n in range(16)})


def deep(depth: int = 100_000) -> bytes:
    return b"[" * depth + b"]" * depth


UNSAFE, UNREADABLE = "archive-unsafe", "archive-unreadable"

HOSTILE: dict[str, Hostile] = {
    "zip bomb by ratio": Hostile(lambda: zip_of({**GOOD, "bomb": bytes(50_000_000)}), UNSAFE, "ratio"),
    "zip bomb by ratio in a read member": Hostile(
        lambda: with_tweets(b"[" + b" " * 50_000_000 + b"]"), UNSAFE, "ratio"
    ),
    "zip bomb that understates its size": Hostile(understated, UNSAFE, "declared-size"),
    "zip bomb by full overlap": Hostile(overlapping_in_full, UNSAFE, "overlap"),
    "zip bomb by quoted overlap": Hostile(overlapping_by_quoting, UNSAFE, "overlap"),
    "zip bomb by count": Hostile(
        lambda: directory_only(b"".join(central(b"%08d" % n) for n in range(60_000)), count=60_000),
        UNSAFE,
        "count",
    ),
    "zip whose count lies": Hostile(
        lambda: directory_only(b"".join(central(b"%x" % n) for n in range(300_000)), count=10),
        UNSAFE,
        "count",
    ),
    "zip with a huge directory": Hostile(
        lambda: directory_only(central(b"x" * 60_000) * 500, count=500), UNSAFE, "directory"
    ),
    "zips in a zip": Hostile(nested, "platform-unknown"),
    "zip with traversal": Hostile(lambda: zip_of({**GOOD, "data/../../x": b""}), UNSAFE, "name"),
    "zip with traversal by backslash": Hostile(lambda: zip_of({**GOOD, "..\\x": b""}), UNSAFE, "name"),
    "zip with an absolute name": Hostile(lambda: zip_of({**GOOD, "/etc/x": b""}), UNSAFE, "name"),
    "zip with a drive letter": Hostile(lambda: zip_of({**GOOD, "C:/x": b""}), UNSAFE, "name"),
    "zip with NUL in a name": Hostile(zip_with_nul, UNSAFE, "name"),
    "zip with a symlink": Hostile(lambda: special_zip_entry(0o120777), UNSAFE, "link"),
    "zip with a device": Hostile(lambda: special_zip_entry(0o020666), UNSAFE, "link"),
    "zip with duplicate names": Hostile(zip_with_duplicate, UNSAFE, "duplicate"),
    "encrypted zip": Hostile(encrypted, "archive-encrypted"),
    "truncated zip": Hostile(lambda: zip_of(GOOD)[:-30], UNREADABLE, "truncated"),
    "zip with flipped data": Hostile(
        lambda: zip_of(GOOD, compression=zipfile.ZIP_STORED).replace(b"good", b"g00d", 1),
        UNREADABLE,
        "damaged",
    ),
    "zip in an unread compression": Hostile(
        lambda: zip_of(GOOD, compression=zipfile.ZIP_LZMA), UNREADABLE, "compression"
    ),
    "gzip bomb": Hostile(lambda: gzip.compress(bytes(50_000_000), 1), UNSAFE, "declared-size"),
    "gzip bomb around a tar": Hostile(
        lambda: tar_of({"outbox.json": b'{"orderedItems": [' + b" " * 50_000_000}), UNSAFE, "ratio"
    ),
    "gzip that is no tar": Hostile(lambda: gzip.compress(noise(2000)), UNREADABLE, "damaged"),
    "truncated tar.gz": Hostile(
        lambda: tar_of({"outbox.json": outbox([create()])})[:-20], UNREADABLE, "truncated"
    ),
    "tar with a symlink": Hostile(lambda: special_tar_entry(tarfile.SYMTYPE), UNSAFE, "link"),
    "tar with a hardlink": Hostile(lambda: special_tar_entry(tarfile.LNKTYPE), UNSAFE, "link"),
    "tar with a device": Hostile(lambda: special_tar_entry(tarfile.CHRTYPE), UNSAFE, "link"),
    "tar with a pipe": Hostile(lambda: special_tar_entry(tarfile.FIFOTYPE), UNSAFE, "link"),
    "tar with traversal": Hostile(
        lambda: special_tar_entry(tarfile.REGTYPE, name="../x", link=""), UNSAFE, "name"
    ),
    "tar with an absolute name": Hostile(
        lambda: special_tar_entry(tarfile.REGTYPE, name="/x", link=""), UNSAFE, "name"
    ),
    "tar with duplicate names": Hostile(
        lambda: special_tar_entry(tarfile.REGTYPE, name="outbox.json", link=""), UNSAFE, "duplicate"
    ),
    "tar with a huge pax header": Hostile(lambda: tar_with_long_header(b"x"), UNSAFE, "directory"),
    "tar with a huge long name": Hostile(lambda: tar_with_long_header(b"L"), UNSAFE, "directory"),
    "tar with a sparse map": Hostile(tar_with_sparse_map, UNSAFE, "link"),
    "tar bomb by count": Hostile(many_folders_in_a_tar, UNSAFE, "count"),
    "nothing at all": Hostile(lambda: b"", UNREADABLE, "type"),
    "a picture": Hostile(lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), UNREADABLE, "type"),
    "a JSON of something else": Hostile(lambda: b'{"Profile": {}}', "platform-unknown"),
    "a zip of something else": Hostile(lambda: zip_of({"notes.txt": b"hello"}), "platform-unknown"),
    "JSON 10^5 deep": Hostile(lambda: with_tweets(deep()), UNSAFE, "depth"),
    "JSON 10^5 deep in a value": Hostile(
        lambda: zip_of({"outbox.json": b'{"type": "OrderedCollection", "id": ' + deep() + b"}"}),
        UNSAFE,
        "depth",
    ),
    "an endless string": Hostile(
        lambda: with_tweets(b'[{"full_text": "' + noise(8_000_000) + b'"}]'), UNREADABLE, "row"
    ),
    "a row of a million empty lists": Hostile(
        lambda: with_tweets(b'[{"x": [' + b"[],{}," * 300_000 + b'0], "y": "' + noise(40_000) + b'"}]'),
        UNREADABLE,
        "row",
    ),
    "invalid UTF-8": Hostile(lambda: with_tweets(b'[{"full_text": "\xff\xfe"}]'), UNREADABLE, "text"),
    "NaN": Hostile(lambda: with_tweets(b'[{"tweet": {"favorite_count": NaN}}]'), UNREADABLE, "json"),
    "a number of 10^5 digits": Hostile(
        lambda: with_tweets(b'[{"tweet": {"favorite_count": ' + b"9" * 100_000 + b"}}]"), UNREADABLE, "json"
    ),
    "JSON that stops": Hostile(lambda: with_tweets(b'[{"tweet": {'), UNREADABLE, "json"),
    "text after the JSON": Hostile(lambda: with_tweets(b"[] []"), UNREADABLE, "json"),
    "code instead of JSON": Hostile(lambda: with_tweets(b"(function(){return []})()"), UNREADABLE, "json"),
    "a row that is no object": Hostile(lambda: with_tweets(b'["tweet"]'), UNREADABLE, "row"),
    "a negative counter": Hostile(lambda: x_archive([tweet(favorite_count="-1")]), UNREADABLE, "row"),
    "a counter beyond belief": Hostile(lambda: x_archive([tweet(favorite_count=10**13)]), UNREADABLE, "row"),
    "a counter that is true": Hostile(lambda: x_archive([tweet(favorite_count=True)]), UNREADABLE, "row"),
    "a tweet without a date": Hostile(lambda: x_archive([tweet(created_at=None)]), UNREADABLE, "row"),
    "a tweet of no day": Hostile(
        lambda: x_archive([tweet(created_at="Wed Feb 31 20:19:24 +0000 2018")]), UNREADABLE, "row"
    ),
    "a tweet of the year 9999": Hostile(
        lambda: x_archive([tweet(created_at="Wed Oct 10 20:19:24 +0000 9999")]), UNREADABLE, "row"
    ),
    "a tweet without text": Hostile(lambda: x_archive([tweet(full_text=None)]), UNREADABLE, "row"),
    "an outbox row without a type": Hostile(lambda: outbox([create(type=None)]), UNREADABLE, "row"),
    "an outbox row with a naive date": Hostile(
        lambda: outbox([announce(published="2022-11-08T20:19:24")]), UNREADABLE, "row"
    ),
    "an outbox of another kind": Hostile(lambda: outbox([], type="Collection"), UNREADABLE, "row"),
    "an outbox twice": Hostile(
        lambda: b'{"type": "OrderedCollection", "orderedItems": [], "orderedItems": []}', UNREADABLE, "row"
    ),
}
