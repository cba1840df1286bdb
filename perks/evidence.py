"""What a creator can show: who paid for what, when, what it was worth, and whether the post said so.

German law presumes that a post which helps a business is paid for, unless it is made credible that nothing
was given (UWG § 5a(4)). So both are said, from what is on record and nothing else: what was received for
which offer, and that for others nothing was. Of gifts elsewhere this service knows nothing.
"""

from typing import Any
from uuid import UUID

from perks.offer import PublishedOffer, find_published
from perks.participation import Participation, participations_of, steps_of
from perks.post import posts_of
from vault.desk import Vault

SCHEMA = "klarwert-perk-evidence/1"


def evidence(vault: Vault, subject_id: UUID) -> dict[str, Any]:
    """Everything about a person's parts in offers as plain JSON, the newest first.

    Source: UWG § 5a(4); BGH 13.1.2022, I ZR 35/21.
    """
    parts = participations_of(vault, subject_id)
    return {
        "schema": SCHEMA,
        "made_at": vault.now().isoformat(),
        "parts": [_part(vault, one, find_published(vault, one.offer_id)) for one in parts],
    }


def _part(vault: Vault, participation: Participation, offer: PublishedOffer) -> dict[str, Any]:
    is_paid = participation.claimed_at is not None
    terms = offer.terms
    return {
        "offer": {"id": str(offer.id), "title": vars(terms.title), "terms_sha256": offer.sha256},
        "brand": offer.recipient.name,
        "payer": terms.payer,
        "on_behalf_of": terms.on_behalf_of,
        "is_paid": is_paid,
        "received": _received(participation, offer) if is_paid else None,
        "expected_post": terms.expected is not None,
        "state": participation.state.value,
        "steps": [
            {"event": step.event.value, "at": step.at.isoformat()} for step in steps_of(vault, participation)
        ],
        "posts": [
            {
                "url": post.url,
                "platform": post.platform.value,
                "handed_in_at": post.submitted_at.isoformat(),
                "country": post.country.value,
                "label": post.outcome.value,
                "rule": post.rule,
            }
            for post in posts_of(vault, participation)
        ],
    }


def _received(participation: Participation, offer: PublishedOffer) -> dict[str, Any]:
    return {
        "kind": offer.terms.kind.value,
        "claimed_at": participation.claimed_at.isoformat() if participation.claimed_at else None,
        "value": {"cents": offer.terms.value.cents, "currency": offer.terms.value.currency},
    }
