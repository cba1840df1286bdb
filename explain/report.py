"""`ScoreReport`: a score as its person sees it, composed from what was sealed when it was computed.

With an additive card the attribution is a closed form of a few microseconds, so it is made when the
page is looked at, from the sealed inputs; only the score and its inputs are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from consent.gate import permits_in_force
from consent.purpose import Purpose
from explain.attribution import Attribution, compare
from model.card import load_card
from model.score import open_parts, readable_scores
from model.scoring import ScoreResult, is_stale, result_from_json
from sources.activity import Platform
from vault.desk import Vault


@dataclass(frozen=True)
class ScoreReport:
    """A score, its parts, and how it compares with the reference population.

    parts: the score in its JSON form, as it was sealed; `result` is the same as objects.
    today: the day it is looked at.
    """

    computed_at: datetime
    parts: Mapping[str, Any]
    today: date

    @cached_property
    def result(self) -> ScoreResult:
        return result_from_json(self.parts)

    @property
    def platforms(self) -> tuple[Platform, ...]:
        return _platforms(self.parts)

    @property
    def is_stale(self) -> bool:
        """Whether at least one network's data are older than half a year."""
        days = [network["as_of"] for network in self.parts["networks"]]
        return any(is_stale(date.fromisoformat(day) if day else None, self.today) for day in days)

    @property
    def is_empty(self) -> bool:
        """Whether the data hold none of the figures a score rests on: missing, which is not 0."""
        return all(criterion["input"] is None for criterion in self.parts["criteria"])

    @cached_property
    def comparison(self) -> Attribution | None:
        """Both views of the score; absent where the card has changed since."""
        card = load_card()
        return compare(card, self.parts) if card.digest == self.parts["model"] else None


@dataclass(frozen=True)
class HistoryPoint:
    """One earlier score."""

    computed_at: datetime
    score: int
    platforms: tuple[Platform, ...]
    model: str


def score_report(vault: Vault, subject_id: UUID) -> ScoreReport | None:
    """The newest score whose consents are all in force; None where none was computed, which is not 0."""
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    for newest in readable_scores(vault, subject_id, permits, limit=1):
        return ScoreReport(newest.computed_at, open_parts(vault, permits, newest), vault.now().date())
    return None


def score_history(vault: Vault, subject_id: UUID) -> tuple[HistoryPoint, ...]:
    """Every score that may still be read, newest first."""
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    points = []
    for score in readable_scores(vault, subject_id, permits):
        parts = open_parts(vault, permits, score)
        points.append(HistoryPoint(score.computed_at, parts["score"], _platforms(parts), parts["model"]))
    return tuple(points)


def _platforms(parts: Mapping[str, Any]) -> tuple[Platform, ...]:
    return tuple(Platform(network["platform"]) for network in parts["networks"])
