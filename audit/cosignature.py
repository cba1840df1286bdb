"""Cosignatures: that a witness saw a checkpoint continue the log it knew, and when; pure.

    line      =  "— " name " " base64(key id (4) | time (8, big-endian) | signature (64))
    message   =  "cosignature/v1" LF "time " seconds LF  text of the checkpoint
    key id    =  first 4 bytes of SHA-256(name LF 0x04 public key)

Source: C2SP tlog-cosignature, "Ed25519 signed message". Its other kind, ML-DSA-44, is not read.
"""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from audit.checkpoint import SIGNATURES_READ, NoteVerifier, read_signature, read_vkey
from audit.errors import CheckpointInvalid, VerifierKeyInvalid

_KIND = b"\x04"
_TIME_BYTES = 8
_BYTES = _TIME_BYTES + 64
_LATEST_EVER = (1 << 63) - 1


@dataclass(frozen=True)
class Cosignature:
    """One line by a witness, verified."""

    line: str  # without its line feed
    at: int  # seconds since the epoch, by the witness's clock


@dataclass(frozen=True)
class Cosigner:
    """The public half of a witness: a name and an Ed25519 public key."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        NoteVerifier(self.name, self.public_key)  # the same demands on both

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _KIND + self.public_key).digest()[:4]

    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_KIND + self.public_key).decode()}"

    @classmethod
    def from_vkey(cls, vkey: str) -> "Cosigner":
        """The cosigner of a verifier key.

        Raises:
            VerifierKeyInvalid: not one of kind 0x04, or its id is another's.
        """
        name, key_id, key = read_vkey(vkey, _KIND)
        cosigner = cls(name, key)
        if cosigner.key_id.hex() != key_id:
            raise VerifierKeyInvalid("The verifier key's id does not belong to its name and key.")
        return cosigner

    def find(self, text: str, block: str, *, latest: int) -> Cosignature | None:
        """This witness's cosignature of a checkpoint's text among signature lines; others are passed over.

        Args:
            latest: seconds since the epoch; what claims to be later is refused.

        Raises:
            CheckpointInvalid: a line is malformed, or this witness's does not hold.
        """
        lines = block.removesuffix("\n").split("\n") if block else []
        if len(lines) > SIGNATURES_READ:
            raise CheckpointInvalid("The note is malformed.")
        read = [(line, *read_signature(line)) for line in lines]
        own = [
            (line, rest) for line, name, key_id, rest in read if (name, key_id) == (self.name, self.key_id)
        ]
        found = [Cosignature(line, self._verified(text, rest, latest)) for line, rest in own]
        return found[-1] if found else None

    def _verified(self, text: str, rest: bytes, latest: int) -> int:
        at = int.from_bytes(rest[:_TIME_BYTES], "big")
        message = f"cosignature/v1\ntime {at}\n{text}"
        verifier = NoteVerifier(self.name, self.public_key)
        if (
            len(rest) != _BYTES
            or at > min(latest, _LATEST_EVER)
            or not verifier.is_valid(message, rest[_TIME_BYTES:])
        ):
            raise CheckpointInvalid("A cosignature does not hold.")
        return at
