"""The example posts with the verdict we gave them, read from examples/ (how we judged: README.md there)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explain.wording import Language
from perks.label.check import Outcome
from perks.label.post import Country, Format, Post
from sources.activity import Platform

FOLDER = Path(__file__).parent / "examples"
FILES = [f"{country.value.lower()}.toml" for country in Country]
WRITTEN_FIRST = tuple(FOLDER / name for name in FILES)
MENDED_AFTER = tuple(FOLDER / part / name for part in ("held_out_once", "held_out") for name in FILES)
LAST = tuple(FOLDER / "last" / name for name in FILES)
ALL = (*WRITTEN_FIRST, *MENDED_AFTER, *LAST)


@dataclass(frozen=True, slots=True)
class Judged:
    """A post, the verdict that is right for it, and the source that says so."""

    post: Post
    right: Outcome
    source: str


def judged(files: tuple[Path, ...]) -> list[Judged]:
    return [one for file in files for one in _read(file)]


def _read(file: Path) -> Iterator[Judged]:
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    country = Country(file.stem.upper())
    for platform, language, verdict, source, text in data["posts"]:
        entry = {"platform": platform, "language": language, "format": "post", "text": text}
        yield Judged(_post(country, entry), Outcome(verdict), source)
    for entry in data["framed"]:
        yield Judged(_post(country, entry), Outcome(entry["verdict"]), entry["source"])


def _post(country: Country, entry: Mapping[str, Any]) -> Post:
    return Post(
        text=entry.get("text", ""),
        country=country,
        language=Language(entry["language"]),
        platform=Platform(entry["platform"]),
        format=Format(entry["format"]),
        frames=tuple(entry.get("frames", ())),
        stays=entry.get("stays", False),
        platform_label=entry.get("platform_label", False),
    )
