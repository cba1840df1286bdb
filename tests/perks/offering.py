"""Offers for tests: a brand that may publish, whole terms, and an offer in any state."""

from typing import Any
from uuid import UUID

from app.transaction import House
from consent.recipient import PRESENT_TERMS
from perks.brand import Brand, NewBrand, accept_present_terms, add_brand, verify_by_operator
from perks.codes import add_codes
from perks.offer import Offer, create_offer, publish_offer, screen_offer
from perks.team import Role, join_team

SLUG = "rosengarten"
NEW_BRAND = NewBrand(
    slug=SLUG,
    name="Rosengarten GmbH",
    domain="rosengarten.example",
    contact="creators@rosengarten.example",
    country="DE",
    notices_url="https://rosengarten.example/notices",
)


def terms_json(**changes: Any) -> dict[str, Any]:
    """Whole terms of a voucher for which a post is expected."""
    return {
        "kind": "voucher",
        "title": {"en": "Seeds for a year", "de": "Saatgut für ein Jahr"},
        "text": {
            "en": "Twelve bags of seeds, one a month.",
            "de": "Zwölf Beutel Saatgut, jeden Monat einer.",
        },
        "redeem": {
            "en": "Enter the code at https://rosengarten.example/seeds.",
            "de": "Code eingeben auf https://rosengarten.example/seeds.",
        },
        "payer": "Rosengarten GmbH",
        "on_behalf_of": "Rosengarten GmbH",
        "expected": {"platforms": ["instagram"], "within_days": 30},
        "label": [{"platform": "instagram", "country": "DE", "wording": "Anzeige"}],
        "criteria": {
            "min_score": 40,
            "min_points": {"audience": 5},
            "platforms": [],
            "countries": ["DE"],
            "languages": ["de"],
            "niches": ["gardening"],
            "assurance": "any",
        },
        "admits_down_to": 35,
        "quantity": 3,
        "opens_on": "2026-11-20",
        "closes_on": "2026-12-20",
        "shares": ["score-band", "handles"],
        "shipper": None,
        "value": {"cents": 4800, "currency": "EUR"},
        **changes,
    }


def new_brand(
    house: House, owner: UUID | None = None, new: NewBrand = NEW_BRAND, *, ready: bool = True
) -> UUID:
    """A brand, verified and with the terms accepted unless said otherwise; returns the recipient's id."""
    with house.open_vault("operator") as vault:
        brand: Brand = add_brand(vault, new)
        vault.flush()
        if owner is not None:
            join_team(vault, owner, brand.recipient_id, Role.OWNER)
        if ready:
            accept_present_terms(vault, new.slug, PRESENT_TERMS)
            verify_by_operator(vault, new.slug)
        return brand.recipient_id


def new_offer(house: House, recipient_id: UUID, **changes: Any) -> UUID:
    """An offer of a brand, published, with as many codes as it promises."""
    offer_id = new_draft(house, recipient_id, **changes)
    with house.open_vault("recipient") as vault:
        screen_offer(vault, recipient_id, offer_id)
        stock(vault, recipient_id, offer_id, int(terms_json(**changes)["quantity"]))
        publish_offer(vault, recipient_id, offer_id)
    return offer_id


def new_draft(house: House, recipient_id: UUID, **changes: Any) -> UUID:
    """An offer of a brand as it is being made."""
    with house.open_vault("recipient") as vault:
        offer: Offer = create_offer(vault, recipient_id, terms_json(**changes))
        return offer.id


def stock(vault: Any, recipient_id: UUID, offer_id: UUID, count: int) -> None:
    """So many codes of one offer."""
    add_codes(vault, recipient_id, offer_id, [f"{offer_id.hex[:8]}-{number:04d}" for number in range(count)])
