"""The register of notices: every version there ever was, with what it covers and its words.

Read once from a directory, `register.toml` and a text file per purpose, version and language, into a frozen
value. What the files cannot say without contradiction is refused while they are read, so a mistake there
stops the start and asks nobody anything.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from consent.errors import NoticeUnknown
from consent.part import FIELDS, Part, SharedField, part_of
from consent.purpose import Purpose

LANGUAGES = ("en", "de")


@dataclass(frozen=True)
class Version:
    """One version of the notice of one purpose.

    is_material: it asks for something the version before it did not cover.
    news: by language, what is new in it; empty for the first.
    texts: by language, the words with places to fill in.
    """

    purpose: Purpose
    version: str
    valid_from: date
    is_material: bool
    covers: frozenset[Part]
    news: Mapping[str, str]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Notices:
    """Every version of every notice, oldest first, and what fields are called in them."""

    versions: Mapping[Purpose, tuple[Version, ...]]
    fields: Mapping[str, Mapping[SharedField, str]]

    def find(self, purpose: Purpose, version: str | None = None) -> Version:
        """One version, by default the present one.

        Raises:
            NoticeUnknown: no such version.
        """
        for found in reversed(self.versions.get(purpose, ())):
            if version in (None, found.version):
                return found
        raise NoticeUnknown

    def since(self, purpose: Purpose, version: str) -> tuple[Version, ...]:
        """The versions published after one of them."""
        known = self.versions[purpose]
        return known[known.index(self.find(purpose, version)) + 1 :]


def read_notices(directory: Path) -> Notices:
    """The register of a directory.

    Raises:
        ValueError, KeyError, OSError: it contradicts itself, or a text is missing.
    """
    register = tomllib.loads((directory / "register.toml").read_text(encoding="utf-8"))
    versions: dict[Purpose, tuple[Version, ...]] = {}
    for row in register["version"]:
        read = _version(row, directory)
        before = versions.get(read.purpose, ())
        _require_consistent(read, before)
        versions[read.purpose] = (*before, read)
    fields = {
        language: MappingProxyType({field: register["fields"][language][field] for field in FIELDS})
        for language in LANGUAGES
    }
    return Notices(MappingProxyType(versions), MappingProxyType(fields))


def _version(row: Mapping[str, Any], directory: Path) -> Version:
    purpose, version = Purpose(row["purpose"]), row["version"]
    texts = {
        language: (directory / f"{purpose}.{version}.{language}.txt").read_text(encoding="utf-8")
        for language in LANGUAGES
    }
    return Version(
        purpose=purpose,
        version=version,
        valid_from=row["valid_from"],
        is_material=row["material"],
        covers=frozenset(part_of(word) for word in row["covers"]),
        news=MappingProxyType(row.get("news", {})),
        texts=MappingProxyType(texts),
    )


def _require_consistent(read: Version, before: tuple[Version, ...]) -> None:
    last = before[-1] if before else None
    asks_for_more = last is None or not read.covers <= last.covers
    if asks_for_more and not read.is_material:
        raise ValueError(f"{read.purpose} {read.version} asks for more, so it is material.")
    if last is not None and (read.valid_from < last.valid_from or set(read.news) != set(LANGUAGES)):
        raise ValueError(f"{read.purpose} {read.version} is older than the one before it, or has no news.")
    if any(read.version == known.version for known in before):
        raise ValueError(f"{read.purpose} {read.version} is there twice.")


PUBLISHED = read_notices(Path(__file__).parent / "notices")
