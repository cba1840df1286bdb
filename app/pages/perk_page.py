"""The page of one offer, as every step on it comes back to it (perks.py, perk_posts.py)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.current import house, signed_in
from app.language import language, say
from app.pages.brand_offers import spoken
from app.perks import open_offer, say_change, say_post, say_reason
from explain.statement import catalog
from explain.voice import Voice
from explain.wording import Language
from perks.label.post import Format
from perks.offer_terms import OfferTerms
from perks.review import MOST_SIGNS
from vault.errors import DomainError

SAID = ("taken", "rechecked", "review", "not-any-more", "declined", "agreed", "claimed", "left", "posted")


def offer_page(
    offer_id: UUID, refusal: DomainError | None = None, values: dict[str, Any] | None = None
) -> str:
    """The page, with what was refused or sent on it."""
    said = spoken_offers()
    with house().open_reading_vault() as vault:
        opened = open_offer(vault, signed_in().subject_id, offer_id)
        done = request.args.get("said") if request.method == "GET" else None
        return render_template(
            "perk.html",
            opened=opened,
            seen=opened.seen,
            said=done if done in SAID else None,
            refusal=refusal.slug if refusal else None,
            values=values or {},
            statement_most=MOST_SIGNS,
            platforms_of=lambda terms: _platforms(terms, said["network"]),
            countries_of=lambda terms: _countries(terms, said["country"]),
            post_languages=[(one.value, said["tongue"](one.value)) for one in Language],
            formats=[(one.value, say(f"perk.format_{one}")) for one in Format],
            say_post=lambda checked: say_post(checked, language()),
            **said,
        )


def spoken_offers() -> dict[str, Any]:
    """What the pages about offers need to say them in the language of the page."""
    voice = Voice(catalog(), language())
    return {
        **spoken(),
        "reason_facts": lambda reason: say_reason(reason, voice),
        "say_change": lambda change, judgement: say_change(change, judgement, voice),
    }


def back_to(offer_id: UUID, said: str) -> ResponseReturnValue:
    """Back to the page after a step that was taken."""
    return redirect(url_for("perks.show", offer_id=offer_id, said=said), 303)


def _platforms(terms: OfferTerms, name: Callable[[str], str]) -> list[tuple[str, str]]:
    return [(one, name(one)) for one in sorted(terms.expected.platforms)] if terms.expected else []


def _countries(terms: OfferTerms, name: Callable[[str], str]) -> list[tuple[str, str]]:
    return [(one, name(one)) for one in sorted(terms.criteria.countries)]
