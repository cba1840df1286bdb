"""Reading what somebody sent as JSON, field by field, with every flaw named by its path; pure.

Nothing is guessed and nothing ignored: a field nobody asked for is a flaw like one that is lacking.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Why(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    UNUSABLE = "unusable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Flaw:
    """One field that cannot be taken as it is."""

    field: str
    why: Why


class Unusable(ValueError):
    """A value that its field cannot have."""


Read = Callable[[Any], Any]
MOST_ITEMS = 200


class Reader:
    """One object of the sent JSON; its flaws go into the list that all its objects share."""

    def __init__(self, raw: object, flaws: list[Flaw], path: str = "") -> None:
        self._path, self._flaws = path, flaws
        self._raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        self._asked: set[str] = set()
        if not isinstance(raw, dict):
            self.flaw("", Why.UNUSABLE)

    def take(self, name: str, read: Read, *, may_lack: bool = False) -> Any:
        """The value of one field, or None with the flaw noted.

        Args:
            may_lack: whether null is an answer; the field itself has to be there all the same.
        """
        self._asked.add(name)
        value = self._raw.get(name)
        if name not in self._raw or (value is None and not may_lack) or value in ("", []):
            self.flaw(name, Why.MISSING)
            return None
        if value is None:
            return None
        try:
            return read(value)
        except Unusable:
            self.flaw(name, Why.UNUSABLE)
            return None

    def take_set(self, name: str, read: Read) -> frozenset[Any]:
        """A list without repetitions; it may be empty, but it has to be there."""
        self._asked.add(name)
        if name not in self._raw or self._raw[name] is None:
            self.flaw(name, Why.MISSING)
            return frozenset()
        try:
            return _set_of(self._raw[name], read)
        except Unusable:
            self.flaw(name, Why.UNUSABLE)
            return frozenset()

    def below(self, name: str, *, may_lack: bool = False) -> "Reader | None":
        """An object inside this one, or None with the flaw noted.

        Args:
            may_lack: whether null is an answer; the field itself has to be there all the same.
        """
        self._asked.add(name)
        value = self._raw.get(name)
        if name not in self._raw or (value is None and not may_lack):
            self.flaw(name, Why.MISSING)
        return None if value is None else Reader(value, self._flaws, self._of(name))

    def items(self, name: str) -> "list[Reader]":
        """The objects of a list that may be empty."""
        self._asked.add(name)
        value = self._raw.get(name)
        if name not in self._raw or value is None:
            self.flaw(name, Why.MISSING)
            return []
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            self.flaw(name, Why.UNUSABLE)
            return []
        return [Reader(item, self._flaws, self._of(f"{name}.{at}")) for at, item in enumerate(value)]

    def names(self) -> tuple[str, ...]:
        """Every field there is, for an object whose names are values themselves."""
        return tuple(str(name) for name in self._raw)

    def end(self) -> None:
        """Note every field that nobody asked for."""
        for name in sorted(map(str, set(self._raw) - self._asked)):
            self.flaw(name, Why.UNKNOWN)

    def flaw(self, name: str, why: Why) -> None:
        """Note what is wrong with a field of this object."""
        self._flaws.append(Flaw(self._of(name), why))

    def _of(self, name: str) -> str:
        return ".".join(part for part in (self._path, name) if part) or "offer"


def text(longest: int, *, lines: bool = False) -> Read:
    """A text of at most so many signs; no signs of control, but for line ends where they may be."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise Unusable
        trimmed = value.replace("\r\n", "\n").strip()
        shown = trimmed.replace("\n", "") if lines else trimmed
        if not trimmed or len(trimmed) > longest or not shown.isprintable():
            raise Unusable
        return trimmed

    return read


def whole(least: int, most: int) -> Read:
    """A whole number within bounds."""

    def read(value: object) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Unusable
        return value

    return read


def day(value: object) -> date:
    """A day, as ISO 8601 writes it: 2026-11-25."""
    try:
        found = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        raise Unusable from None
    if found is None or found.isoformat() != value:
        raise Unusable
    return found


def one_of(allowed: Iterable[Any]) -> Read:
    """A value of a closed list; of an enum the member itself."""
    known = {str(each): each for each in allowed}

    def read(value: object) -> Any:
        if not isinstance(value, str) or value not in known:
            raise Unusable
        return known[value]

    return read


def _set_of(value: object, read: Read) -> frozenset[Any]:
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise Unusable
    found = [read(each) for each in value]
    if len(set(found)) != len(found):
        raise Unusable
    return frozenset(found)
