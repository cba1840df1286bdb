"""The spool: an upload waits here, sealed, until a worker has read it.

    file  = magic (4) | version (1) | salt (32) | chunk 0 | chunk 1 | …
    chunk = ciphertext (131072, the last one shorter) | tag (16)

AES-256-GCM under a key derived from the scope's DEK, the salt and the upload's id, so the key is used
for this file only and the chunk number can be the nonce. The last chunk is marked in its associated
data, so a truncated file does not pass for a whole one (the STREAM construction, Hoang et al. 2015).
Chunks open singly, so a zip's directory at the end can be read first. Nothing is ever written in clear.
"""

import io
import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.envelope import Dek, expand
from vault.errors import EnvelopeInvalid

MAGIC = b"KWSP\x01"
SALT_BYTES = 32
CHUNK_BYTES = 131_072
TAG_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES


class SpoolWriter(io.RawIOBase):
    """Write one upload; `finish` makes it visible, anything else leaves nothing behind."""

    def __init__(self, directory: Path, upload_id: UUID, dek: Dek) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = upload_path(directory, upload_id)
        self._part = self._path.with_suffix(".part")
        salt = secrets.token_bytes(SALT_BYTES)
        self._aead = AESGCM(_file_key(dek, upload_id, salt))
        descriptor = os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._file.write(MAGIC + salt)
        self._waiting = bytearray()
        self._chunks = 0
        self.plain_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = len(data)
        self._waiting += data
        self.plain_bytes += written
        # One byte more than a chunk must wait, because only `finish` knows which chunk is the last.
        while len(self._waiting) > CHUNK_BYTES:
            self._seal_chunk(self._waiting[:CHUNK_BYTES], last=False)
            del self._waiting[:CHUNK_BYTES]
        return written

    def finish(self) -> None:
        """Seal the last chunk, make it durable, and give the file its name."""
        self._seal_chunk(self._waiting, last=True)
        self._waiting.clear()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._path)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            self._part.unlink(missing_ok=True)
        super().close()

    def _seal_chunk(self, chunk: bytearray, *, last: bool) -> None:
        self._file.write(self._aead.encrypt(_nonce(self._chunks), chunk, b"last" if last else b""))
        self._chunks += 1


class SpoolReader(io.RawIOBase):
    """Read one upload from any position, chunk by chunk.

    Raises, while reading:
        EnvelopeInvalid: a chunk was altered, moved or cut off.
    """

    def __init__(self, directory: Path, upload_id: UUID, dek: Dek) -> None:
        path = upload_path(directory, upload_id)
        self._file: BinaryIO = path.open("rb")
        header = self._file.read(HEADER_BYTES)
        if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
            self._file.close()
            raise EnvelopeInvalid
        self._aead = AESGCM(_file_key(dek, upload_id, header[len(MAGIC) :]))
        sealed = path.stat().st_size - HEADER_BYTES
        self._chunks = max(1, -(-sealed // (CHUNK_BYTES + TAG_BYTES)))
        self.plain_bytes = sealed - self._chunks * TAG_BYTES
        self._position = 0
        self._opened: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.plain_bytes}[whence]
        if start + offset < 0:
            raise ValueError("A position before the beginning.")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._position >= self.plain_bytes:
            return 0
        number, offset = divmod(self._position, CHUNK_BYTES)
        piece = self._chunk(number)[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._opened[0] != number:
            self._file.seek(HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES))
            sealed = self._file.read(CHUNK_BYTES + TAG_BYTES)
            try:
                last = b"last" if number == self._chunks - 1 else b""
                self._opened = (number, self._aead.decrypt(_nonce(number), sealed, last))
            except (InvalidTag, ValueError):
                raise EnvelopeInvalid from None
        return self._opened[1]


def upload_path(directory: Path, upload_id: UUID) -> Path:
    """Where an upload lies: under its random id, which says nothing."""
    return directory / f"{upload_id.hex}.upload"


def remove_upload(directory: Path, upload_id: UUID) -> None:
    """Delete an upload, finished or not; idempotent."""
    path = upload_path(directory, upload_id)
    path.unlink(missing_ok=True)
    path.with_suffix(".part").unlink(missing_ok=True)


def _file_key(dek: Dek, upload_id: UUID, salt: bytes) -> bytes:
    return expand(dek.key, b"klarwert/spool/v1" + upload_id.bytes + salt)


def _nonce(chunk: int) -> bytes:
    return chunk.to_bytes(12, "big")
