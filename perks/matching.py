"""Matching on the person's own side: which offers they could take part in, for whoever looks, right then.

Only with the consent to matching in force. Before somebody opts in nothing is stored; after it the finding is
sealed for them (judgement.py). There is no way from an offer to people: nothing here takes an offer and
returns persons. What a person reaches comes first, then what ends sooner; no brand buys a place.

Source: GDPR Art. 22(2)(c), 22(3); DSA Art. 26(1)(d), 27.
"""

from dataclasses import dataclass
from uuid import UUID

from consent.gate import permits_in_force, require_permit
from consent.part import Aspect
from consent.purpose import Purpose, score_scope
from explain.report import score_report
from model.scoring import is_usable
from perks.eligibility import Candidate, Judgement, judge
from perks.judgement import find_judgement, keep_judgement
from perks.life import Event
from perks.offer import OfferState, PublishedOffer, find_published, open_offers
from perks.participation import (
    MATCH,
    Participation,
    advance,
    find_participation,
    lock_participation,
    opt_in,
    participations_of,
    require_participation,
    taken,
)
from perks.profile import read_profile
from vault.desk import Vault
from vault.errors import DomainError
from vault.permit import Permit


class OfferNotOpen(DomainError):
    """An offer is closed, not open yet, over, or everything it had was given."""

    slug = "offer-not-open"
    title = "Offer is not open"

    def __init__(self, why: str) -> None:
        super().__init__(f"This offer cannot be taken up: {why}.", why=why)


@dataclass(frozen=True)
class Found:
    """One person as offers ask about them, with the consents that rests on."""

    candidate: Candidate
    permits: tuple[Permit, ...]


@dataclass(frozen=True)
class VisibleOffer:
    """One offer as one person sees it.

    is_gone: everything it had was given.
    """

    offer: PublishedOffer
    judgement: Judgement
    participation: Participation | None
    is_gone: bool


def visible_offers(vault: Vault, subject_id: UUID) -> tuple[VisibleOffer, ...]:
    """Every open offer and every one this person takes part in: what they reach first, then what ends sooner.

    Raises:
        ConsentMissing: matching was not agreed to.
    """
    found = find_candidate(vault, subject_id)
    own = {one.offer_id: one for one in participations_of(vault, subject_id)}
    offers = {offer.id: offer for offer in open_offers(vault)}
    offers |= {offer_id: find_published(vault, offer_id) for offer_id in own if offer_id not in offers}
    seen = [_seen(vault, offer, found.candidate, own.get(offer.id)) for offer in offers.values()]
    return tuple(sorted(seen, key=_place))


def look(vault: Vault, subject_id: UUID, offer_id: UUID) -> VisibleOffer:
    """One offer as one person sees it; one that is not open is seen only by who takes part.

    Raises:
        ConsentMissing: matching was not agreed to. OfferUnknown: there is no such offer for them.
    """
    offer = find_published(vault, offer_id)
    participation = find_participation(vault, subject_id, offer_id)
    if participation is None and not any(one.id == offer_id for one in open_offers(vault)):
        raise OfferNotOpen("closed")
    return _seen(vault, offer, find_candidate(vault, subject_id).candidate, participation)


def take_part(vault: Vault, subject_id: UUID, offer_id: UUID) -> Participation:
    """Opt in, and work out at once whether the person is eligible.

    Raises:
        ConsentMissing: matching was not agreed to. OfferUnknown, OfferNotOpen, OfferTaken, StepIllegal.
    """
    require_permit(vault, subject_id, MATCH, Aspect.ELIGIBILITY)
    offer = require_open(vault, offer_id)
    return _found_out(vault, offer, opt_in(vault, subject_id, offer.recipient.slug, offer.id))


def look_again(vault: Vault, subject_id: UUID, offer_id: UUID) -> Participation:
    """Work it out anew, because figures or choices changed; what a human admitted stays admitted.

    Raises:
        ParticipationUnknown, ConsentMissing, StepIllegal: it is too late for that, or matching is off.
    """
    participation = lock_participation(vault, require_participation(vault, subject_id, offer_id))
    if is_admitted(vault, participation):
        return participation
    offer = require_open(vault, offer_id)
    return _found_out(vault, offer, advance(vault, participation, Event.RECHECK))


def is_still_eligible(vault: Vault, participation: Participation) -> bool:
    """Whether a participation that was eligible is so on today's figures; admitted by a human is."""
    if is_admitted(vault, participation):
        return True
    offer = find_published(vault, participation.offer_id)
    return judge(offer.terms.criteria, find_candidate(vault, participation.subject_id).candidate).is_eligible


def is_admitted(vault: Vault, participation: Participation) -> bool:
    """Whether a human admitted the person to the offer."""
    kept = find_judgement(vault, participation)
    return bool(kept and (kept.get("review") or {}).get("is_admitted"))


def require_open(vault: Vault, offer_id: UUID) -> PublishedOffer:
    """An offer that may be taken up today.

    Raises:
        OfferUnknown: none, or never published. OfferNotOpen: with why.
    """
    offer = find_published(vault, offer_id)
    if offer.state is not OfferState.PUBLISHED or not offer.is_open(vault.now().date()):
        raise OfferNotOpen("closed")
    if is_gone(vault, offer):
        raise OfferNotOpen("gone")
    return offer


def is_gone(vault: Vault, offer: PublishedOffer) -> bool:
    """Whether everything an offer had was given."""
    return taken(vault, offer.id) >= offer.terms.quantity


def find_candidate(vault: Vault, subject_id: UUID) -> Found:
    """What offers may ask about one person.

    Raises:
        ConsentMissing: matching was not agreed to. ProcessingLimited: the person restricted it.
    """
    permit = require_permit(vault, subject_id, MATCH, Aspect.ELIGIBILITY)
    scoring = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    report = score_report(vault, subject_id, scoring)
    profile = read_profile(vault, permit)
    result = report.result if report is not None and not report.is_empty else None
    used = [scoring[score_scope(one.platform)] for one in result.networks] if result is not None else []
    candidate = Candidate(
        result=result,
        card=report.card if report is not None else None,
        is_usable=result is not None and is_usable(result, vault.now().date()),
        country=profile.country,
        languages=profile.languages,
        niches=profile.niches,
    )
    return Found(candidate, (permit, *used))


def _found_out(vault: Vault, offer: PublishedOffer, participation: Participation) -> Participation:
    found = find_candidate(vault, participation.subject_id)
    judgement = judge(offer.terms.criteria, found.candidate)
    event = Event.FIND_ELIGIBLE if judgement.is_eligible else Event.FIND_INELIGIBLE
    moved = advance(vault, participation, event)
    keep_judgement(vault, moved, found.permits, judgement.to_json())
    return moved


def _seen(
    vault: Vault, offer: PublishedOffer, candidate: Candidate, participation: Participation | None
) -> VisibleOffer:
    judgement = judge(offer.terms.criteria, candidate)
    return VisibleOffer(offer, judgement, participation, is_gone(vault, offer))


def _place(seen: VisibleOffer) -> tuple[bool, bool, object, str]:
    return (
        not seen.judgement.is_eligible,
        seen.is_gone,
        seen.offer.terms.closes_on,
        str(seen.offer.id),
    )
