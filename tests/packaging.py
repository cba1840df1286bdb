"""Copies for tests, made small and signed by whoever the test says, and then changed as the test likes."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from audit.checkpoint import NoteSigner, sign_text
from rights.package.folder import About, Folder
from rights.package.forms import MANIFEST_FORM
from sources.package import KIND, MANIFEST, SIGNATURE
from vault.spool import SpoolWriter

SIGNER = NoteSigner("elsewhere.example/klarwert-log/1/receipts", bytes(range(32)))
WEEK = {
    "week": "2026-W05",
    "posts": 3,
    "replies": 1,
    "reshares_made": 0,
    "likes_received": 12,
    "reshares_received": 2,
    "replies_received": None,
    "views_received": None,
}
RECORD: dict[str, Any] = {
    "platform": "x",
    "source": "archive",
    "reader_version": 1,
    "as_of": "2026-02-01",
    "followers": 120,
    "following": 7,
    "listed": 1,
    **{name: figure for name, figure in WEEK.items() if name != "week"},
    "first_day": "2026-01-28",
    "last_day": "2026-01-30",
    "missing": ["replies_received", "views_received"],
}
EVENT: dict[str, Any] = {
    "purpose": "score.compute",
    "about": "x",
    "number": 1,
    "decision": "given",
    "carried_as": None,
    "notice_version": "2026-11b",
    "notice_language": "en",
    "notice_sha256": "a" * 64,
    "surface": "page",
    "decided_at": "2026-02-02T10:00:00+00:00",
    "expires_at": "2027-02-02T10:00:00+00:00",
    "log_entry_id": "b" * 32,
    "despite_signal": False,
    "reason": None,
    "alias": None,
}
ACCOUNT: dict[str, Any] = {
    "id": "11111111-2222-3333-4444-555555555555",
    "created_at": "2026-01-01T00:00:00+00:00",
    "confirmed_at": "2026-01-01T00:00:00+00:00",
    "suspended_at": None,
    "account": {"address": "ada@elsewhere.example", "language": "de", "age_band": "18-plus"},
}


def json_lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def files(**changed: bytes) -> dict[str, bytes]:
    """The files of a small copy, by path; changed ones by their key below."""
    made = {
        "account": json_lines(ACCOUNT),
        "connections": json_lines(
            {"platform": "x", "imported_at": "2026-02-02T10:01:00+00:00", "record": RECORD}
        ),
        "weeks": json_lines(WEEK),
        "events": json_lines(EVENT),
        "index": b"<!doctype html><title>Your data</title>",
        "text": "May we …?\n".encode(),
    } | changed
    paths = {
        "account": "data/account.jsonl",
        "connections": "data/connections.jsonl",
        "weeks": "data/records/x.jsonl",
        "events": "consents/events.jsonl",
        "index": "index.html",
        "text": f"consents/texts/{'a' * 64}.en.txt",
    }
    return {paths[name]: content for name, content in made.items()}


def package(
    content: Mapping[str, bytes] | None = None, *, signer: NoteSigner = SIGNER, **head: object
) -> bytes:
    """A whole and rightly signed copy of these files."""
    buffer, about = io.BytesIO(), About("account", ("account",), "the person")
    whole = {
        "package": KIND,
        "schema_version": 1,
        "reference": "R-0TEST000",
        "generated_at": "2026-11-20T12:00:00+00:00",
        "language": "de",
        "service": "https://elsewhere.example",
        "log": "elsewhere.example/klarwert-log/1",
        "key": signer.verifier_key(),
    } | head
    out = cast(SpoolWriter, buffer)
    with Folder(out, datetime(2026, 11, 20, tzinfo=UTC), lambda: None) as folder:
        for path, data in (content if content is not None else files()).items():
            folder.add(path, "text/plain", (data,), about)
        folder.add("key.txt", "text/plain", (signer.verifier_key().encode() + b"\n",), about)
        folder.finish(whole, lambda text: sign_text(text, signer), MANIFEST_FORM)
    return buffer.getvalue()


def with_member(copy: bytes, name: str, content: bytes | None) -> bytes:
    """The same zip with one file put, replaced, or (None) left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(copy)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for known in old.namelist():
            if known != name:
                new.writestr(zipfile.ZipInfo(known), old.read(known), zipfile.ZIP_DEFLATED)
        if content is not None:
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def member(copy: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        return archive.read(name)


def names(copy: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        return archive.namelist()


def resigned(copy: bytes, old: bytes, new: bytes, signer: NoteSigner = SIGNER) -> bytes:
    """The copy with another list that is signed all the same: a lie by whoever holds the key."""
    manifest = member(copy, MANIFEST).replace(old, new, 1)
    signature = sign_text(manifest.decode(), signer)[len(manifest.decode()) + 1 :]
    return with_member(with_member(copy, MANIFEST, manifest), SIGNATURE, signature.encode())
