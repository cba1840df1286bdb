"""A copy that a Klarwert made of a person's data (rights/access.py), as an untrusted file (GDPR Art. 20).

    zip checked whole -> key.txt, manifest.sig, manifest.json -> signature -> list -> every file -> read

Nothing in it is believed before all of it was checked: names of the closed forms below, each listed, each
with the bytes it was listed with, and the list signed with the key that lies in the copy. That key says
who made it only to whoever knows the key; whether it is known here is the caller's to say.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.checkpoint import NoteVerifier, open_text
from audit.errors import CheckpointInvalid, VerifierKeyInvalid
from sources.directory import Directory
from sources.errors import ArchiveUnreadable, ArchiveUnsafe, Danger, Flaw, PackageRefused
from sources.json_window import JsonWindow
from sources.limits import ByteSource, Limits
from sources.minimise import Label, Part
from sources.stored import Meter, Progress, read_exactly
from sources.zipped import Zip

KIND = "klarwert/access-package/v1"
SCHEMA_VERSION = 1
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "key.txt"
LIMITS = Limits(declared_bytes=4_000_000_000, member_bytes=1_000_000_000)
_MOST_BYTES = {MANIFEST: 8 << 20, SIGNATURE: 64 << 10, KEY: 64 << 10}  # read whole
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MEMBER = re.compile(
    r"index\.html|README\.txt|context\.json|not-included\.json|access_log\.jsonl"
    r"|key\.txt|verify\.py|manifest\.json|manifest\.sig"
    r"|data/[a-z_]{1,63}\.jsonl|data/records/[a-z]{1,20}\.jsonl"
    rf"|derived/[a-z_]{{1,63}}\.jsonl|derived/explanations/{_UUID}\.(?:json|html)"
    r"|derived/cards/[0-9a-f]{64}\.json"
    r"|consents/[a-z_]{1,63}\.jsonl|consents/texts/[0-9a-f]{64}\.[a-z]{2}\.txt"
    r"|consents/receipts/[a-z0-9_.-]{1,200}-(?:0|[1-9][0-9]{0,18})\.(?:json|jwt|tlog-proof)"
    r"|recipients/[a-z_]{1,63}\.jsonl?|perks/[a-z_]{1,63}\.jsonl?"
    r"|portability/[a-z_]{1,63}\.json|schemas/[a-z_-]{1,63}\.schema\.json",
    re.ASCII,
)
_ISSUER = re.compile(r"[!-*,-~]{1,200}", re.ASCII)  # no space, no “+”: as in a signed note
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEAD = frozenset(
    {"package", "schema_version", "reference", "generated_at", "language", "service", "log", "key", "files"}
)
_LISTED = frozenset({"path", "bytes", "sha256", "media_type", "category", "purpose", "source", "schema"})


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signed a copy: the name of the key, and the whole key as its owner publishes it."""

    name: str
    key: str


