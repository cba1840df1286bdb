"""Recipients: who may be handed something of a person, by name (GDPR Art. 4(9), 15(1)(c), 26, 28, 44).

The operator makes one, or a brand signs itself up and shows who it is (perks/brand.py). Nothing is handed to
a recipient who is not verified, has not accepted the present terms (docs/recipient-terms.md), is suspended,
or sits in a third country without a tool for the transfer. A recipient is never deleted while somebody may
still ask who had their data.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from vault.base import Base, by_value
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding

PRESENT_TERMS = "2026-11b"
# The European Economic Area: the Union and Iceland, Liechtenstein, Norway (EEA Joint Committee 154/2018).
EEA = frozenset(
    (
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IS",
        "IT",
        "LI",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    )
)
_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}")
_COUNTRY = re.compile(r"[A-Z]{2}")


class RecipientKind(StrEnum):
    """What a recipient is to the service."""

    BRAND = "brand"  # a controller of its own from the handover on
    SHIPPER = "shipper"
    PROCESSOR = "processor"  # Art. 28


class TransferTool(StrEnum):
    """What makes a transfer to a third country lawful (GDPR Art. 45 to 47)."""

    ADEQUACY = "gdpr-45"
    STANDARD_CLAUSES = "gdpr-46-2-c"
    BINDING_RULES = "gdpr-47"


class RecipientRefused(DomainError):
    """A recipient cannot be made as described."""

    slug = "recipient-refused"
    title = "Recipient cannot be used"

    def __init__(self, what: str) -> None:
        super().__init__(f"The recipient is refused: {what}.")


class RecipientUnknown(DomainError):
    """No recipient has this name."""

    slug = "recipient-unknown"
    title = "Unknown recipient"

    def __init__(self) -> None:
        super().__init__("There is no such recipient.")


class RecipientNotReady(DomainError):
    """A recipient is not verified, has not accepted the present terms, or is suspended."""

    slug = "recipient-not-ready"
    title = "Recipient may not receive anything"

    def __init__(self, why: str) -> None:
        super().__init__(f"Nothing is handed to this recipient: {why}.", why=why)


class Recipient(Base):
    """One organisation that may be handed something."""

    __tablename__ = "recipient"
    __holding__ = Holding(
        what="Recipients: organisations a person may let have something, with country, contact and terms",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="as long as anybody may ask who had their data",
        source="the operator",
        fate=Fate.NOT_PERSONAL,  # organisations; nothing of any data subject
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    slug: Mapped[str] = mapped_column(String(100), unique=True)  # its word in a scope
    name: Mapped[str] = mapped_column(String(150))  # as people are told it
    kind: Mapped[RecipientKind] = mapped_column(by_value(RecipientKind))
    country: Mapped[str] = mapped_column(String(2))
    transfer_tool: Mapped[TransferTool | None] = mapped_column(by_value(TransferTool))
    contact: Mapped[str] = mapped_column(String(200))
    notices_url: Mapped[str] = mapped_column(String(500))  # where notices of Art. 19 go
    terms_version: Mapped[str | None] = mapped_column(String(20))
    verified_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class NewRecipient:
    """What is said about a recipient when it is made."""

    slug: str
    name: str
    kind: RecipientKind
    country: str
    contact: str
    notices_url: str
    transfer_tool: TransferTool | None = None

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise RecipientRefused("its short name must be lower-case letters, digits, “.”, “_” or “-”")
        if not _COUNTRY.fullmatch(self.country):
            raise RecipientRefused("its country must be two capital letters (ISO 3166)")
        if self.country not in EEA and self.transfer_tool is None:
            raise RecipientRefused("it sits outside the EEA, and no tool for the transfer is named")
        if not is_fit_address(self.notices_url):
            raise RecipientRefused("notices must go to an https address")
        if not (self.name.strip() and self.contact.strip()):
            raise RecipientRefused("it needs a name and a contact")


def is_fit_address(url: str) -> bool:
    """Whether notices may be sent there: https, or plain http to this very machine; no password in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018  raises where it is no number
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def add_recipient(vault: Vault, new: NewRecipient) -> Recipient:
    """Make a recipient: not verified, without terms, so that nothing is handed over yet.

    Raises:
        RecipientRefused: the short name is taken.
    """
    if vault.session.scalar(select(Recipient.id).where(Recipient.slug == new.slug)) is not None:
        raise RecipientRefused("its short name is taken")
    recipient = Recipient(id=uuid4(), created_at=vault.now(), **vars(new))
    vault.session.add(recipient)
    append(vault, Action.RECIPIENT_ADDED)
    return recipient


def recipients(vault: Vault) -> Sequence[Recipient]:
    """Every recipient there is or was."""
    return vault.session.scalars(select(Recipient).order_by(Recipient.slug)).all()


def require_recipient(vault: Vault, slug: str) -> Recipient:
    """The recipient of a short name.

    Raises:
        RecipientUnknown: there is none.
    """
    found = vault.session.scalar(select(Recipient).where(Recipient.slug == slug))
    if found is None:
        raise RecipientUnknown
    return found


def accept_terms(vault: Vault, slug: str, version: str = PRESENT_TERMS) -> None:
    """Note which terms a recipient signed; only the present ones let anything be handed over.

    Raises:
        RecipientUnknown: there is none of this name.
        RecipientRefused: no such terms.
    """
    if version != PRESENT_TERMS:
        raise RecipientRefused("these are not the terms in use")
    require_recipient(vault, slug).terms_version = version


def verify_recipient(vault: Vault, slug: str) -> None:
    """Note that the operator checked who the recipient is; this also ends a suspension."""
    recipient = require_recipient(vault, slug)
    recipient.verified_at, recipient.suspended_at = vault.now(), None


def suspend_recipient(vault: Vault, slug: str) -> None:
    """Hand nothing to a recipient from this commit on."""
    require_recipient(vault, slug).suspended_at = vault.now()
    append(vault, Action.RECIPIENT_ENDED)


def require_ready(recipient: Recipient) -> None:
    """Refuse a recipient to whom nothing may be handed.

    Raises:
        RecipientNotReady: with why.

    Source: GDPR Art. 26, 28, 44.
    """
    if recipient.suspended_at is not None:
        raise RecipientNotReady("suspended")
    if recipient.verified_at is None:
        raise RecipientNotReady("unverified")
    if recipient.terms_version != PRESENT_TERMS:
        raise RecipientNotReady("terms")
    if recipient.country not in EEA and recipient.transfer_tool is None:
        raise RecipientNotReady("transfer")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
