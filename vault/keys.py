"""The keys that are not in any database: where they come from, and what is refused.

Five files of 32 random bytes, mode 0600, in one directory that is neither the data's nor the key store's:

    kek.key      wraps every DEK and reference key       index.key    blinds e-mail addresses
    log.key      signs checkpoints of the log            receipt.key  certificates and receipts
    web.key      authenticates forms

The KEK is replaced now and then: that of epoch 2 is kek-2.key, and so on; during a rotation there are two
(kekfiles.py). The log's key ends with its log: that of the second is log-2.key (logkeys.py). Each key has
one use. Two files with the same bytes are refused: a key that serves two purposes leaks through the weaker
one. No message holds key bytes.
"""

import hashlib
import hmac
import os
import re
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
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # a link could point a key's name at another key
_KEK_NAME = re.compile(r"kek(?:-([2-9]|[1-9][0-9]{1,8}))?\.key")
_LOG_NAME = re.compile(r"log(?:-([2-9]|[1-9][0-9]{1,8}))?\.key")


@dataclass(frozen=True, repr=False)
class KeyRing:
    """The keys, each 32 bytes; the KEKs are kekfiles.py's."""

    index: bytes
    log: bytes
    receipt: bytes
    web: bytes


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


def create_missing_keys(directory: Path) -> tuple[str, ...]:
    """Make the key files that do not exist yet; returns the names of those made."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = _names() if kek_numbers(directory) else ("kek", *_names())
    made = tuple(name for name in wanted if create_key(directory / f"{name}.key"))
    sync_directory(directory)
    return made


def load_keys(directory: Path, log_number: int = 1) -> KeyRing:
    """Read the key files, and that of the log with this number.

    Raises:
        KeyFileRefused: one is missing, wider than 0600, not 32 bytes, or equal to another.
    """
    keys = _read_all(directory, log_number)
    named = {name: keys[f"{name}.key"] for name in _names() if name != "log"}
    return KeyRing(**named, log=keys[log_key_name(log_number)])


def load_keks(directory: Path) -> dict[int, KeyEncryptionKey]:
    """Read every KEK there is, by the number of its file.

    Raises:
        KeyFileRefused: as for `load_keys`; any key file that is refused refuses all.
    """
    keys = _read_all(directory)
    return {
        int(match[1] or 1): KeyEncryptionKey(key)
        for name, key in keys.items()
        if (match := _KEK_NAME.fullmatch(name))
    }


def kek_name(number: int) -> str:
    """The file of one KEK."""
    return "kek.key" if number == 1 else f"kek-{number}.key"


def log_key_name(number: int) -> str:
    """The file of the key of one log."""
    return "log.key" if number == 1 else f"log-{number}.key"


def log_key_numbers(directory: Path) -> tuple[int, ...]:
    """The numbers of the log keys there are."""
    return _numbers(directory, _LOG_NAME)


def kek_numbers(directory: Path) -> tuple[int, ...]:
    """The numbers of the KEK files there are."""
    return _numbers(directory, _KEK_NAME)


def _numbers(directory: Path, name: re.Pattern[str]) -> tuple[int, ...]:
    found = (name.fullmatch(path.name) for path in directory.iterdir())
    return tuple(sorted(int(match[1] or 1) for match in found if match))


def create_key(path: Path) -> bool:
    """Write a fresh key durably, but for its name in the directory; False if the file exists."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return True


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(KeyRing))


def _read_all(directory: Path, log_number: int | None = None) -> dict[str, bytes]:
    while True:
        keks = kek_numbers(directory) if directory.is_dir() else ()
        logs = set(log_key_numbers(directory) if directory.is_dir() else ())
        logs |= {log_number} if log_number is not None else set() if logs else {1}
        names = (
            *(f"{name}.key" for name in _names() if name != "log"),
            *(log_key_name(number) for number in sorted(logs)),
            *(kek_name(number) for number in keks or (1,)),
        )
        try:
            keys = {name: _read(directory / name) for name in names}
            break
        except KeyFileRefused:
            # A rotation may have taken one away between listing and reading.
            if not keks or kek_numbers(directory) == keks:
                raise
    for (one, key), (other, twin) in combinations(keys.items(), 2):
        if hmac.compare_digest(key, twin):
            raise KeyFileRefused(
                f"The key files {one} and {other} hold the same key; each use needs its own."
            )
    return keys


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | NO_FOLLOW)
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
