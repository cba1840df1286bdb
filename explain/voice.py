"""`Voice`: one catalog in one language, and how it names networks and criteria."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import floor, log10

from explain.wording import Language, Words, say_list, say_number
from model.inputs import Criterion
from sources.activity import Platform, Source

FINEST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Voice:
    """Says sentences of one catalog in one language."""

    words: Words
    language: Language

    def say(self, key: str, **facts: object) -> str:
        return self.words.say(key, self.language, **facts)

    def say_count(self, key: str, count: float, **facts: object) -> str:
        return self.words.say_count(key, self.language, count, **facts)

    def network(self, platform: Platform) -> str:
        return self.say(f"network.{platform}")

    def criterion(self, criterion: Criterion) -> str:
        return self.say(f"criterion.{criterion}.name")

    def criteria(self, criteria: Iterable[Criterion]) -> str:
        return say_list([self.criterion(one) for one in criteria], self.language)

    def networks(self, platforms: Iterable[Platform]) -> str:
        return say_list([self.network(one) for one in platforms], self.language)

    def source(self, source: Source, day: date | None) -> str:
        name = self.say(f"source.{source}")
        if day is None:
            return self.say("input.undated", source=name)
        return self.say("input.dated", source=name, day=day)

    def count(self, value: float) -> str:
        """A whole number as such, any other with a digit; never so few that something reads as nothing."""
        return say_number(value, self.language, 0 if value == int(value) else _digits(value))

    def signed(self, points: float) -> str:
        """Points with one digit and their sign."""
        return ("+" if points > 0 else "") + say_number(points, self.language, 1)


def _digits(value: float) -> int:
    return 1 if value == 0 else min(FINEST_DIGITS, max(1, -floor(log10(abs(value)))))
