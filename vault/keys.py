"""The keys that are not in any database: where they come from, and what is refused.

Five files of 32 random bytes, mode 0600, in one directory that is neither the data's nor the key store's:

    kek.key      wraps every DEK and reference key       index.key    blinds e-mail addresses
    log.key      signs checkpoints of the log            receipt.key  signs certificates
    web.key      authenticates forms

Each has one use. Two files with the same bytes are refused: a key that serves two purposes leaks
through the weaker one. No message holds key bytes.
"""

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.envelope import expand
from vault.errors import EnvelopeInvalid, KeyFileRefused

KEY_BYTES = 32


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The five keys, each 32 bytes."""

    kek: bytes
    index: bytes
    log: bytes
    receipt: bytes
    web: bytes


def create_missing_keys(directory: Path) -> tuple[str, ...]:
    """Make the key files that do not exist yet; returns the names of those made."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return tuple(name for name in _names() if _create(directory / f"{name}.key"))


def load_keys(directory: Path) -> KeyRing:
    """Read the five key files.

    Raises:
        KeyFileRefused: one is missing, wider than 0600, not 32 bytes, or equal to another.
    """
    keys = {name: _read(directory / f"{name}.key") for name in _names()}
    for (one, key), (other, twin) in combinations(keys.items(), 2):
        if hmac.compare_digest(key, twin):
            raise KeyFileRefused(
                f"The key files {one}.key and {other}.key hold the same key; each use needs its own."
            )
    return KeyRing(**keys)


class KeyEncryptionKey:
    """A KEK: wraps keys with AES-256-GCM, bound to what they are for."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        # A name that tells two KEKs apart and gives neither away.
        self.id = hashlib.sha256(expand(key, b"klarwert/kek-id/v1")).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"KeyEncryptionKey(id={self.id})"

    def wrap(self, key: bytes, context: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + self._aead.encrypt(nonce, key, b"klarwert/wrap/v1" + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return self._aead.decrypt(wrapped[:12], wrapped[12:], b"klarwert/wrap/v1" + context)
        except (InvalidTag, ValueError):
            raise EnvelopeInvalid from None


def _names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(KeyRing))


def _create(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return True


def _read(path: Path) -> bytes:
    try:
        # O_NOFOLLOW: a link could point a key's name at another key.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        raise KeyFileRefused(f"The key file {path.name} is missing or cannot be read.") from None
    with os.fdopen(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyFileRefused(
                f"The key file {path.name} has mode {mode:04o}; others could read it. Set it to 0600."
            )
        key = file.read(KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise KeyFileRefused(f"The key file {path.name} must hold exactly {KEY_BYTES} bytes.")
    return key
