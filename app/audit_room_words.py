"""How the room speaks: the words, numbers and days of one language, and a violation as a sentence in it.

A violation carries a closed word and what its sentence names (audit/violation.py), so that a page says it in
its own language; verify.py and the command line stay English.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from audit.violation import Facts, Wrong


class Say(Protocol):
    """A word or sentence in the language of a page."""

    def __call__(self, key: str, **facts: object) -> str: ...


class Speaker:
    """One language, as pages and reports need it."""

    def __init__(self, language: str, say: Say, number: Callable[[int], str], day: Callable[[date], str]):
        self.language, self.say, self.number, self.day = language, say, number, day

    def moment(self, at: datetime) -> str:
        return f"{self.day(at.date())}, {at:%H:%M} UTC"

    def violation(self, index: int, wrong: Wrong | str, facts: Facts) -> str:
        """What an entry does wrong, as a sentence."""
        said = self.say(f"violation.{wrong}", **{name: self._fact(name, facts[name]) for name in facts})
        return self.say("violation.sentence", index=index, said=said)

    def _fact(self, name: str, value: str | int) -> str | int:
        if name == "day":
            return self.day(date.fromisoformat(str(value)))
        if name in ("at", "latest"):
            return self.moment(datetime.fromisoformat(str(value)))
        return value
