"""Plain factory functions: rows and well-formed archives in every layout, and the bytes around them.

Hostile archives are in tests/making_hostile.py.
"""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
HOME = "https://social.example/users/subject"
Rows = Sequence[Mapping[str, Any]]


def tweet(identifier: int = 1, **fields: Any) -> dict[str, Any]:
    """A tweet of 2022 and later, bare."""
    return {
        "id_str": str(identifier),
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "full_text": "good morning",
        "favorite_count": "3",
        "retweet_count": "1",
        "retweeted": False,
        **fields,
    }


def edited_tweet(versions: Sequence[int], version: int, **fields: Any) -> dict[str, Any]:
    """One version of an edited tweet, as the edit history of X describes it."""
    control = {"editTweetIds": [str(each) for each in versions], "editsRemaining": "4"}
    if version == versions[0]:
        return tweet(version, edit_info={"initial": control}, **fields)
    edit = {"initialTweetId": str(versions[0]), "editControlInitial": control}
    return tweet(version, edit_info={"edit": edit}, **fields)


def wrapped(rows: Rows) -> list[dict[str, Any]]:
    return [{"tweet": row} for row in rows]


def x_file(key: str, rows: Any, *, part: int = 0) -> bytes:
    """A member of an X archive: JSON behind an assignment."""
    return f"window.YTD.{key}.part{part} = {json.dumps(rows, indent=2)}".encode()


def persons(kind: str, count: int) -> list[dict[str, Any]]:
    return [{kind: {"accountId": str(n), "userLink": f"https://x.example/{n}"}} for n in range(count)]


def manifest_file(*names: str, generated: str = "2022-11-20T05:00:00.000Z") -> bytes:
    files = [{"fileName": name, "globalName": "YTD.tweets.part0", "count": "1"} for name in names]
    manifest = {
        "userInfo": {"accountId": "1", "userName": "subject"},
        "archiveInfo": {"generationDate": generated, "sizeBytes": "1", "isPartialArchive": False},
        "dataTypes": {"tweets": {"files": files}, "directMessages": {"files": []}},
    }
    return f"window.__THAR_CONFIG = {json.dumps(manifest)}".encode()


def x_archive(rows: Rows, **members: bytes) -> bytes:
    """A zip as X sends it now; further members by name, dots and slashes as in the archive."""
    return zip_of({"data/tweets.js": x_file("tweets", wrapped(rows)), **members})


def create(identifier: int = 1, **fields: Any) -> dict[str, Any]:
    """A public post; fields of the note are given with `note_`, the others are the activity's."""
    note = {name.removeprefix("note_"): value for name, value in fields.items() if name.startswith("note_")}
    own = {name: value for name, value in fields.items() if not name.startswith("note_")}
    return {
        "id": f"{HOME}/statuses/{identifier}/activity",
        "type": "Create",
        "actor": HOME,
        "published": "2022-11-08T20:19:24Z",
        "to": [PUBLIC],
        "cc": [f"{HOME}/followers"],
        "object": {"type": "Note", "inReplyTo": None, "content": "<p>good morning</p>", **note},
        **own,
    }


def received(likes: int, shares: int) -> dict[str, Any]:
    """The counters of Mastodon 4.3, as arguments of `create`."""
    return {
        "note_likes": {"type": "Collection", "totalItems": likes},
        "note_shares": {"type": "Collection", "totalItems": shares},
    }


def announce(**fields: Any) -> dict[str, Any]:
    return {**create(), "type": "Announce", "object": "https://elsewhere.example/statuses/1", **fields}


def outbox(rows: Rows, **fields: Any) -> bytes:
    """An outbox as Mastodon writes it."""
    collection = {
        "@context": ["https://www.w3.org/ns/activitystreams", {"ostatus": "http://ostatus.org#"}],
        "id": "outbox.json",
        "type": "OrderedCollection",
        "totalItems": len(rows),
        "orderedItems": rows,
        **fields,
    }
    return json.dumps(collection).encode()


def zip_of(members: Mapping[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return buffer.getvalue()


def tar_of(members: Mapping[str, bytes], *, gzipped: bool = True, form: int = tarfile.USTAR_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return gzip.compress(buffer.getvalue()) if gzipped else buffer.getvalue()
