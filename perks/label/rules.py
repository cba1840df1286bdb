"""The label rules as data: what each country's statute, courts and authorities ask, with the source of each.

rules/<country>.toml holds a country's rules, rules/sources.toml what they rest on and when we looked,
rules/wording.toml the words the checker knows, rules/platforms.toml where a caption folds. The rules say
nothing about any person or post, and nothing here knows of a score. Who carries them out: check.py.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from explain.wording import Language
from perks.label.post import Country, Format
from sources.activity import Platform

HERE = Path(__file__).parent / "rules"


class Kind(StrEnum):
    """What a rule is about; each country has one of each, and of `wording` as many as it gives reasons."""

    LABEL = "label"
    MISSING = "missing"
    POSITION = "position"
    CLOUD = "cloud"
    FRAMES = "frames"
    VIDEO = "video"
    LIVE = "live"
    WORDING = "wording"
    LANGUAGE = "language"
    DISGUISE = "disguise"
    HASHTAG = "hashtag"
    DENIED = "denied"
    PLATFORM = "platform"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from, and how far we saw it ourselves: its text, a page of it, or an account."""

    id: str
    title: str
    dated: str
    address: str
    seen: str
    looked_on: date


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says in each language, on what sources, for which groups of words.

    ours: the sources ask for clarity and do not name this case; that it falls under them is our reading.
    """

    id: str
    kind: Kind
    sources: tuple[Source, ...]
    says: Mapping[Language, str]
    groups: tuple[str, ...]
    ours: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """Words that suffice: as a label or hashtag (`tags`), or wherever they stand (`anywhere`)."""

    languages: tuple[Language, ...]
    formats: tuple[Format, ...]
    tags: tuple[str, ...]
    anywhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moving:
    """What a video or stream needs: a label that stays; and where a caption is enough instead."""

    stays: bool
    caption_on: tuple[Platform, ...]


@dataclass(frozen=True, slots=True)
class CountryRules:
    """All that one country asks of a label."""

    country: Country
    early_suffices: bool  # in front of "more" is enough; otherwise the label comes first
    fix_hours: int
    suggestion: Mapping[Language, str]
    moving: Mapping[Format, Moving]
    labels: tuple[Labels, ...]
    rules: tuple[Rule, ...]

    def rule(self, kind: Kind) -> Rule:
        """The country's rule of a kind; for wording, the one that holds where no other does."""
        return next(rule for rule in self.rules if rule.kind is kind and not rule.groups)


@cache
def catalog(name: str) -> Mapping[str, Any]:
    """One file of the data."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


@cache
def all_sources() -> Mapping[str, Source]:
    return {name: Source(id=name, **facts) for name, facts in catalog("sources").items()}


@cache
def rules_of(country: Country) -> CountryRules:
    """The rules of a country, read once."""
    data = catalog(country.value.lower())
    return CountryRules(
        country=Country(data["country"]),
        early_suffices=data["position"] == "early",
        fix_hours=data["fix_hours"],
        suggestion={Language(language): words for language, words in data["suggestion"].items()},
        moving={form: _moving(data[form.value]) for form in (Format.VIDEO, Format.LIVE)},
        labels=tuple(_labels(entry) for entry in data["labels"]),
        rules=tuple(_rule(entry) for entry in data["rules"]),
    )


def _moving(entry: Mapping[str, Any]) -> Moving:
    return Moving(entry["stays"], tuple(Platform(name) for name in entry["caption_on"]))


def _labels(entry: Mapping[str, Any]) -> Labels:
    return Labels(
        languages=tuple(Language(name) for name in entry["languages"]),
        formats=tuple(Format(name) for name in entry.get("formats", list(Format))),
        tags=tuple(entry.get("tags", ())),
        anywhere=tuple(entry.get("anywhere", ())),
    )


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        kind=Kind(entry["kind"]),
        sources=tuple(all_sources()[name] for name in entry["sources"]),
        says={language: entry[language.value] for language in Language},
        groups=tuple(entry.get("groups", ())),
        ours=entry.get("ours", False),
    )
