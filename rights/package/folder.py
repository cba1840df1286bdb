"""The folder a person's copy is: a zip written as a stream, with a signed list of what is in it.

    file, file, …, manifest.json (path, bytes, SHA-256, … of each)  ->  manifest.sig over its bytes

Nothing is held but the list: a file is hashed while it goes out, so a large one costs no memory. The
signature is the last line of a C2SP signed note whose text is the manifest, hence Ed25519 over the
manifest's very bytes; verify.py checks it without us.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Self, cast

from sources.package import MANIFEST, SIGNATURE
from vault.spool import SpoolWriter

PIECE_BYTES = 64 << 10
JSON, LINES = "application/json", "application/jsonl"
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class About:
    """What a file of the copy is: what it holds, what for, and where that came from."""

    category: str
    purpose: tuple[str, ...]
    source: str
    schema: str | None = None  # its file, where it is JSON; of JSON lines: of each line


@dataclass(frozen=True)
class Filed:
    """One file as it went out."""

    path: str
    bytes: int
    sha256: str
    media_type: str
    about: About


class Folder:
    """Takes files one after the other; `finish` lists and signs them."""

    def __init__(self, out: SpoolWriter, now: datetime, progress: Callable[[], None]) -> None:
        self._zip = zipfile.ZipFile(cast(BinaryIO, out), "w", zipfile.ZIP_DEFLATED)
        self._made_at = now.timetuple()[:6]
        self._progress = progress
        self._schemas: dict[str, bytes] = {}
        self.files: list[Filed] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the stream; what was given up half-way its owner throws away."""
        self._zip.close()

    def add(self, path: str, media_type: str, pieces: Iterable[bytes], about: About) -> Filed:
        """Write one file, piece by piece."""
        digest, written = hashlib.sha256(), 0
        with self._zip.open(self._info(path), "w") as member:
            for block in _blocks(pieces):
                member.write(block)
                digest.update(block)
                written += len(block)
                self._progress()
        filed = Filed(path, written, digest.hexdigest(), media_type, about)
        self.files.append(filed)
        return filed

    def add_text(self, path: str, media_type: str, text: str, about: About) -> Filed:
        """Write one text, UTF-8."""
        return self.add(path, media_type, (text.encode(),), about)

    def add_json(self, path: str, value: object, about: About, form: Mapping[str, Any]) -> Filed:
        """Write one JSON document, and the schema of its form once."""
        self._keep_schema(about, form)
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        return self.add_text(path, JSON, text, about)

    def add_pieces(self, path: str, pieces: Iterable[bytes], about: About, form: Mapping[str, Any]) -> Filed:
        """Write one JSON document that comes in pieces."""
        self._keep_schema(about, form)
        return self.add(path, JSON, pieces, about)

    def add_lines(self, path: str, lines: Iterable[bytes], about: About, form: Mapping[str, Any]) -> Filed:
        """Write JSON lines; `form` is that of each."""
        self._keep_schema(about, form)
        return self.add(path, LINES, (line + b"\n" for line in lines), about)

    def finish(self, head: Mapping[str, Any], sign: Callable[[str], str], form: Mapping[str, Any]) -> None:
        """Write the schemas, the list of all files and its signature.

        Args:
            sign: makes a C2SP signed note of a text.
            form: of the list itself.
        """
        self._keep_schema(About("manifest", ("rights",), "the service", "schemas/manifest.schema.json"), form)
        for path, content in sorted(self._schemas.items()):
            self.add(path, "application/schema+json", (content,), About("schema", ("rights",), "the service"))
        listed = {**head, "files": [_listed(filed) for filed in self.files]}
        manifest = json.dumps(listed, ensure_ascii=True, allow_nan=False, indent=1) + "\n"
        signature = sign(manifest)[len(manifest) + 1 :]
        for path, text in ((MANIFEST, manifest), (SIGNATURE, signature)):
            self._zip.writestr(self._info(path), text.encode())

    def _keep_schema(self, about: About, form: Mapping[str, Any]) -> None:
        if about.schema is None:
            raise ValueError("A JSON file says which schema it follows.")
        schema = json.dumps({"$schema": DRAFT, **form}, ensure_ascii=False, indent=1) + "\n"
        self._schemas.setdefault(about.schema, schema.encode())

    def _info(self, path: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self._made_at)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info


def compact(value: object) -> bytes:
    """One JSON value on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces, for compressing and hashing a line at a time is slow."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _listed(filed: Filed) -> dict[str, Any]:
    return {
        "path": filed.path,
        "bytes": filed.bytes,
        "sha256": filed.sha256,
        "media_type": filed.media_type,
        "category": filed.about.category,
        "purpose": list(filed.about.purpose),
        "source": filed.about.source,
        "schema": filed.about.schema,
    }