class PackageDirectory(Directory):
    """Which files of a copy are there, by their names in the closed forms."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._most = limits.member_bytes
        self.names: dict[str, Part] = {}
        self.has_strangers = False

    def _admit_part(self, name: str, size: int) -> Part | None:
        if name.endswith("/"):  # a folder by itself
            return None
        if not _MEMBER.fullmatch(name):
            self.has_strangers = True
            return None
        if size > min(self._most, _MOST_BYTES.get(name, self._most)):
            raise ArchiveUnsafe(Danger.MEMBER_SIZE, label=Label.PACKAGE)
        self.names[name] = Part(Label.PACKAGE, len(self.names))
        return self.names[name]


class Package:
    """A copy; `verify` comes before anything is read out of it."""

    def __init__(self, zipped: Zip, directory: PackageDirectory, limits: Limits) -> None:
        self._zip = zipped
        self._names = directory.names
        self._has_strangers = directory.has_strangers
        self._limits = limits
        self._meter = Meter(zipped.bytes_to_read, None)
        self._is_verified = False
        self.issuer = Issuer("", "")

    def verify(self, progress: Progress | None = None) -> Issuer:
        """Check all of it; returns who signed.

        Raises:
            PackageRefused: what is wrong, with the file's name. ArchiveUnsafe, ArchiveUnreadable.
        """
        self._meter = Meter(2 * self._zip.bytes_to_read, progress)  # some files are read once more
        if self._has_strangers:
            raise PackageRefused(Flaw.FILE_STRANGE)
        key = self._key()
        manifest = self._whole(MANIFEST)
        _require_signed(manifest, self._whole(SIGNATURE), key)
        listed = self._listed(manifest, key)
        for name in sorted(self._names.keys() | listed.keys()):
            self._require_as_listed(name, listed.get(name))
        self._meter.finish()
        self.issuer = Issuer(key.name, key.vkey())
        self._is_verified = True
        return self.issuer

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        """The objects of a file of JSON lines; of one that is not there, none."""
        if not self._is_verified:
            raise ValueError("A copy is verified before it is read.")
        if path not in self._names:
            return
        window = JsonWindow(self._chunks(path), Label.PACKAGE, self._limits)
        row = 0
        try:
            for row, value in enumerate(window.lines(), 1):
                if type(value) is not dict:
                    raise PackageRefused(Flaw.ENTRY, file=path, row=row)
                yield value
        except ArchiveUnreadable:
            raise PackageRefused(Flaw.ENTRY, file=path, row=row + 1) from None

    def _key(self) -> NoteVerifier:
        first, _, _ = self._whole(KEY).partition(b"\n")
        try:
            key = NoteVerifier.from_vkey(first.decode("ascii"))
        except (UnicodeDecodeError, VerifierKeyInvalid):
            raise PackageRefused(Flaw.SIGNATURE, file=KEY) from None
        if not _ISSUER.fullmatch(key.name):
            raise PackageRefused(Flaw.SIGNATURE, file=KEY)
        return key

    def _listed(self, manifest: bytes, key: NoteVerifier) -> dict[str, tuple[int, str]]:
        """Size and digest of every listed file."""
        head: dict[str, Any] = {}
        listed: dict[str, tuple[int, str]] = {}
        window = JsonWindow(iter((manifest,)), Label.PACKAGE, self._limits)
        try:
            for name in window.object_keys():
                if name in head:
                    raise PackageRefused(Flaw.LIST, file=MANIFEST)
                head[name] = None if name == "files" else window.value()
                if name == "files":
                    for row in window.rows():
                        _add_listed(listed, row)
            window.finish()
        except ArchiveUnreadable:
            raise PackageRefused(Flaw.LIST, file=MANIFEST) from None
        _require_head(head, key)
        return listed

    def _require_as_listed(self, name: str, listed: tuple[int, str] | None) -> None:
        if name not in self._names:
            raise PackageRefused(Flaw.FILE_MISSING, file=name)
        if name in (MANIFEST, SIGNATURE):
            return
        if listed is None:
            raise PackageRefused(Flaw.FILE_ADDED, file=name)
        digest, count = hashlib.sha256(), 0
        for chunk in self._chunks(name):
            digest.update(chunk)
            count += len(chunk)
        if (count, digest.hexdigest()) != listed:
            raise PackageRefused(Flaw.FILE_CHANGED, file=name)

    def _whole(self, name: str) -> bytes:
        if name not in self._names:
            raise PackageRefused(Flaw.FILE_MISSING, file=name)
        return b"".join(self._chunks(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            yield from self._zip.chunks(self._names[name], self._meter)
        except ArchiveUnreadable:  # what is packed was changed, or the zip says another size
            raise PackageRefused(Flaw.FILE_CHANGED, file=name) from None


def find_package(file: ByteSource, limits: Limits = LIMITS) -> Package | None:
    """The copy a file is, not yet verified; None where it is something else.

    Raises:
        ArchiveUnsafe, ArchiveUnreadable, ArchiveEncrypted: a zip one does not go on with.
    """
    file_bytes = file.seek(0, os.SEEK_END)
    if not read_exactly(file, 0, min(file_bytes, 4)).startswith((b"PK\3\4", b"PK\5\6")):
        return None
    directory = PackageDirectory(limits)
    zipped = Zip(file, file_bytes, limits, directory)
    is_package = directory.names.keys() & {MANIFEST, SIGNATURE}
    return Package(zipped, directory, limits) if is_package else None


def _require_signed(manifest: bytes, signature: bytes, key: NoteVerifier) -> None:
    try:
        note = f"{manifest.decode()}\n{signature.decode()}"
        if open_text(note, [key]).encode() == manifest:
            return
    except (UnicodeDecodeError, CheckpointInvalid):
        pass
    raise PackageRefused(Flaw.SIGNATURE, file=SIGNATURE)


def _require_head(head: Mapping[str, Any], key: NoteVerifier) -> None:
    if head.get("package") == KIND and head.get("schema_version") != SCHEMA_VERSION:
        raise PackageRefused(Flaw.VERSION, file=MANIFEST)
    texts = _HEAD - {"files", "schema_version"}
    is_of_form = (
        head.keys() == _HEAD
        and all(type(head[name]) is str for name in texts)
        and type(head["schema_version"]) is int
        and head["package"] == KIND
        and head["key"] == key.vkey()
        and _is_instant(head["generated_at"])
    )
    if not is_of_form:
        raise PackageRefused(Flaw.LIST, file=MANIFEST)


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _add_listed(listed: dict[str, tuple[int, str]], row: object) -> None:
    if type(row) is not dict or row.keys() != _LISTED:
        raise PackageRefused(Flaw.LIST, file=MANIFEST)
    path, count, digest = row["path"], row["bytes"], row["sha256"]
    is_of_form = type(path) is str and type(count) is int and type(digest) is str
    if not is_of_form or not _MEMBER.fullmatch(path) or not _SHA256.fullmatch(digest) or path in listed:
        raise PackageRefused(Flaw.LIST, file=MANIFEST)
    listed[path] = (count, digest)
