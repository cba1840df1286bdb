"""Signed notes and checkpoints, to the byte: C2SP signed-note and tlog-checkpoint, Ed25519; pure.

    checkpoint    =  origin LF  size in decimal LF  base64(root) LF  { extension LF }
    note          =  text LF  { "— " name " " base64(key id (4) | signature (64)) LF }
    verifier key  =  name "+" key id in hex "+" base64(0x01 | public key (32))
    key id        =  first 4 bytes of SHA-256(name LF 0x01 public key)

The signature (RFC 8032) is over the text with its last line feed. Lines by unknown keys are ignored, so
witnesses may add theirs; a wrong line by a known key refuses the whole note. Where the seed comes
from, and when a checkpoint may be signed at all (only after the commit): audit/highwater.py.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import CheckpointInvalid, VerifierKeyInvalid
from audit.merkle import HASH_BYTES

SIGNATURES_READ = 100  # a longer note is refused before anything is verified
_ED25519 = b"\x01"
_DASH = "— "
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")  # control but line feed; lone surrogates
_SIZE = re.compile(r"0|[1-9][0-9]{0,19}")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class Checkpoint:
    """What a log signs: that its first `size` entries have this root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


class NoteSigner:
    """Signs notes under one name with one Ed25519 key."""

    def __init__(self, name: str, seed: bytes) -> None:
        if len(seed) != 32:
            raise VerifierKeyInvalid("A signing key is 32 bytes.")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._verifier = NoteVerifier(name, self._key.public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        return self._verifier.name

    def verifier_key(self) -> str:
        return self._verifier.vkey()

    def sign(self, text: str) -> str:
        """The note of a text that ends in a line feed."""
        if not text.endswith("\n") or not _is_printable(text):
            raise CheckpointInvalid("A note is lines of text without control characters.")
        signature = self._verifier.key_id + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {b64encode(signature).decode()}\n"


@dataclass(frozen=True)
class NoteVerifier:
    """The public half of a signer: a name and an Ed25519 public key."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.public_key) != 32:
            raise VerifierKeyInvalid("A verifier key is a name without spaces or “+”, and 32 bytes of key.")

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_ED25519 + self.public_key).decode()}"

    @classmethod
    def from_vkey(cls, vkey: str) -> "NoteVerifier":
        name, key_id, key = read_vkey(vkey, _ED25519)
        verifier = cls(name, key)
        if verifier.key_id.hex() != key_id:
            raise VerifierKeyInvalid("The verifier key's id does not belong to its name and key.")
        return verifier

    def is_valid(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def read_vkey(vkey: str, kind: bytes) -> tuple[str, str, bytes]:
    """Name, key id in hex and key of a verifier key of one kind; that they belong together is not checked.

    Raises:
        VerifierKeyInvalid: it does not read as one.
    """
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if key is None or key[:1] != kind or not _KEY_ID.fullmatch(key_id):
        raise VerifierKeyInvalid("The verifier key does not read as name+id+key of type Ed25519.")
    return name, key_id, key[1:]


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    text = checkpoint.text()
    if _find_checkpoint(text) != checkpoint:
        raise CheckpointInvalid("A checkpoint is an origin on one line, a size and a root of 32 bytes.")
    return signer.sign(text)


def open_checkpoint(note: str, verifiers: Sequence[NoteVerifier]) -> Checkpoint:
    """The checkpoint of a note that a known key signed; extension lines are allowed and left out.

    Raises:
        CheckpointInvalid: malformed, or no known key signed it, or a known key's line is wrong.
    """
    checkpoint = _find_checkpoint(open_text(note, verifiers))
    if checkpoint is None:
        raise CheckpointInvalid("The note is signed, but it is not a checkpoint.")
    return checkpoint


def sign_text(text: str, signer: NoteSigner) -> str:
    """Sign something that is not a checkpoint, such as a certificate.

    A text that reads as a checkpoint is refused: nobody may get a tree head signed by another door.
    """
    if _find_checkpoint(text) is not None:
        raise CheckpointInvalid("This text reads as a checkpoint.")
    return signer.sign(text)


def open_text(note: str, verifiers: Sequence[NoteVerifier]) -> str:
    """The text of a note that a known key signed.

    Raises:
        CheckpointInvalid: malformed, or no known key signed it, or a known key's line is wrong.

    Source: C2SP signed-note, "Signatures".
    """
    text, separator, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not separator or lines.pop() or not 0 < len(lines) <= SIGNATURES_READ or not _is_printable(note):
        raise CheckpointInvalid("The note is malformed.")
    text += "\n"
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    if len(known) != len(set(verifiers)):
        raise CheckpointInvalid("Two of the known keys cannot be told apart.")
    signatures = [read_signature(line) for line in lines]
    of_known = [(known[name, key_id], rest) for name, key_id, rest in signatures if (name, key_id) in known]
    if not of_known or not all(verifier.is_valid(text, rest) for verifier, rest in of_known):
        raise CheckpointInvalid("The note is not signed by a known key.")
    return text


def read_signature(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature bytes of one signature line.

    Raises:
        CheckpointInvalid: it is none.
    """
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    signature = _decoded(encoded)
    if not line.startswith(_DASH) or not _is_name(name) or signature is None or len(signature) < 5:
        raise CheckpointInvalid("The note is malformed.")
    return name, signature[:4], signature[4:]


def _find_checkpoint(text: str) -> Checkpoint | None:
    """The checkpoint a text reads as: three lines or more, none empty."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines) or not _SIZE.fullmatch(lines[1]):
        return None
    root = _decoded(lines[2])
    if root is None or len(root) != HASH_BYTES or int(lines[1]) >= 1 << 64:
        return None
    return Checkpoint(lines[0], int(lines[1]), root)


def _decoded(encoded: str) -> bytes | None:
    """Standard base64, and only its one canonical spelling: no second text may stand for a signed one."""
    try:
        data = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        return None
    return data if b64encode(data).decode() == encoded else None


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name) and _is_printable(name)


def _is_printable(text: str) -> bool:
    """Well-formed Unicode without control characters other than the line feed."""
    return not _UNPRINTABLE.search(text)
