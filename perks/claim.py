"""Claiming: a code, given once, or an address for whoever sends something; then what is expected in return.

    consented | disclosed -> claimed -> done            nothing is expected
                                    `-> post_due        a post is, within so many days

The person, then the offer, then a code are locked, in this order: two claims at once never get the same code,
and the last one left goes to one of them. Nobody waits for a brand's machine. An address goes to the shipper
alone, on record before it leaves, and what no shipper has yet is gone with a withdrawal.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from consent.disclosure import Handover, deliver
from consent.errors import ConsentMissing
from consent.recipient import Recipient, require_ready, require_recipient
from consent.record import find_in_force
from perks.claims import ADDRESS_KEPT, PerkClaim, find_claim, keep_claim, open_claim
from perks.codes import give_code
from perks.life import Event, State
from perks.matching import OfferNotOpen, is_gone
from perks.offer import PublishedOffer, find_published, lock_offer
from perks.offer_terms import Kind
from perks.participation import (
    Participation,
    ParticipationUnknown,
    advance,
    lock_participation,
    require_participation,
)
from vault.desk import Vault
from vault.errors import DomainError

MOST_SIGNS = 200
MOST_LINES = 6


class AddressUnfit(DomainError):
    """An address is missing, is too long, or was given where nothing is sent."""

    slug = "shipping-address-unfit"
    title = "Address cannot be used"

    def __init__(self) -> None:
        super().__init__("An address of one to six lines is needed where something is sent, and only there.")


@dataclass(frozen=True)
class Claimed:
    """What a claim brought, as its person sees it.

    code: what to enter. shipper: who sends it, where something is sent.
    """

    code: str | None
    shipper: str | None


def claim(vault: Vault, subject_id: UUID, offer_id: UUID, address: str | None = None) -> Participation:
    """Claim what an offer gives.

    Args:
        address: where a sample is to go, in lines as on an envelope; None for anything else.

    Raises:
        ParticipationUnknown, StepIllegal, OfferNotOpen, ConsentMissing, AddressUnfit, CodesGone.
    """
    participation = lock_participation(vault, require_participation(vault, subject_id, offer_id))
    offer = _require_left(vault, participation)
    if (offer.terms.kind is Kind.SAMPLE) != (address is not None):
        raise AddressUnfit
    shares = participation.grant_number is not None
    if shares and find_in_force(vault, subject_id, participation.share_scope) is None:
        raise ConsentMissing(participation.share_scope)
    moved = advance(vault, participation, Event.CLAIM)
    _give(vault, moved, offer, address)
    return moved if address is not None else _expect(vault, moved, offer)


def claimed(vault: Vault, participation: Participation) -> Claimed | None:
    """What a claim brought; None where nothing was claimed, or it is gone by now."""
    row = find_claim(vault, participation)
    if row is None:
        return None
    shipper = require_recipient(vault, row.shipper).name if row.shipper is not None else None
    return Claimed(open_claim(vault, row).get("code"), shipper)


def to_ship(vault: Vault, shipper: Recipient) -> tuple[UUID, ...]:
    """The participations for which a shipper has something to send, by their random names."""
    statement = (
        select(PerkClaim.participation_id)
        .where(PerkClaim.shipper == shipper.slug, PerkClaim.shipped_at.is_(None))
        .order_by(PerkClaim.participation_id)
    )
    return tuple(vault.session.scalars(statement))


def ship(vault: Vault, shipper: Recipient, participation_id: UUID) -> Handover:
    """Put on record that the shipper gets the address of one claim; it leaves after the commit, once.

    Raises:
        ParticipationUnknown: nothing to send, sent before, or another shipper's: the same for all.
        RecipientNotReady, ProcessingLimited, StepIllegal: nothing is handed over.
    """
    require_ready(shipper)
    # One statement for whatever is not this shipper's: neither answer nor work tells what it is instead.
    statement = (
        select(Participation)
        .join(PerkClaim, PerkClaim.participation_id == Participation.id)
        .where(
            Participation.id == participation_id,
            PerkClaim.shipper == shipper.slug,
            PerkClaim.shipped_at.is_(None),
        )
    )
    found = vault.session.scalar(statement)
    if found is None:
        raise ParticipationUnknown
    participation = lock_participation(vault, found)
    row = find_claim(vault, participation)
    if row is None or row.shipper != shipper.slug or row.shipped_at is not None:
        raise ParticipationUnknown
    handover = deliver(
        vault, row.subject_id, shipper, participation.deliver_scope, open_claim(vault, row)["address"]
    )
    row.shipped_at, row.ends_at = vault.now(), vault.now() + ADDRESS_KEPT
    _expect(vault, participation, find_published(vault, participation.offer_id))
    return handover


def _require_left(vault: Vault, participation: Participation) -> PublishedOffer:
    """The offer, open and with something left, held until this claim is done."""
    offer = find_published(vault, participation.offer_id)
    lock_offer(vault, offer.recipient.id, offer.id)
    if participation.state not in (State.CONSENTED, State.DISCLOSED):
        return offer  # advance says what is wrong
    if not offer.is_open(vault.now().date()):
        raise OfferNotOpen("closed")
    if is_gone(vault, offer):
        raise OfferNotOpen("gone")
    return offer


def _give(vault: Vault, participation: Participation, offer: PublishedOffer, address: str | None) -> None:
    if offer.terms.kind.needs_codes:
        keep_claim(vault, participation, {"code": give_code(vault, offer.id)}, None)
    elif address is not None:
        keep_claim(vault, participation, {"address": _lines(address)}, offer.terms.shipper)


def _expect(vault: Vault, participation: Participation, offer: PublishedOffer) -> Participation:
    """What comes after something was given: a post that falls due, or nothing more."""
    expected = offer.terms.expected
    if expected is None:
        return advance(vault, participation, Event.FINISH)
    moved = advance(vault, participation, Event.POST_FALLS_DUE)
    moved.due_at = vault.now() + timedelta(days=expected.within_days)
    return moved


def _lines(address: str) -> str:
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    joined = "\n".join(lines)
    if not 0 < len(lines) <= MOST_LINES or len(joined) > MOST_SIGNS or not all(map(str.isprintable, lines)):
        raise AddressUnfit
    return joined
