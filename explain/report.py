"""`ScoreReport`: a score as its person sees it, composed from what was sealed when it was computed.

With an additive card the attribution is a closed form of a few microseconds, so it is made when the
page is looked at, from the sealed inputs; only the score and its inputs are stored.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consent.gate import permits_in_force
from consent.purpose import Purpose
from explain.attribution import Attribution, compare
from model.card import load_card
from model.score import open_result, readable_scores
from model.scoring import ScoreResult
from sources.activity import Platform
from vault.desk import Vault


@dataclass(frozen=True)
class ScoreReport:
    """A score, its parts, and how it compares with the reference population."""

    computed_at: datetime
    result: ScoreResult
    platforms: tuple[Platform, ...]
    is_stale: bool  # at least one network's data are older than half a year
    comparison: Attribution | None  # absent where the card has changed since


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
    scores = readable_scores(vault, subject_id, permits, limit=1)
    if not scores:
        return None
    result = open_result(vault, permits, scores[0])
    today = vault.now().date()
    return ScoreReport(
        computed_at=scores[0].computed_at,
        result=result,
        platforms=_platforms(result),
        is_stale=any(network.coverage.is_stale(today) for network in result.networks),
        comparison=_compared(result),
    )


def score_history(vault: Vault, subject_id: UUID) -> tuple[HistoryPoint, ...]:
    """Every score that may still be read, newest first."""
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    points = []
    for score in readable_scores(vault, subject_id, permits):
        result = open_result(vault, permits, score)
        points.append(HistoryPoint(score.computed_at, result.score, _platforms(result), result.model))
    return tuple(points)


def _compared(result: ScoreResult) -> Attribution | None:
    card = load_card()
    return compare(card, result) if card.digest == result.model else None


def _platforms(result: ScoreResult) -> tuple[Platform, ...]:
    return tuple(network.platform for network in result.networks)
