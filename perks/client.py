"""Programs of a brand or a shipper: how they show who they are, and the tokens they get (RFC 6749).

    secret   shown once; kept as SHA-256, which is enough for 256 random bits
    key      the brand keeps the private one and registers the public one; each proof of it counts once

A token is random and lives an hour; what is kept of it is its SHA-256. Whoever ends a program ends its
tokens in the same transaction. How the web asks: app/oauth_server.py, app/brand_access.py.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.client_assertion import is_public_key
from consent.recipient import Recipient, RecipientKind
from vault.base import Base
from vault.desk import Vault
from vault.envelope import packed
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term

TOKEN_LIVES = timedelta(hours=1)
MOST_CLIENTS = 20
LONGEST_NAME = 60
_SECRET_BYTES = 32


class ApiScope(StrEnum):
    """What a program of a brand may do."""

    OFFERS_READ = "offers:read"
    OFFERS_WRITE = "offers:write"
    PARTICIPANTS_READ = "participants:read"
    FIGURES_READ = "figures:read"
    WEBHOOKS_WRITE = "webhooks:write"


class ClientUnknown(DomainError):
    """The brand has no such program."""

    slug = "client-unknown"
    title = "Unknown program"

    def __init__(self) -> None:
        super().__init__("The brand has no such program.")


class ClientUnfit(DomainError):
    """A program cannot be registered as described."""

    slug = "client-unfit"
    title = "Program cannot be registered as described"

    def __init__(self, field: str) -> None:
        super().__init__(f"This field cannot be used: {field}.", field=field)


class BrandClient(Base):
    """One program of one brand."""

    __tablename__ = "brand_client"
    __holding__ = Holding(
        what="Programs of brands: name, what they may do, and a digest of the secret or the public key",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="as long as the program acts; a year after it was ended",
        source="an owner of the brand",
        fate=Fate.NOT_PERSONAL,
        ends=(Term("ended_at", timedelta(days=365)),),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Recipient.id), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    scopes: Mapped[str] = mapped_column(String(200))  # by blanks
    secret_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    public_key: Mapped[str | None] = mapped_column(String(500))  # a JWK
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def allowed(self) -> frozenset[ApiScope]:
        """What it may do."""
        return frozenset(map(ApiScope, self.scopes.split()))

    def has_secret(self, secret: str) -> bool:
        """Whether this is its secret."""
        return self.secret_sha256 is not None and hmac.compare_digest(_hashed(secret), self.secret_sha256)


class BrandToken(Base):
    """One token of one program."""

    __tablename__ = "brand_token"
    __holding__ = Holding(
        what="Tokens of brands' programs: a digest, what they may do, and until when",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="an hour",
        source="the service",
        fate=Fate.NOT_PERSONAL,
        ends=(Term("expires_at"),),
    )

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey(BrandClient.id, ondelete="CASCADE"), index=True)
    scopes: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime]


class BrandAssertion(Base):
    """One proof of a key that was used, so that it is not used again."""

    __tablename__ = "brand_assertion"
    __holding__ = Holding(
        what="Proofs by which brands' programs signed in, as digests, so that none is used twice",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until the proof is over, minutes later",
        source="the brand's program",
        fate=Fate.NOT_PERSONAL,
        ends=(Term("expires_at"),),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Registered:
    """A program that was just registered. secret: shown now and never again; None where it has a key."""

    client: BrandClient
    secret: str | None


@dataclass(frozen=True)
class Caller:
    """Who asks with a token: a program of a brand, and what it may do."""

    client_id: UUID
    recipient: Recipient
    scopes: frozenset[ApiScope]


def add_client(
    vault: Vault,
    recipient_id: UUID,
    name: str,
    scopes: Collection[ApiScope],
    public_key: Mapping[str, object] | None = None,
) -> Registered:
    """Register a program, with the public key it will show or with a secret.

    Raises:
        ClientUnfit: the name, the scopes, the key, or one program too many.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise ClientUnfit("name")
    kind = vault.session.get_one(Recipient, recipient_id).kind
    if not scopes or (kind is not RecipientKind.BRAND and set(scopes) != {ApiScope.PARTICIPANTS_READ}):
        raise ClientUnfit("scopes")  # a shipper gets addresses, and makes no offers
    if public_key is not None and not is_public_key(public_key):
        raise ClientUnfit("public_key")
    if len([one for one in clients_of(vault, recipient_id) if one.ended_at is None]) >= MOST_CLIENTS:
        raise ClientUnfit("number")
    secret = secrets.token_urlsafe(_SECRET_BYTES) if public_key is None else None
    client = BrandClient(
        id=uuid4(),
        recipient_id=recipient_id,
        name=name,
        scopes=" ".join(sorted(scopes)),
        secret_sha256=_hashed(secret) if secret is not None else None,
        public_key=json.dumps(dict(public_key), sort_keys=True) if public_key is not None else None,
        created_at=vault.now(),
    )
    vault.session.add(client)
    return Registered(client, secret)


