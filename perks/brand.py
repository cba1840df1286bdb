"""A brand: a recipient of people's data that makes offers, and what shows that it is who it says.

    signed up -> domain proved + contact at that domain confirmed + present terms accepted -> verified

Signing up makes a recipient without terms and not verified, so that nothing can be published or handed over
(consent/recipient.py `require_ready`). The domain is proved by a token that only its holder can put there, in
DNS or in a file; it is a keyed hash of the brand and the domain, so none is stored. How it was shown is kept:
a place that shows advertisements must know whose they are.

Source: DSA Art. 26(1)(b); CJEU C-492/23 (Russmedia); GDPR Art. 26, 28.
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from consent.recipient import (
    PRESENT_TERMS,
    NewRecipient,
    Recipient,
    RecipientKind,
    RecipientNotReady,
    TransferTool,
    accept_terms,
    add_recipient,
    is_fit_address,
    require_ready,
)
from perks.errors import BrandUnfit, BrandUnknown
from vault.base import Base, by_value
from vault.desk import Vault
from vault.envelope import packed
from vault.holding import Fate, Holding

RESERVED = frozenset({"new", "invitation", "confirm"})  # words of our own addresses below /brand
LONGEST_NAME = 150  # consent/recipient.py
CONFIRM_WITHIN = timedelta(days=3)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@([a-z0-9.-]+)")


class Proof(StrEnum):
    """How a domain was shown to be a brand's own."""

    DNS = "dns"
    FILE = "file"
    OPERATOR = "operator"  # by hand, on paper


class Brand(Base):
    """What a recipient of kind brand is, beyond a recipient."""

    __tablename__ = "brand"
    __holding__ = Holding(
        what="Brands: domain, and when and how it was shown that domain and contact are theirs",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="as long as anybody may ask who had their data",
        source="the brand",
        fate=Fate.NOT_PERSONAL,  # organisations; nothing of any data subject
    )

    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Recipient.id), primary_key=True)
    domain: Mapped[str] = mapped_column(String(253))
    domain_proved_at: Mapped[datetime | None]
    domain_proved_by: Mapped[Proof | None] = mapped_column(by_value(Proof))
    contact_asked_at: Mapped[datetime | None]
    contact_confirmed_at: Mapped[datetime | None]
    terms_accepted_at: Mapped[datetime | None]


@dataclass(frozen=True)
class NewBrand:
    """What somebody says about a brand they sign up.

    contact: an address at the domain, where people and the service may write.
    """

    slug: str
    name: str
    domain: str
    contact: str
    country: str
    notices_url: str
    transfer_tool: TransferTool | None = None

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug) or self.slug in RESERVED:
            raise BrandUnfit("slug")
        if not _DOMAIN.fullmatch(self.domain):
            raise BrandUnfit("domain")
        found = _ADDRESS.fullmatch(self.contact)
        if found is None or not is_at(found[1], self.domain):
            raise BrandUnfit("contact")
        if not 0 < len(self.name.strip()) <= LONGEST_NAME or not self.name.isprintable():
            raise BrandUnfit("name")
        if not is_fit_address(self.notices_url) or not is_at(
            urlsplit(self.notices_url).hostname or "", self.domain
        ):
            raise BrandUnfit("notices_url")


def is_at(host: str, domain: str) -> bool:
    """Whether a host is the domain or below it."""
    return host == domain or host.endswith(f".{domain}")


def add_brand(vault: Vault, new: NewBrand) -> Brand:
    """Make a brand that may do nothing yet.

    Raises:
        RecipientRefused: the recipient cannot be as described, or its short name is taken.
    """
    recipient = add_recipient(
        vault,
        NewRecipient(
            new.slug,
            new.name,
            RecipientKind.BRAND,
            new.country,
            new.contact,
            new.notices_url,
            new.transfer_tool,
        ),
    )
    vault.flush()
    brand = Brand(recipient_id=recipient.id, domain=new.domain)
    vault.session.add(brand)
    return brand


def require_brand(vault: Vault, slug: str) -> tuple[Brand, Recipient]:
    """A brand and its recipient, by the short name.

    Raises:
        BrandUnknown: there is none.
    """
    statement = select(Brand, Recipient).join(Recipient).where(Recipient.slug == slug)
    found = vault.session.execute(statement).one_or_none()
    if found is None:
        raise BrandUnknown
    return found[0], found[1]


