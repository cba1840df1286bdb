"""Whether the service kept its terms, in figures that single nobody out: fewer than ten are “<10”.

Counted over every entry of the log (audit_room_tally.py); from ten on, in whole tens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.audit_room_tally import Counted, Told, Took

LEAST = 10


@dataclass(frozen=True)
class Figure:
    """One count, as it may be told and as it is drawn: below ten it has no length."""

    name: str
    tens: int

    @property
    def said(self) -> str:
        return str(self.tens) if self.tens else f"<{LEAST}"


@dataclass(frozen=True)
class ComplianceFigures:
    """What was done, and how long requests took."""

    done: Sequence[Figure]
    took: Sequence[Figure]


def figures(told: Told) -> ComplianceFigures:
    """All figures of a log."""
    return ComplianceFigures(
        tuple(_figure(what, told.done.get(what, 0)) for what in Counted),
        tuple(_figure(took, told.took.get(took, 0)) for took in Took),
    )


def _figure(name: str, count: int) -> Figure:
    return Figure(name, count // LEAST * LEAST)
