"""Checks a copy of your data: python3 verify.py [folder or zip] [--key KEY]; Python 3.9 or later.

It says which files were changed, are missing or were added since the copy was made, and whether the list
of files was signed with the key in key.txt. That key shows that nothing was altered on the way; who signed
is shown by --key with the key as the service publishes it (key.txt says where).

Whoever can change the copy can change this program: to be sure, take verify.py from the source code.

Exit status: 0 all is as it was; 1 files differ; 2 the signature does not hold; 3 not such a copy.

Ed25519 as in RFC 8032, section 5.1.7; the signed bytes are those of manifest.json.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

KIND = "klarwert/access-package/v1"
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "key.txt"
OWN = {MANIFEST, SIGNATURE}
SAME, DIFFERENT, UNSIGNED, NOT_A_COPY = range(4)
MOST_MANIFEST_BYTES = 64 << 20
BLOCK = 1 << 20

# The curve of RFC 8032 section 5.1, in extended coordinates (x, y, z, x*y/z).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


Point = tuple[int, int, int, int]


class Broken(Exception):
    """What was given is no copy, or cannot be read."""


def add(one: Point, other: Point) -> Point:
    """The sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    """A multiple of a point."""
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def is_same_point(one: Point, other: Point) -> bool:
    """Whether two points are the same, whatever their z."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % P == 0


def find_x(y: int, sign: int) -> int | None:
    """The x that goes with a y, or nothing where there is none."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0 or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def find_point(encoded: bytes) -> Point | None:
    """The point of its 32 bytes, or nothing where they are of none."""
    number = int.from_bytes(encoded, "little")
    y = number & ((1 << 255) - 1)
    x = find_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = find_x(BASE_Y, 0) or 0
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of 64 bytes is the key's over the message."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = find_point(public_key), find_point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    return is_same_point(times(scalar, BASE), add(commitment, times(challenge, key)))


class Files(Protocol):
    """A copy, unpacked or not."""

    def names(self) -> set[str]: ...
    def blocks(self, name: str) -> Iterator[bytes]: ...


class Folder:
    """A copy that was unpacked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> set[str]:
        """Every file, but for what Python leaves behind by running this program here."""
        found = (file for file in self._path.rglob("*") if file.is_file() or file.is_symlink())
        names = {file.relative_to(self._path).as_posix() for file in found}
        return {name for name in names if "__pycache__" not in name.split("/")}

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file, in blocks."""
        with (self._path / name).open("rb") as file:
            while block := file.read(BLOCK):
                yield block


class Zip:
    """A copy as it was fetched."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        listed = self._zip.namelist()
        if len(listed) != len(set(listed)):
            raise Broken("two files in it have the same name")

    def names(self) -> set[str]:
        """Every file."""
        return set(self._zip.namelist())

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file, in blocks."""
        with self._zip.open(name) as file:
            while block := file.read(BLOCK):
                yield block


def open_copy(path: Path) -> Files:
    """The copy at a path.

    Raises:
        Broken: neither a folder nor a zip.
    """
    if path.is_dir():
        return Folder(path)
    try:
        return Zip(path)
    except (OSError, zipfile.BadZipFile):
        raise Broken("it is neither a folder nor a zip that can be read") from None


def whole(copy: Files, name: str) -> bytes:
    """One small file."""
    parts: list[bytes] = []
    length = 0
    try:
        for block in copy.blocks(name):
            parts.append(block)
            length += len(block)
            if length > MOST_MANIFEST_BYTES:
                raise Broken(f"{name} is too long")
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        raise Broken(f"{name} is missing or damaged") from None
    return b"".join(parts)


def verifier_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, id and public key of a C2SP verifier key: name+id+base64.

    Raises:
        Broken: it is none.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        decoded = b""
    expected = hashlib.sha256(name.encode() + b"\n" + decoded).hexdigest()[:8]
    if len(decoded) != 33 or decoded[:1] != b"\x01" or key_id != expected:
        raise Broken("the key is not a verifier key of the form name+id+base64")
    return name, bytes.fromhex(key_id), decoded[1:]


def holds(manifest: bytes, signature: str, key: str) -> bool:
    """Whether the signature line is the key's over the manifest."""
    name, key_id, public_key = verifier_key(key)
    start, _, encoded = signature.strip("\n").rpartition(" ")
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    return start == f"— {name}" and decoded[:4] == key_id and is_signed(public_key, manifest, decoded[4:])


def listed_files(manifest: bytes) -> dict[str, tuple[int, str]]:
    """Path to (bytes, SHA-256) of every file that was listed.

    Raises:
        Broken: the list is not one.
    """
    try:
        content = json.loads(manifest)
        if content["package"] != KIND:
            raise Broken("manifest.json is of another kind")
        return {str(file["path"]): (file["bytes"], file["sha256"]) for file in content["files"]}
    except (ValueError, KeyError, TypeError):
        raise Broken("manifest.json cannot be read") from None


def is_unchanged(copy: Files, name: str, length: int, sha256: str) -> bool:
    """Whether a file still has the bytes it was listed with."""
    digest, seen = hashlib.sha256(), 0
    try:
        for block in copy.blocks(name):
            digest.update(block)
            seen += len(block)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return False
    return seen == length and digest.hexdigest() == sha256


def differences(copy: Files, listed: dict[str, tuple[int, str]]) -> Iterator[str]:
    """What was done to the files since: one line each."""
    there = copy.names() - OWN
    for name in sorted(there | listed.keys()):
        if name not in there:
            yield f"missing: {name}"
        elif name not in listed:
            yield f"added: {name}"
        elif not is_unchanged(copy, name, *listed[name]):
            yield f"changed: {name}"


def check(path: Path, key: str | None = None) -> tuple[int, list[str]]:
    """Check a copy; returns the exit status and what to say.

    Args:
        key: the verifier key as the service publishes it; without it the copy's own.
    """
    try:
        copy = open_copy(path)
        manifest = whole(copy, MANIFEST)
        listed = listed_files(manifest)
        own = whole(copy, KEY).decode("utf-8", "replace").partition("\n")[0]
        signed = holds(manifest, whole(copy, SIGNATURE).decode("utf-8", "replace"), key or own)
    except Broken as broken:
        return NOT_A_COPY, [f"This is not such a copy: {broken}."]
    said = list(differences(copy, listed))
    if not signed:
        return UNSIGNED, ["The signature of manifest.json does not hold.", *said]
    if said:
        return DIFFERENT, said
    by = "the key you gave" if key else "the key in key.txt (who that is, only --key can show)"
    return SAME, [f"{len(listed)} files are as they were; the list is signed with {by}."]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Checks a copy of your data.")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--key", help="the verifier key as the service publishes it")
    asked = parser.parse_args(arguments)
    status, said = check(asked.path, asked.key)
    sys.stdout.write("".join(f"{line}\n" for line in said))
    return status


if __name__ == "__main__":
    sys.exit(main())
