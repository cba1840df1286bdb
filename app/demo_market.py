"""The two brands of a demo at work: they sign up, offer, read what people agreed to, and are told of ends.

The domains end in .example, which nobody can prove, so the operator's door is taken, as for a brand that is
checked on paper.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.brands import sign_up
from app.demo_life import Episode, Life, join
from app.demo_members import Member, Members
from app.demo_offers import BAGMAKER, MILL
from app.handing_over import hand_over_one
from app.noticing import acknowledge, token_of
from app.transaction import House
from consent.recipient import PRESENT_TERMS, require_recipient
from perks.brand import NewBrand, accept_present_terms, verify_by_operator
from perks.claim import claim, ship, to_ship
from perks.codes import add_codes
from perks.handover import AlreadyHandedOver, Yes, consent, decline, leave, preview, waiting_ids
from perks.matching import take_part
from perks.offer import close_offer, create_offer, publish_offer, screen_offer
from perks.participation import find_participation
from perks.use_context import UseContext
from rights.notice import Answer, RecipientNotice
from vault.desk import Vault
from vault.errors import DomainError

TEAM = "team@demo.example"
Terms = Callable[[date, date], dict[str, Any]]


@dataclass
class Market:
    """The brands, once they are there, and what is offered at the end."""

    brands: dict[str, UUID] = field(default_factory=dict)
    flour_id: UUID | None = None
    bags_id: UUID | None = None


def opening(life: Life, market: Market) -> Episode:
    """A team signs up two brands."""
    life.evenings.append(lambda: acknowledge_all(life.house))
    (team,) = join(life.house, [TEAM], "en")
    for new in (MILL, BAGMAKER):
        sign_up(life.house, team, new)
        market.brands[new.slug] = _verified(life, new)
    yield from ()


def offered(life: Life, market: Market, members: Members, slug: str, terms: Terms, lasts: int) -> Episode:
    """An offer from its beginning to its end: members take it up, or decline, or leave; the brand reads."""
    offer_id = publish(life.house, market.brands[slug], slug, terms, lasts + 14, codes=60)
    yield 1
    asked: set[int] = set()
    for day in range(1, lasts, 3):
        new = [one for one in members.here if one.matches and one.number not in members.busy | asked][:3]
        asked |= {one.number for one in new}
        with life.house.open_vault("subject") as vault:
            for one in new:
                take(vault, one.subject_id, offer_id, claims=not life.chance(9), agrees=not life.chance(7))
        read_waiting(life.house, slug, offer_id)
        if day % 2 and new:
            _read_again(life, slug, new[0], offer_id)
        if new and life.chance(2):
            _leave(life, new[-1], offer_id)
        yield 3
    with life.house.open_vault("recipient", slug) as vault:
        close_offer(vault, market.brands[slug], offer_id)


def publish(house: House, brand_id: UUID, slug: str, terms: Terms, lasts: int, codes: int = 0) -> UUID:
    """An offer that may be taken up from now on."""
    offer_id = screened(house, brand_id, terms, lasts)
    with house.open_vault("recipient", slug) as vault:
        known = [f"{slug.upper()}-{offer_id.hex[:4]}-{7919 * number:06}" for number in range(codes)]
        add_codes(vault, brand_id, offer_id, known)
        publish_offer(vault, brand_id, offer_id)
    return offer_id


def screened(house: House, brand_id: UUID, terms: Terms, lasts: int) -> UUID:
    """An offer that was looked through and is not published yet."""
    offer_id = draft(house, brand_id, terms, lasts)
    with house.open_vault("recipient") as vault:
        screen_offer(vault, brand_id, offer_id)
    return offer_id


def draft(house: House, brand_id: UUID, terms: Terms, lasts: int) -> UUID:
    """An offer that is being written."""
    opens_on = house.clock().date()
    with house.open_vault("recipient") as vault:
        return create_offer(vault, brand_id, terms(opens_on, opens_on + timedelta(days=lasts))).id


def take(
    vault: Vault,
    subject_id: UUID,
    offer_id: UUID,
    address: str | None = None,
    *,
    claims: bool = True,
    agrees: bool = True,
) -> None:
    """Opt in, look at the values, agree to them, and claim; or decline."""
    take_part(vault, subject_id, offer_id)
    shown = preview(vault, subject_id, offer_id, "en")
    if shown is None:
        raise RuntimeError("Somebody invented does not reach what was made for them.")
    if not agrees:
        decline(vault, subject_id, offer_id, "en")
        return
    consent(vault, subject_id, offer_id, Yes(shown.digest, "en", shown.seen))
    if claims:
        claim(vault, subject_id, offer_id, address)


def read_waiting(house: House, slug: str, offer_id: UUID, left: int = 0) -> None:
    """A brand reads what waits to be read, but for some."""
    with house.open_reading_vault("recipient", slug) as vault:
        waiting = waiting_ids(vault, offer_id)
    for one in waiting[left:]:
        with suppress(DomainError):  # restricted or withdrawn meanwhile
            hand_over_one(house, slug, one, UseContext.OFFER_FULFILMENT)


def ship_waiting(house: House, slug: str, left: int) -> None:
    """A shipper sends what waits to be sent, but for some."""
    with house.open_reading_vault("recipient", slug) as vault:
        waiting = to_ship(vault, require_recipient(vault, slug))
    for one in waiting[left:]:
        with house.open_vault("recipient", slug) as vault:
            ship(vault, require_recipient(vault, slug), one)


def acknowledge_all(house: House) -> None:
    """Every brand says of every notice that it is carried out."""
    with house.open_reading_vault("worker") as vault:
        statement = select(RecipientNotice.id).where(RecipientNotice.acknowledged_at.is_(None))
        open_ones = vault.session.scalars(statement).all()
    for one in open_ones:
        acknowledge(house, one, token_of(house, one), Answer.COMPLETED)


def _verified(life: Life, new: NewBrand) -> UUID:
    life.finish_jobs()
    with life.house.open_vault("recipient", new.slug) as vault:
        accept_present_terms(vault, new.slug, PRESENT_TERMS)
    with life.house.open_vault("operator") as vault:
        verify_by_operator(vault, new.slug)
        return require_recipient(vault, new.slug).id


def _read_again(life: Life, slug: str, one: Member, offer_id: UUID) -> None:
    """A program of the brand asks for what it was given before: refused, and noted."""
    with life.house.open_reading_vault("recipient", slug) as vault:
        known = find_participation(vault, one.subject_id, offer_id)
    if known is not None and known.handed_number is not None:
        with suppress(AlreadyHandedOver):
            hand_over_one(life.house, slug, known.id, UseContext.OFFER_FULFILMENT)


def _leave(life: Life, one: Member, offer_id: UUID) -> None:
    with life.house.open_vault("subject") as vault:
        leave(vault, one.subject_id, offer_id, one.language)
