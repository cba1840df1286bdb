"""The label clause of an offer: the words a post in return begins with, so that it says it is paid for.

Only where the words that suffice are known can a clause be checked, so only there can a post be expected.
Source: UCPD Annex I no. 11; UWG § 5a(4); MedienG § 26; CAP Code 2.1; DSA Art. 26(2).
"""

from collections.abc import Collection
from typing import Any

from perks.offer_terms import LabelClause

# The first is what is suggested.
_SUFFICE = {
    "DE": ("Werbung", "Anzeige"),
    "AT": ("Werbung", "Anzeige", "Entgeltliche Einschaltung"),
    "GB": ("Ad", "Advert", "Advertisement", "Advertising"),
}


def clauses(platforms: Collection[str], countries: Collection[str]) -> list[dict[str, Any]]:
    """The clauses an offer needs, each with the wording its country's rules suggest, as JSON."""
    return [
        {"platform": platform, "country": country, "wording": _SUFFICE[country][0]}
        for platform in platforms
        for country in countries
        if country in _SUFFICE
    ]


def suffices(clause: LabelClause) -> bool:
    """Whether a post that begins with the clause's wording is labelled as its country asks."""
    known = {wording.casefold() for wording in _SUFFICE.get(clause.country, ())}
    return clause.wording.casefold() in known
