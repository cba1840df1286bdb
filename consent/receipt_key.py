"""Every public key that ever signed receipts: a receipt outlives the key that made it.

Noted before a key signs for the first time and never taken back, so that the key set that is published
(`/.well-known/consent-keys.json`) still holds the keys of receipts that people kept for years.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.jws import PublicKey
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding


class ReceiptKey(Base):
    """One public key of receipts; inserted, never changed."""

    __tablename__ = "receipt_key"
    __holding__ = Holding(
        what="The public keys that signed receipts, with the day from which each was published",
        purpose="account",
        basis="gdpr-6-1-c",
        retained="as long as the installation, so that an old receipt can still be checked",
        source="the service",
        fate=Fate.NOT_PERSONAL,
    )

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    published_at: Mapped[datetime]


def is_published(vault: Vault, key: PublicKey) -> bool:
    """Whether this key is noted."""
    return vault.session.get(ReceiptKey, key.kid) is not None


def publish(vault: Vault, key: PublicKey) -> None:
    """Note a key; the same again changes nothing."""
    if not is_published(vault, key):
        vault.session.add(ReceiptKey(kid=key.kid, public_key=key.raw, published_at=vault.now()))


def published_keys(vault: Vault) -> tuple[PublicKey, ...]:
    """Every key there was, oldest first."""
    statement = select(ReceiptKey).order_by(ReceiptKey.published_at, ReceiptKey.kid)
    return tuple(PublicKey(row.public_key) for row in vault.session.scalars(statement))


def key_set(keys: tuple[PublicKey, ...]) -> dict[str, Any]:
    """The keys as a JWKS (RFC 7517 section 5)."""
    return {"keys": [key.jwk() for key in keys]}