def brands(vault: Vault) -> Sequence[tuple[Brand, Recipient]]:
    """Every brand there is or was, by its short name."""
    rows = vault.session.execute(select(Brand, Recipient).join(Recipient).order_by(Recipient.slug))
    return [(brand, recipient) for brand, recipient in rows]


def domain_token(key: bytes, brand: Brand) -> str:
    """What only the holder of the domain can put there; the same whenever it is asked for."""
    return hmac.digest(
        key, packed(b"domain", brand.recipient_id.bytes, brand.domain.encode()), "sha256"
    ).hex()[:40]


def contact_token(key: bytes, brand: Brand, contact: str) -> str:
    """What stands in the mail to the contact, good until the next mail is asked for."""
    asked = brand.contact_asked_at.isoformat() if brand.contact_asked_at is not None else ""
    parts = (b"contact", brand.recipient_id.bytes, contact.encode(), asked.encode())
    return hmac.digest(key, packed(*parts), "sha256").hex()[:40]


def prove_domain(vault: Vault, slug: str, by: Proof) -> None:
    """Note that the domain is the brand's; whoever calls has just looked."""
    brand, recipient = require_brand(vault, slug)
    brand.domain_proved_at, brand.domain_proved_by = vault.now(), by
    _verify_if_whole(vault, brand, recipient)


def ask_contact(vault: Vault, slug: str) -> tuple[Brand, Recipient]:
    """Begin to confirm the contact anew; earlier mails count no more."""
    brand, recipient = require_brand(vault, slug)
    brand.contact_asked_at = vault.now()
    return brand, recipient


def confirm_contact(vault: Vault, slug: str, token: str, key: bytes) -> None:
    """Note that whoever reads mail at the contact followed the link.

    Raises:
        BrandUnknown: no such brand, or the link is not the last one or is over: the same for both.
    """
    brand, recipient = require_brand(vault, slug)
    asked = brand.contact_asked_at
    if asked is None or vault.now() >= asked + CONFIRM_WITHIN:
        raise BrandUnknown
    if not hmac.compare_digest(token.encode(), contact_token(key, brand, recipient.contact).encode()):
        raise BrandUnknown
    brand.contact_confirmed_at = vault.now()
    _verify_if_whole(vault, brand, recipient)


def accept_present_terms(vault: Vault, slug: str, version: str) -> None:
    """Note that an owner accepted the terms for recipients (docs/recipient-terms.md).

    Raises:
        RecipientRefused: these are not the terms in use.
    """
    brand, recipient = require_brand(vault, slug)
    accept_terms(vault, slug, version)
    brand.terms_accepted_at = vault.now()
    _verify_if_whole(vault, brand, recipient)


def require_not_suspended(recipient: Recipient) -> None:
    """Refuse a brand that the operator stopped; its people's own data are not touched by that.

    Raises:
        RecipientNotReady: suspended.
    """
    if recipient.suspended_at is not None:
        raise RecipientNotReady("suspended")


def is_ready(recipient: Recipient) -> bool:
    """Whether a brand may publish and be handed something."""
    try:
        require_ready(recipient)
    except RecipientNotReady:
        return False
    return True


def verify_by_operator(vault: Vault, slug: str) -> None:
    """Note that the operator checked domain and contact by hand; terms are the brand's own to accept."""
    brand, recipient = require_brand(vault, slug)
    brand.domain_proved_at, brand.domain_proved_by = vault.now(), Proof.OPERATOR
    brand.contact_confirmed_at = vault.now()
    _verify_if_whole(vault, brand, recipient)


def resume(vault: Vault, slug: str) -> None:
    """End a suspension, and nothing more: what was not shown is not shown by it."""
    require_brand(vault, slug)[1].suspended_at = None


def _verify_if_whole(vault: Vault, brand: Brand, recipient: Recipient) -> None:
    shown = brand.domain_proved_at is not None and brand.contact_confirmed_at is not None
    if shown and recipient.terms_version == PRESENT_TERMS and recipient.verified_at is None:
        recipient.verified_at = vault.now()
        append(vault, Action.BRAND_VERIFIED, scope=f"brand/{recipient.slug}")
