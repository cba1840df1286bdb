"""How a program proves that it holds a key: a short-lived JWT about itself (RFC 7523 section 2.2).

Two kinds of keys and nothing else: Ed25519 and P-256. Which algorithm holds follows from the registered key,
never from what the proof says. Only this service may be its audience, alone: a proof made for another server
proves nothing here.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from audit.errors import SignatureInvalid

ALGORITHMS = ("Ed25519", "EdDSA", "ES256")  # EdDSA is what Ed25519 was called before RFC 9864
LONGEST = 4096
LIVES = timedelta(minutes=5)
LEEWAY = timedelta(seconds=60)
_MEMBERS = {"OKP": ({"crv", "kty", "x"}, "Ed25519"), "EC": ({"crv", "kty", "x", "y"}, "P-256")}
_IGNORED = frozenset({"alg", "kid", "use", "key_ops"})
_BY_KIND = {"OKP": ["EdDSA", "Ed25519"], "EC": ["ES256"]}


@dataclass(frozen=True)
class Assertion:
    """What a proof says that holds."""

    jti: str
    expires_at: datetime


def is_public_key(jwk: Mapping[str, object]) -> bool:
    """Whether a JWK is a public key of one of the two kinds, without a private part."""
    members, curve = _MEMBERS.get(str(jwk.get("kty")), (set(), ""))
    if not members or set(jwk) - _IGNORED != members or jwk["crv"] != curve:
        return False
    return _imported(jwk) is not None


def claimed_subject(token: str) -> str | None:
    """Whom a proof is about, before anything of it is believed."""
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload) if len(token) <= LONGEST else None
    except (JoseError, ValueError, RecursionError):
        return None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else None


def open_assertion(
    token: str, jwk: Mapping[str, object], subject: str, audiences: Collection[str], now: datetime
) -> Assertion:
    """A proof by the holder of a key.

    Raises:
        SignatureInvalid: with what does not hold.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError

    key = _imported(jwk)
    if key is None or len(token) > LONGEST:
        raise SignatureInvalid("form")
    try:
        claims = jwt.decode(token, key, algorithms=_BY_KIND[str(jwk["kty"])]).claims
    except (JoseError, ValueError, TypeError, RecursionError):
        raise SignatureInvalid("signature") from None
    return _checked(claims, subject, audiences, now)


def _checked(claims: Mapping[str, Any], subject: str, audiences: Collection[str], now: datetime) -> Assertion:
    jti, audience = claims.get("jti"), claims.get("aud")
    if claims.get("iss") != subject or claims.get("sub") != subject:
        raise SignatureInvalid("subject")
    if not isinstance(audience, str) or audience not in audiences:
        raise SignatureInvalid("audience")
    if not isinstance(jti, str) or not 0 < len(jti) <= 200:
        raise SignatureInvalid("once")
    made_at, ends_at = _instant(claims.get("iat")), _instant(claims.get("exp"))
    if not now - LIVES - LEEWAY <= made_at <= now + LEEWAY:
        raise SignatureInvalid("time")
    if not now - LEEWAY < ends_at <= made_at + LIVES + LEEWAY:
        raise SignatureInvalid("time")
    return Assertion(jti, ends_at + LEEWAY)


def _instant(claim: object) -> datetime:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        raise SignatureInvalid("time")
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (ValueError, OverflowError, OSError):
        raise SignatureInvalid("time") from None


def _imported(jwk: Mapping[str, object]) -> Any:
    """The key, or None: a point that is on no curve is no key."""
    from joserfc.jwk import ECKey, OKPKey

    kept: dict[str, str | list[str]] = {
        name: value for name, value in jwk.items() if isinstance(value, str) and name not in _IGNORED
    }
    try:
        key = OKPKey.import_key(kept) if jwk["kty"] == "OKP" else ECKey.import_key(kept)
        key.thumbprint()
        key.get_op_key("verify")  # the point is looked at only when it is asked for
    except Exception:  # whatever a foreign library says about what is no key
        return None
    return key
