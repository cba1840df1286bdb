"""Offers and one's part in them as JSON; the forms: perk_schemas.py."""

from typing import Any

from app.perks import CheckedPost, OpenedOffer, SeenOffer
from perks.eligibility import Judgement
from perks.handover import Preview
from perks.profile import PerkProfile


def profile_of(sent: dict[str, Any]) -> PerkProfile:
    """A profile as it was sent.

    Raises:
        ProfileUnfit: too many choices, or a name that is no single line.
    """
    chosen = {name: frozenset(sent[name]) for name in ("languages", "niches")}
    return PerkProfile(
        country=sent["country"], display_name=sent["display_name"], handles=sent["handles"], **chosen
    )


def say_offer(seen: SeenOffer) -> dict[str, Any]:
    """One offer as JSON."""
    offer = seen.offer
    return {
        "id": str(offer.id),
        "is_advertising": True,
        "advertiser": {
            "slug": offer.recipient.slug,
            "name": offer.recipient.name,
            "domain": offer.brand.domain,
            "on_behalf_of": offer.terms.on_behalf_of,
            "payer": offer.terms.payer,
        },
        "version": offer.number,
        "sha256": offer.sha256,
        "terms": offer.terms.to_json(),
        "is_open": seen.is_open,
        "left": seen.left,
        "judgement": _say_judgement(seen.judgement),
        "state": seen.state.value if seen.state is not None else None,
        "may": [act.value for act in seen.acts],
    }


def say_opened(opened: OpenedOffer) -> dict[str, Any]:
    """One offer with one's part in it as JSON."""
    part, review, brought = opened.seen.participation, opened.review, opened.claimed
    due_at = part.due_at if part is not None else None
    return {
        "offer": say_offer(opened.seen),
        "overlays": sorted(opened.overlays),
        "due_at": due_at.isoformat() if due_at is not None else None,
        "steps": [
            {
                "event": one.event.value,
                "state": one.state.value,
                "role": one.role.value,
                "at": one.at.isoformat(),
            }
            for one in opened.steps
        ],
        "review": {
            "statement": review.get("statement"),
            "answer": review.get("answer"),
            "is_admitted": bool(review.get("is_admitted")),
        }
        if review
        else None,
        "claimed": {"code": brought.code, "shipper": brought.shipper} if brought is not None else None,
        "posts": [_say_post(one) for one in opened.posts],
    }


def say_preview(shown: Preview) -> dict[str, Any]:
    """The exact values and the words about them as JSON."""
    notice = shown.notice
    return {
        "values": [{"field": field.value, "value": value} for field, value in shown.values.items()],
        "lacking": [field.value for field in shown.lacking],
        "notice": {name: getattr(notice, name) for name in ("version", "language", "text", "sha256")}
        if notice is not None
        else None,
        "digest": shown.digest,
        "seen": shown.seen,
    }


def _say_judgement(found: Judgement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    said = found.to_json()
    named = ("code", "criterion")
    nearest = [
        {**{name: one.pop(name) for name in named}, "answer": one} for one in map(dict, said["nearest"])
    ]
    return said | {"nearest": nearest}


def _say_post(checked: CheckedPost) -> dict[str, Any]:
    post, rule = checked.post, checked.rule
    return {
        "url": post.url,
        "platform": post.platform.value,
        "country": post.country.value,
        "submitted_at": post.submitted_at.isoformat(),
        "outcome": post.outcome.value,
        "rule": {
            "id": rule.id,
            "says": {language.value: said for language, said in rule.says.items()},
            "is_ours": rule.ours,
            "sources": [
                {"title": one.title, "dated": one.dated, "address": one.address} for one in rule.sources
            ],
        },
        "suggestion": post.suggestion,
        "fix_hours": checked.fix_hours,
    }
