"""Offers: what a brand makes, what of it is published, and every version people ever saw.

    draft --screen--> screened --publish--> published --close--> closed
      ^------edit-------'                     '--improve--' words only: a further version

A draft may lack what it likes; it is screened only whole, and what is published is exactly what passed. What
people agree to is a version: a row that nothing changes, known by its digest. Whom an offer is for, what it
gives and what it asks for never change once it is published.

Source: DSA Art. 26(1), 28(2); CJEU C-492/23.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from consent.purpose import Purpose, Scope
from consent.recipient import Recipient, RecipientKind, require_ready
from perks.brand import Brand, is_ready
from perks.codes import count_free, discard_free
from perks.errors import OfferIncomplete, OfferStepIllegal, OfferUnknown, OfferUnusable
from perks.label_clause import suffices
from perks.offer_terms import Kind, OfferTerms, check_draft
from perks.screen import screen
from perks.webhook import WebhookEvent, tell_of_offer
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding


class OfferState(StrEnum):
    """Where an offer stands."""

    DRAFT = "draft"
    SCREENED = "screened"
    PUBLISHED = "published"
    CLOSED = "closed"


class Offer(Base):
    """One offer of one brand."""

    __tablename__ = "perk_offer"
    __holding__ = Holding(
        what="Offers of brands, as they are being made, published and closed",
        purpose="perk.match",
        basis="gdpr-6-1-a",
        retained="as long as anybody may ask what they agreed to",
        source="the brand",
        fate=Fate.NOT_PERSONAL,  # an offer names nobody: the screen holds back whom one would
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Brand.recipient_id), index=True)
    state: Mapped[OfferState] = mapped_column(by_value(OfferState), index=True)
    terms: Mapped[str] = mapped_column(Text)  # JSON, as it is being made
    version: Mapped[int] = mapped_column(default=0)  # 0: never published
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class OfferVersion(Base):
    """One version of an offer that people could see; inserted, never changed, never deleted."""

    __tablename__ = "perk_offer_version"
    __holding__ = Holding(
        what="Every version of an offer that people could see, as it stood",
        purpose="perk.match",
        basis="gdpr-6-1-a",
        retained="as long as anybody may ask what they agreed to",
        source="the brand",
        fate=Fate.NOT_PERSONAL,
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey(Offer.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    terms: Mapped[str] = mapped_column(Text)  # canonical JSON (RFC 8785)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


@dataclass(frozen=True)
class PublishedOffer:
    """An offer as people see it: one version of it, and whose it is."""

    id: UUID
    state: OfferState
    brand: Brand
    recipient: Recipient
    number: int
    terms: OfferTerms
    sha256: str
    published_at: datetime

    @property
    def share_scope(self) -> Scope:
        """Under which a person lets the brand have something for this offer."""
        return Scope(Purpose.BRAND_SHARE, f"{self.recipient.slug}/{self.id}")

    @property
    def deliver_scope(self) -> Scope:
        """Under which what was claimed is delivered."""
        return Scope(Purpose.PERK_DELIVER, f"{self.recipient.slug}/{self.id}")

    def is_open(self, today: date) -> bool:
        """Whether one may opt in today."""
        return self.state is OfferState.PUBLISHED and self.terms.is_open(today)


def create_offer(vault: Vault, recipient_id: UUID, raw: dict[str, Any]) -> Offer:
    """Begin an offer.

    Raises:
        OfferUnusable: something in it no offer could have.
    """
    check_draft(raw)
    now = vault.now()
    offer = Offer(
        id=uuid4(),
        recipient_id=recipient_id,
        state=OfferState.DRAFT,
        terms=json.dumps(raw, ensure_ascii=False),
        version=0,
        created_at=now,
        changed_at=now,
    )
    vault.session.add(offer)
    return offer


def edit_offer(vault: Vault, recipient_id: UUID, offer_id: UUID, raw: dict[str, Any]) -> Offer:
    """Change a draft; one that was screened has to be screened again.

    Raises:
        OfferUnknown, OfferUnusable: nothing was changed.
        OfferStepIllegal: it is published or closed.
    """
    offer = lock_offer(vault, recipient_id, offer_id)
    _require_state(offer, OfferState.DRAFT, OfferState.SCREENED)
    check_draft(raw)
    offer.terms, offer.state = json.dumps(raw, ensure_ascii=False), OfferState.DRAFT
    offer.changed_at = vault.now()
    return offer


def screen_offer(vault: Vault, recipient_id: UUID, offer_id: UUID) -> Offer:
    """Look at a whole draft; from then on it may be published as it is.

    Raises:
        OfferIncomplete, OfferUnusable: with the field.
        OfferScreened: with the word.
    """
    offer = lock_offer(vault, recipient_id, offer_id)
    _require_state(offer, OfferState.DRAFT, OfferState.SCREENED)
    _look_at(vault, offer, drafted_terms(offer))
    offer.state, offer.changed_at = OfferState.SCREENED, vault.now()
    return offer


def publish_offer(vault: Vault, recipient_id: UUID, offer_id: UUID) -> Offer:
    """Let people see a screened offer.

    Raises:
        RecipientNotReady: the brand is not verified, lacks the terms, or is suspended.
        OfferStepIllegal: it was not screened.
        OfferIncomplete: too few codes.
        OfferUnusable: its window is over, or its shipper cannot ship.
        OfferScreened: the list of words has grown since.
    """
    offer = lock_offer(vault, recipient_id, offer_id)
    _require_state(offer, OfferState.SCREENED)
    require_ready(vault.session.get_one(Recipient, recipient_id))
    terms = drafted_terms(offer)
    _look_at(vault, offer, terms)
    _require_keepable(vault, offer, terms)
    offer.state, offer.published_at = OfferState.PUBLISHED, vault.now()
    _add_version(vault, offer, terms)
    append(vault, Action.OFFER_PUBLISHED, scope=_logged(vault, offer))
    return offer


def improve_offer(vault: Vault, recipient_id: UUID, offer_id: UUID, raw: dict[str, Any]) -> Offer:
    """Put better words in a published offer, as a further version; nothing else of it may change.

    Raises:
        OfferUnusable: something else would change.
        OfferIncomplete, OfferScreened, OfferStepIllegal, RecipientNotReady: nothing was changed.
    """
    offer = lock_offer(vault, recipient_id, offer_id)
    _require_state(offer, OfferState.PUBLISHED)
    require_ready(vault.session.get_one(Recipient, recipient_id))
    terms = OfferTerms.from_json(raw)
    if not terms.differs_only_in_words(drafted_terms(offer)):
        raise OfferUnusable("criteria")
    _look_at(vault, offer, terms)
    offer.terms = json.dumps(terms.to_json(), ensure_ascii=False)
    _add_version(vault, offer, terms)
    append(vault, Action.OFFER_PUBLISHED, scope=_logged(vault, offer))
    return offer


def close_offer(vault: Vault, recipient_id: UUID, offer_id: UUID) -> Offer:
    """End an offer: nobody opts in any more, what was claimed goes on, and codes nobody got are deleted."""
    offer = lock_offer(vault, recipient_id, offer_id)
    _require_state(offer, OfferState.PUBLISHED)
    offer.state, offer.closed_at = OfferState.CLOSED, vault.now()
    discard_free(vault, offer.id)
    tell_of_offer(vault, WebhookEvent.OFFER_CLOSED, recipient_id, offer_id)
    append(vault, Action.OFFER_CLOSED, scope=_logged(vault, offer))
    return offer


def delete_draft(vault: Vault, recipient_id: UUID, offer_id: UUID) -> None:
    """Throw a draft away, with its codes; what was ever published stays."""
    offer = lock_offer(vault, recipient_id, offer_id)
    _require_state(offer, OfferState.DRAFT, OfferState.SCREENED)
    discard_free(vault, offer.id)
    vault.session.delete(offer)


def close_over(vault: Vault) -> int:
    """Close every offer whose window is over; returns how many."""
    today = vault.now().date()
    over = [
        offer
        for offer in vault.session.scalars(select(Offer).where(Offer.state == OfferState.PUBLISHED))
        if drafted_terms(offer).closes_on < today
    ]
    for offer in over:
        close_offer(vault, offer.recipient_id, offer.id)
    return len(over)


def offers_of(vault: Vault, recipient_id: UUID) -> Sequence[Offer]:
    """A brand's own offers, the newest first."""
    statement = select(Offer).where(Offer.recipient_id == recipient_id)
    return vault.session.scalars(statement.order_by(Offer.created_at.desc(), Offer.id)).all()


