"""`ScoreReport`: a score as its person sees it, composed from what was sealed when it was computed.

With an additive card the attribution is a closed form of a few microseconds, so it is made when the
page is looked at, from the sealed inputs; only the score and its inputs are stored. A score is read on the
card it was computed with; what an announced card will make of it is computed likewise, and never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from consent.gate import permits_in_force
from consent.purpose import Purpose, Scope
from explain.attribution import Attribution, compare
from explain.composition import explain
from explain.explanation import Explanation
from explain.past import find_past
from model.card import PointsCard
from model.release import find_card, require_card, result_on, upcoming
from model.score import Score, SealedScore, open_parts, readable_scores
from model.scoring import ScoreResult, is_stale, result_from_json
from sources.activity import Platform
from sources.correction import open_corrections
from vault.desk import Vault
from vault.holdings import holding_of
from vault.permit import Permit


@dataclass(frozen=True)
class Announced:
    """A card that was released and is not in force yet."""

    card: PointsCard
    effective_at: datetime


@dataclass(frozen=True)
class UpcomingScore:
    """What an announced card makes of the same inputs."""

    card: PointsCard
    effective_at: datetime
    result: ScoreResult


@dataclass(frozen=True)
class ScoreReport:
    """A score, its parts, and how it compares with the reference population.

    parts: the score in its JSON form, as it was sealed; `result` is the same as objects.
    today: the day it is looked at.
    card: the points card it was computed with; None where no such card was ever released here.
    announced: the card that will follow, if one was announced.
    """

    computed_at: datetime
    parts: Mapping[str, Any]
    today: date
    card: PointsCard | None
    announced: Announced | None

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
        """Both views of the score; absent where its card is not known here."""
        return compare(self.card, self.parts) if self.card is not None else None

    @cached_property
    def upcoming(self) -> UpcomingScore | None:
        """The score the same inputs will have from the announced day on."""
        if self.announced is None:
            return None
        card, effective_at = self.announced.card, self.announced.effective_at
        return UpcomingScore(card, effective_at, result_on(card, self.result))


@dataclass(frozen=True)
class HistoryPoint:
    """One earlier score."""

    computed_at: datetime
    score: int
    platforms: tuple[Platform, ...]
    model: str


def score_report(
    vault: Vault, subject_id: UUID, permits: Mapping[Scope, Permit] | None = None
) -> ScoreReport | None:
    """The newest score whose consents are all in force; None where none was computed, which is not 0.

    Args:
        permits: those of whoever carries out the person's rights; by default the ones in force.
    """
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE) if permits is None else permits
    for newest in readable_scores(vault, subject_id, permits, limit=1):
        return ScoreReport(
            computed_at=newest.computed_at,
            parts=open_parts(vault, permits, newest),
            today=vault.now().date(),
            card=find_card(vault, newest.model),
            announced=_announced(vault, newest),
        )
    return None


def score_explanation(vault: Vault, subject_id: UUID, target: int | None = None) -> Explanation | None:
    """The newest score explained in all its parts; None where there is none, or its card is not known here.

    Args:
        target: the score the counterfactuals lead to; by default a little above the present one.

    Raises:
        TargetRefused: the target is no whole number from 1 to 100.
    """
    report = score_report(vault, subject_id)
    return explain_report(vault, subject_id, report, target) if report is not None else None


def explain_report(
    vault: Vault,
    subject_id: UUID,
    report: ScoreReport,
    target: int | None = None,
    permits: Mapping[Scope, Permit] | None = None,
) -> Explanation | None:
    """The same for a report that was read before, in the same transaction and with the same permits."""
    if report.card is None:
        return None
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE) if permits is None else permits
    return explain(
        report.result,
        report.card,
        today=report.today,
        target=target,
        computed_at=report.computed_at,
        past=find_past(vault, subject_id, report.result, report.card, permits),
        recipients=holding_of(Score).disclosed_to,
        corrections=open_corrections(vault, permits),
    )


def score_history(vault: Vault, subject_id: UUID) -> tuple[HistoryPoint, ...]:
    """Every score that may still be read, newest first."""
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    points = []
    for score in readable_scores(vault, subject_id, permits):
        parts = open_parts(vault, permits, score)
        points.append(HistoryPoint(score.computed_at, parts["score"], _platforms(parts), parts["model"]))
    return tuple(points)


def _announced(vault: Vault, score: SealedScore) -> Announced | None:
    # As a rule the card released last is the score's own, and then there is nothing to ask for.
    if score.newest_release in (None, score.model):
        return None
    release = upcoming(vault)
    return Announced(require_card(vault, release.digest), release.effective_at) if release else None


def _platforms(parts: Mapping[str, Any]) -> tuple[Platform, ...]:
    return tuple(Platform(network["platform"]) for network in parts["networks"])
