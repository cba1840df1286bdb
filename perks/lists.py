"""The closed lists an offer and a person's own choices are made from: countries, languages, niches; pure."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from consent.recipient import EEA

_NICHES: Mapping[str, Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_name("niches.toml").read_text(encoding="utf-8")
)
NICHES = frozenset(_NICHES)
COUNTRIES = EEA | {"CH", "GB"}
# The official languages of the Union and of its neighbours in COUNTRIES, ISO 639-1: what one posts in.
_OFFICIAL = "bg cs da de el en es et fi fr ga hr hu is it lt lv mt nb nl pl pt ro sk sl sv"
LANGUAGES = frozenset(_OFFICIAL.split())
CURRENCIES = frozenset(["EUR", "CHF", "GBP", "CZK", "DKK", "HUF", "ISK", "NOK", "PLN", "RON", "SEK"])


def niche_name(niche: str, language: str) -> str:
    """What a niche is called."""
    return _NICHES[niche][language]
