"""What the documents are made from: rows, measures, risks and processors, read from the files here."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from consent.controller import EEA

HERE = Path(__file__).parent
TRANSFER_TOOLS = frozenset({"adequacy", "standard-clauses", "binding-rules"})


@dataclass(frozen=True)
class Row:
    """One provision: what it demands, what does it, and the tests that hold it (path::name)."""

    provision: str
    demands: str
    feature: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """One claim about security, with the tests that hold it."""

    area: str
    claim: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Risk:
    """One risk to people, after its control."""

    id: str
    threat: str
    impact: str
    control: str
    likelihood: str
    severity: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """Why one purpose is needed, and which risks it carries."""

    purpose: str
    necessity: str
    risks: tuple[str, ...]


@dataclass(frozen=True)
class Processor:
    """Somebody who processes for the controller.

    Raises:
        ValueError: outside the EEA without a known tool (GDPR Art. 44).
    """

    name: str
    does: str
    country: str
    when: str
    transfer_tool: str | None = None
    de: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> "Processor":
        """The same as it is said in a language; a name has none of its own where it is a proper one."""
        if language != "de":
            return self
        own = {name: self.de.get(name, getattr(self, name)) for name in ("name", "does", "when")}
        return replace(self, name=own["name"], does=own["does"], when=own["when"])

    def __post_init__(self) -> None:
        if self.country not in EEA and self.transfer_tool not in TRANSFER_TOOLS:
            raise ValueError("A processor outside the EEA needs a transfer tool.")


@dataclass(frozen=True)
class Interest:
    """A legitimate interest as it was weighed (Art. 6(1)(f)).

    about: a purpose, a table, or the reading of archives.
    en, de: what the privacy notice says of it.
    """

    about: str
    weighed_on: date
    interest: str
    necessity: str
    balance: str
    safeguards: str
    outcome: str
    tests: tuple[str, ...]
    en: Mapping[str, str]
    de: Mapping[str, str]

    def said(self, language: str) -> str:
        """The interest in one sentence, for those concerned."""
        return (self.de if language == "de" else self.en)["said"]


@dataclass(frozen=True)
class WayOut:
    """A module that opens connections, and whom they lead to: a processor, or recipients by name."""

    module: str
    leads_to: str


@dataclass(frozen=True)
class Receiver:
    """Whom a table names as receiving something, and what the notices say of it."""

    name: str
    en: str
    de: str

    def said(self, language: str) -> str:
        """Who gets what, in one sentence."""
        return self.de if language == "de" else self.en


def rows() -> tuple[Row, ...]:
    """Every provision."""
    return tuple(Row(**_frozen(one)) for one in _read("compliance")["row"])


def measures() -> tuple[Measure, ...]:
    """Every claim about security."""
    return tuple(Measure(**_frozen(one)) for one in _read("measures")["measure"])


def risks() -> tuple[Risk, ...]:
    """Every risk."""
    return tuple(Risk(**_frozen(one)) for one in _read("risks")["risk"])


def assessments() -> tuple[Assessment, ...]:
    """Every purpose, assessed."""
    return tuple(Assessment(**_frozen(one)) for one in _read("risks")["assessment"])


def interests() -> tuple[Interest, ...]:
    """Every legitimate interest, weighed."""
    return tuple(Interest(**_frozen(one)) for one in _read("interests")["interest"])


def ways_out() -> tuple[WayOut, ...]:
    """Every module that opens connections."""
    return tuple(WayOut(**_frozen(one)) for one in _read("processors")["way_out"])


def receivers() -> tuple[Receiver, ...]:
    """Every other receiver a table may name."""
    return tuple(Receiver(**_frozen(one)) for one in _read("processors")["receiver"])


def processors() -> tuple[Processor, ...]:
    """Every processor."""
    return tuple(Processor(**_frozen(one)) for one in _read("processors")["processor"])


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _frozen(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
