"""What the documents are made from: rows, measures, risks and processors, read from the files here."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
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

    def __post_init__(self) -> None:
        if self.country not in EEA and self.transfer_tool not in TRANSFER_TOOLS:
            raise ValueError("A processor outside the EEA needs a transfer tool.")


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


def processors() -> tuple[Processor, ...]:
    """Every processor."""
    return tuple(Processor(**_frozen(one)) for one in _read("processors")["processor"])


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _frozen(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
