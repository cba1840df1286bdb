"""The closed lists an offer and a person's own choices are made from: countries, languages, niches; pure."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def _read(name: str) -> Any:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


_Names = Mapping[str, Mapping[str, str]]
_NICHES: _Names = _read("niches.toml")
_COUNTRIES: _Names = _read("places.toml")["countries"]
_LANGUAGES: _Names = _read("places.toml")["languages"]
NICHES = frozenset(_NICHES)
COUNTRIES = frozenset(_COUNTRIES)  # the European Economic Area, Switzerland, the United Kingdom
LANGUAGES = frozenset(_LANGUAGES)  # what one posts in: the official ones of these countries
CURRENCIES = frozenset(["EUR", "CHF", "GBP", "CZK", "DKK", "HUF", "ISK", "NOK", "PLN", "RON", "SEK"])


def niche_name(niche: str, language: str) -> str:
    """What a niche is called."""
    return _NICHES[niche][language]


def country_name(country: str, language: str) -> str:
    """What a country is called."""
    return _COUNTRIES[country][language]


def language_name(code: str, language: str) -> str:
    """What a language is called."""
    return _LANGUAGES[code][language]