def require_offer(vault: Vault, recipient_id: UUID, offer_id: UUID) -> Offer:
    """A brand's own offer.

    Raises:
        OfferUnknown: none, or another brand's.
    """
    offer = vault.session.get(Offer, offer_id)
    if offer is None or offer.recipient_id != recipient_id:
        raise OfferUnknown
    return offer


def lock_offer(vault: Vault, recipient_id: UUID, offer_id: UUID) -> Offer:
    """The same, alone with it until the transaction ends."""
    found = vault.session.scalar(
        select(Offer).where(Offer.id == offer_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None or found.recipient_id != recipient_id:
        raise OfferUnknown
    return found


def drafted_terms(offer: Offer) -> OfferTerms:
    """The terms as they stand on the brand's side.

    Raises:
        OfferIncomplete, OfferUnusable: with the first field.
    """
    return OfferTerms.from_json(json.loads(offer.terms))


def versions_of(vault: Vault, offer_id: UUID) -> Sequence[OfferVersion]:
    """Every version people could see, the oldest first."""
    statement = select(OfferVersion).where(OfferVersion.offer_id == offer_id)
    return vault.session.scalars(statement.order_by(OfferVersion.number)).all()


def find_published(vault: Vault, offer_id: UUID, number: int | None = None) -> PublishedOffer:
    """An offer as people see it, or as they saw an earlier version; closed ones too.

    Raises:
        OfferUnknown: none, or never published.
    """
    statement = _published().where(Offer.id == offer_id)
    statement = statement.where(OfferVersion.number == (Offer.version if number is None else number))
    found = vault.session.execute(statement).one_or_none()
    if found is None:
        raise OfferUnknown
    return _as_published(*found)


def open_offers(vault: Vault) -> Sequence[PublishedOffer]:
    """Every offer one may opt in to today, of brands that are ready; first the one that ends first."""
    today = vault.now().date()
    statement = _published().where(Offer.state == OfferState.PUBLISHED, OfferVersion.number == Offer.version)
    found = (_as_published(*row) for row in vault.session.execute(statement))
    standing = [offer for offer in found if offer.is_open(today) and is_ready(offer.recipient)]
    return sorted(standing, key=lambda offer: (offer.terms.closes_on, offer.id))


def _published() -> Any:
    return (
        select(Offer, OfferVersion, Brand, Recipient)
        .join(OfferVersion, OfferVersion.offer_id == Offer.id)
        .join(Brand, Brand.recipient_id == Offer.recipient_id)
        .join(Recipient, Recipient.id == Offer.recipient_id)
    )


def _as_published(offer: Offer, version: OfferVersion, brand: Brand, recipient: Recipient) -> PublishedOffer:
    return PublishedOffer(
        id=offer.id,
        state=offer.state,
        brand=brand,
        recipient=recipient,
        number=version.number,
        terms=OfferTerms.from_json(json.loads(version.terms)),
        sha256=version.sha256,
        published_at=version.made_at,
    )


def _require_state(offer: Offer, *states: OfferState) -> None:
    if offer.state not in states:
        raise OfferStepIllegal(offer.state)


def _require_keepable(vault: Vault, offer: Offer, terms: OfferTerms) -> None:
    """What is promised can be kept: there is time left, there are codes, and somebody ships."""
    if terms.closes_on < vault.now().date():
        raise OfferUnusable("closes_on")
    if terms.kind.needs_codes and count_free(vault, offer.id) < terms.quantity:
        raise OfferIncomplete("codes")
    if terms.kind is Kind.SAMPLE:
        statement = select(Recipient).where(Recipient.slug == terms.shipper)
        shipper = vault.session.scalar(statement)
        is_itself = shipper is not None and shipper.id == offer.recipient_id
        if (
            shipper is None
            or not (is_itself or shipper.kind is RecipientKind.SHIPPER)
            or not is_ready(shipper)
        ):
            raise OfferUnusable("shipper")


def _add_version(vault: Vault, offer: Offer, terms: OfferTerms) -> None:
    offer.version += 1
    offer.changed_at = vault.now()
    vault.session.add(
        OfferVersion(
            offer_id=offer.id,
            number=offer.version,
            terms=terms.canonical().decode(),
            sha256=terms.sha256,
            made_at=vault.now(),
        )
    )


def _look_at(vault: Vault, offer: Offer, terms: OfferTerms) -> None:
    """What is looked at before people may see it: that a post would be labelled as asked, and every word."""
    for clause in terms.label:
        if not suffices(clause):
            raise OfferUnusable(f"label.{clause.platform}.{clause.country}")
    screen(terms, vault.session.get_one(Brand, offer.recipient_id).domain)


def _logged(vault: Vault, offer: Offer) -> str:
    return f"offer/{vault.session.get_one(Recipient, offer.recipient_id).slug}/{offer.id}"
