"""The label clause of an offer: how a post in return says that it is paid for, by the rules of each country.

Only where there are rules can a clause be checked, so only there can a post be expected.
Source: UCPD Annex I no. 11; UWG § 5a(4); DSA Art. 26(2).
"""

from collections.abc import Collection
from typing import Any

from explain.wording import Language
from perks.label.check import Outcome, check
from perks.label.post import Country, Format, Post
from perks.label.rules import rules_of
from perks.offer_terms import LabelClause
from sources.activity import Platform


def clauses(platforms: Collection[str], countries: Collection[str]) -> list[dict[str, Any]]:
    """The clauses an offer needs, each with the wording its country's rules suggest, as JSON."""
    known = [country for country in countries if country in set(Country)]
    return [
        {"platform": platform, "country": country, "wording": _suggested(Country(country))}
        for platform in platforms
        for country in known
    ]


def suffices(clause: LabelClause) -> bool:
    """Whether a post that begins with the clause's wording is labelled as its country asks."""
    if clause.country not in set(Country):
        return False
    return any(_verdict(clause, language) is Outcome.OK for language in Language)


def _verdict(clause: LabelClause, language: Language) -> Outcome:
    text = f"{clause.wording}: …"
    return check(
        Post(text, Country(clause.country), language, Platform(clause.platform), Format.POST)
    ).outcome


def _suggested(country: Country) -> str:
    # The shorter one is in the country's own language; the other says it in both.
    return min(rules_of(country).suggestion.values(), key=len)
