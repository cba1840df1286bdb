"""Words by key and language, from TOML catalogs, with numbers and days as the language writes them.

A catalog directory holds one file per language (`en.toml`, `de.toml`); nested tables make dotted keys. A
placeholder names a fact: `{count}` a whole number or words, `{points:1}` a number with one digit, `{day}`
a date. Anything that is not there is refused: a page with a hole would be worse than no page.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Any

from explain.errors import WordsMissing


class Language(StrEnum):
    """A language that everything is said in."""

    EN = "en"
    DE = "de"


MONTHS = {
    Language.EN: (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    Language.DE: (
        "Januar", "Februar", "März", "April", "Mai", "Juni",
        "Juli", "August", "September", "Oktober", "November", "Dezember",
    ),
}  # fmt: skip


class Words:
    """The sentences of one directory of catalogs."""

    def __init__(self, catalogs: Path) -> None:
        self._sentences = {language: _sentences(catalogs, language) for language in Language}

    def say(self, key: str, language: Language, **facts: object) -> str:
        """The sentence of a key, its facts filled in.

        Raises:
            WordsMissing: no such key in this language, or a fact the sentence needs was not given.
        """
        sentence = self._sentences[language].get(key)
        if sentence is None:
            raise WordsMissing(f"There are no words for “{key}” in “{language}”.", key=key)
        try:
            return _Filling(language).vformat(sentence, (), facts)
        except (KeyError, IndexError, ValueError) as lacking:
            raise WordsMissing(f"A fact for “{key}” is lacking.", key=key) from lacking

    def say_count(self, key: str, language: Language, count: float, **facts: object) -> str:
        """The sentence `key.one` for a count of exactly 1, else `key.other`; `{count}` is filled in."""
        form = "one" if count == 1 else "other"
        return self.say(f"{key}.{form}", language, count=count, **facts)

    def keys(self, language: Language) -> frozenset[str]:
        return frozenset(self._sentences[language])

    def placeholders(self, key: str, language: Language) -> frozenset[str]:
        """The facts a sentence needs, with how they are written: what languages must agree on."""
        parsed = Formatter().parse(self._sentences[language][key])
        return frozenset(f"{name}:{form}" for _, name, form, _ in parsed if name is not None)


class _Filling(Formatter):
    def __init__(self, language: Language) -> None:
        self._language = language

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        # Facts are named whole: no attribute or item of a value can be reached from a catalog.
        return self.get_value(field_name, args, kwargs), field_name

    def format_field(self, value: object, format_spec: str) -> str:
        if isinstance(value, date):
            return say_day(value, self._language)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return say_number(value, self._language, int(format_spec or 0))
        return str(value)


def say_number(value: float, language: Language, digits: int = 0) -> str:
    """1234.5 as 1,234.5 or 1.234,5, with a real minus sign; never a negative zero."""
    plain = f"{abs(value):,.{digits}f}"
    sign = "\N{MINUS SIGN}" if value < 0 and plain.strip("0.,") else ""
    return sign + (plain if language is Language.EN else plain.translate(str.maketrans(",.", ".,")))


def say_day(day: date, language: Language) -> str:
    """23 November 2026, or 23. November 2026."""
    dot = "." if language is Language.DE else ""
    return f"{day.day}{dot} {MONTHS[language][day.month - 1]} {day.year}"


def say_list(parts: list[str], language: Language) -> str:
    """“a”, “a and b”, “a, b and c”."""
    if len(parts) < 2:
        return "".join(parts)
    joint = " and " if language is Language.EN else " und "
    return ", ".join(parts[:-1]) + joint + parts[-1]


def _sentences(catalogs: Path, language: Language) -> dict[str, str]:
    with (catalogs / f"{language}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
