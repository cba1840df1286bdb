"""Envelope encryption: what is written about a data subject, byte by byte.

    sealed record = version (1) | algorithm (1) | DEK id (16) | nonce (12)
                  | commitment (32) | ciphertext (n) | tag (16)

AES-256-GCM (NIST SP 800-38D) under a record key derived from the DEK with HKDF-Expand (RFC 5869) for
one table, column and schema version. The associated data is the record's exact place: subject, table,
column, row, row version, schema version. So a record copied to another row, or an older version put
back, does not open. GCM alone does not commit to its key, hence the commitment, compared in constant
time before anything is decrypted.

A record that rests on several consents is sealed under a key pooled from all their DEKs: it is
unreadable as soon as one of them is gone. Where DEKs come from: keystore.py.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from vault.errors import EnvelopeInvalid

VERSION = 1
AES_256_GCM = 1
HEADER_BYTES = 2 + 16 + 12 + 32
OVERHEAD_BYTES = HEADER_BYTES + 16


@dataclass(frozen=True)
class Dek:
    """A data encryption key: 32 random bytes for one data subject and one consent scope."""

    id: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"Dek(id={self.id.hex()}, key=…)"


@dataclass(frozen=True)
class Cell:
    """The place of one sealed column: everything that is bound into the record but the subject."""

    table: str
    column: str
    row: UUID
    row_version: int
    schema_version: int


def packed(*parts: bytes) -> bytes:
    """Join parts with 4-byte lengths before each, so that no two lists give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def pool(deks: Sequence[Dek]) -> Dek:
    """One key that needs every one of `deks`, in any order."""
    if not deks:
        raise ValueError("A pooled key needs at least one DEK.")
    if len(deks) == 1:
        return deks[0]
    ordered = sorted(deks, key=lambda dek: dek.id)
    material = packed(*(dek.id + dek.key for dek in ordered))
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"klarwert/pooled/v1").derive(material)
    return Dek(hashlib.sha256(b"klarwert/pooled-id/v1" + packed(*(d.id for d in ordered))).digest()[:16], key)


def seal(dek: Dek, subject_id: UUID, cell: Cell, plaintext: bytes) -> bytes:
    """Seal `plaintext` for one subject and one cell."""
    nonce = secrets.token_bytes(12)
    header = bytes((VERSION, AES_256_GCM)) + dek.id + nonce + _commitment(dek, cell, nonce)
    sealed = AESGCM(_record_key(dek, cell)).encrypt(nonce, plaintext, _associated(header, subject_id, cell))
    return header + sealed


def unseal(dek: Dek, subject_id: UUID, cell: Cell, record: bytes) -> bytes:
    """Open a sealed record at its place.

    Raises:
        EnvelopeInvalid: it was altered, moved, replayed, or sealed under another key.
    """
    header, sealed = record[:HEADER_BYTES], memoryview(record)[HEADER_BYTES:]  # a record may be large
    if (
        len(record) < OVERHEAD_BYTES
        or header[:2] != bytes((VERSION, AES_256_GCM))
        or dek_id(record) != dek.id
    ):
        raise EnvelopeInvalid
    nonce, commitment = header[18:30], header[30:]
    if not hmac.compare_digest(commitment, _commitment(dek, cell, nonce)):
        raise EnvelopeInvalid
    try:
        return AESGCM(_record_key(dek, cell)).decrypt(nonce, sealed, _associated(header, subject_id, cell))
    except InvalidTag:
        raise EnvelopeInvalid from None


def dek_id(record: bytes) -> bytes:
    """The id of the key a record was sealed under."""
    return record[2:18]


def expand(key: bytes, label: bytes, length: int = 32) -> bytes:
    """HKDF-Expand (RFC 5869 section 2.3): a key for one use, from a key that is already uniform."""
    return HKDFExpand(algorithm=SHA256(), length=length, info=label).derive(key)


def _field(cell: Cell) -> bytes:
    return packed(cell.table.encode(), cell.column.encode(), cell.schema_version.to_bytes(4, "big"))


def _record_key(dek: Dek, cell: Cell) -> bytes:
    return expand(dek.key, b"klarwert/record/v1" + _field(cell))


def _commitment(dek: Dek, cell: Cell, nonce: bytes) -> bytes:
    return expand(dek.key, b"klarwert/commitment/v1" + _field(cell) + nonce)


def _associated(header: bytes, subject_id: UUID, cell: Cell) -> bytes:
    return packed(
        header,
        subject_id.bytes,
        cell.table.encode(),
        cell.column.encode(),
        cell.row.bytes,
        cell.row_version.to_bytes(8, "big"),
        cell.schema_version.to_bytes(4, "big"),
    )