def clients_of(vault: Vault, recipient_id: UUID) -> Sequence[BrandClient]:
    """A brand's programs, ended ones too, the newest first."""
    statement = select(BrandClient).where(BrandClient.recipient_id == recipient_id)
    return vault.session.scalars(statement.order_by(BrandClient.created_at.desc(), BrandClient.id)).all()


def end_client(vault: Vault, recipient_id: UUID, client_id: UUID) -> None:
    """End a program and every token of it, from this commit on; ending it again changes nothing.

    Raises:
        ClientUnknown: none, or another brand's.
    """
    client = vault.session.get(BrandClient, client_id, with_for_update=True)
    if client is None or client.recipient_id != recipient_id:
        raise ClientUnknown
    client.ended_at = client.ended_at or vault.now()
    vault.session.execute(delete(BrandToken).where(BrandToken.client_id == client_id))


def find_client(vault: Vault, client_id: str) -> BrandClient | None:
    """A program that was not ended, held until the transaction ends: it signs in one request at a time."""
    try:
        named = UUID(hex=client_id)
    except ValueError:
        return None
    statement = select(BrandClient).where(BrandClient.id == named, BrandClient.ended_at.is_(None))
    return vault.session.scalar(statement.with_for_update())


def spend_assertion(vault: Vault, client: BrandClient, jti: str, expires_at: datetime) -> bool:
    """Note that a proof was used; False where it was before."""
    digest = hashlib.sha256(packed(client.id.bytes, jti.encode())).digest()
    if vault.session.get(BrandAssertion, digest) is not None:
        return False
    vault.session.add(BrandAssertion(digest=digest, expires_at=expires_at))
    return True


def issue_token(vault: Vault, client: BrandClient, scopes: Collection[ApiScope]) -> str:
    """A token for an hour; it is kept nowhere."""
    token = secrets.token_urlsafe(_SECRET_BYTES)
    vault.session.add(
        BrandToken(
            token_sha256=_hashed(token),
            client_id=client.id,
            scopes=" ".join(sorted(scopes)),
            expires_at=vault.now() + TOKEN_LIVES,
        )
    )
    return token


def find_caller(vault: Vault, token: str) -> Caller | None:
    """Who asks with a token; None for one that is over, ended, or never was one."""
    statement = (
        select(BrandToken, BrandClient, Recipient)
        .join(BrandClient, BrandClient.id == BrandToken.client_id)
        .join(Recipient, Recipient.id == BrandClient.recipient_id)
        .where(BrandToken.token_sha256 == _hashed(token), BrandClient.ended_at.is_(None))
    )
    found = vault.session.execute(statement).one_or_none()
    if found is None or vault.now() >= found[0].expires_at:
        return None
    token_row, client, recipient = found
    scopes = frozenset(map(ApiScope, token_row.scopes.split())) & client.allowed
    return Caller(client.id, recipient, scopes)


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
