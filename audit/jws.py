"""Signed documents for programs: compact JWS with Ed25519 (RFC 7515, 8037, 9864), and their public keys.

    token  =  base64url(header) "." base64url(payload) "." base64url(signature (64))
    header =  {"alg": "Ed25519", "cty", "jwk", "kid", "typ"}
    kid    =  JWK thumbprint of the public key (RFC 7638), base64url

One algorithm and one spelling: whoever may choose an algorithm may choose a weak one, and base64 with loose
bits would give one signature two texts. The header carries the public key, so a token can be checked for
alterations by itself; who made it is known only with the keys the service publishes.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.errors import SignatureInvalid

ALGORITHM = "Ed25519"
LONGEST = 64 * 1024
_HEADER = frozenset({"alg", "cty", "jwk", "kid", "typ"})
_SIGNATURE_CHARACTERS = 86


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 public key, 32 bytes."""

    raw: bytes

    @property
    def kid(self) -> str:
        """Its thumbprint: SHA-256 over the canonical JWK."""
        from joserfc.jwk import OKPKey

        return OKPKey.import_key({**self._members()}).thumbprint()

    def jwk(self) -> dict[str, str]:
        """The key as a member of a JWKS."""
        return {**self._members(), "alg": ALGORITHM, "kid": self.kid, "use": "sig"}

    def _members(self) -> dict[str, str]:
        return {"kty": "OKP", "crv": "Ed25519", "x": _encoded(self.raw)}


@dataclass(frozen=True)
class Opened:
    """A token whose signature holds: its payload and the key that made it."""

    payload: bytes
    key: PublicKey


class JwsSigner:
    """Signs documents of one kind with one Ed25519 key."""

    def __init__(self, kind: str, seed: bytes) -> None:
        self._kind = kind
        self._seed = seed
        self.public = PublicKey(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())

    def sign(self, payload: bytes, content_type: str) -> str:
        """The token of a payload."""
        from joserfc import jws
        from joserfc.jwk import OKPKey

        members = self.public.jwk()
        private = OKPKey.import_key({**members, "d": _encoded(self._seed)})
        header = {
            "alg": ALGORITHM,
            "cty": content_type,
            "jwk": {name: members[name] for name in ("crv", "kty", "x")},
            "kid": members["kid"],
            "typ": self._kind,
        }
        return jws.serialize_compact(header, payload, private, algorithms=[ALGORITHM])


def open_jws(token: str, kind: str, published: Iterable[PublicKey] | None = None) -> Opened:
    """The payload of a token of one kind.

    Args:
        published: the keys that may have made it; without them the token's own is used, which shows that
            it was not altered, but not by whom it was made.

    Raises:
        SignatureInvalid: with what does not hold.
    """
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    key = _own_key(_header(token, kind))
    if published is not None and key.raw not in {known.raw for known in published}:
        raise SignatureInvalid("key")
    try:
        opened = jws.deserialize_compact(token, OKPKey.import_key({**key.jwk()}), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        raise SignatureInvalid("signature") from None
    return Opened(opened.payload, key)


def keys_of_jwks(text: str) -> tuple[PublicKey, ...]:
    """The Ed25519 keys of a published key set; others are left out.

    Raises:
        SignatureInvalid: it is not a key set, or none is of this kind.
    """
    try:
        members = json.loads(text)["keys"]
        okp = [member for member in members if member.get("crv") == "Ed25519" and member.get("kty") == "OKP"]
        keys = tuple(_public(member) for member in okp)
    except (ValueError, KeyError, TypeError, AttributeError):
        keys = ()
    if not keys:
        raise SignatureInvalid("keys")
    return keys


def _header(token: str, kind: str) -> dict[str, Any]:
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3 or len(parts[2]) != _SIGNATURE_CHARACTERS:
        raise SignatureInvalid("form")
    try:
        first, _, _ = [_decoded(part) for part in parts]
        header = json.loads(first)
    except (ValueError, RecursionError):
        raise SignatureInvalid("form") from None
    if not isinstance(header, dict) or header.keys() != _HEADER:
        raise SignatureInvalid("form")
    if header["alg"] != ALGORITHM or header["typ"] != kind:
        raise SignatureInvalid("form")
    return header


def _own_key(header: Mapping[str, Any]) -> PublicKey:
    try:
        key = _public(header["jwk"])
    except (ValueError, KeyError, TypeError):
        raise SignatureInvalid("form") from None
    if header["kid"] != key.kid:
        raise SignatureInvalid("form")
    return key


def _public(member: Mapping[str, Any]) -> PublicKey:
    raw = _decoded(member["x"])
    if len(raw) != 32:
        raise ValueError("An Ed25519 public key is 32 bytes.")
    return PublicKey(raw)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Base64url without padding, in its one spelling."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("Not base64url.") from None
    if _encoded(data) != text:
        raise ValueError("Not the one spelling of base64url.")
    return data
