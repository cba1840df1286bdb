"""Whether somebody reaches what an offer asks for, with every reason why not; pure.

Nothing is estimated: each criterion is asked by itself, and each that is not met is one reason. A score
on stale data serves nobody's decision (GDPR Art. 5(1)(d)): a reason of its own, and no figure is compared.
What would change a no is the same closed form that explains the score (explain/counterfactual).

Source: GDPR Art. 15(1)(h), 22(3); CJEU C-203/22.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from explain.counterfactual.answers import (
    Counterfactual,
    Unreachable,
    answer_json,
    least_effort,
    least_exact,
    single,
)
from model.card import PointsCard
from model.inputs import Criterion
from model.scoring import ScoreResult
from model.units import PooledInputs, pool
from perks.offer_terms import Assurance, Criteria
from sources.activity import Platform, Source

ROUNDING = 1e-9  # points are sums of floats; a score is exact to this (model/scoring.py)


class Code(StrEnum):
    """Why not: a stable word for each criterion."""

    NO_SCORE = "no-score"
    STALE = "stale"
    SCORE = "score"
    POINTS = "points"
    PLATFORMS = "platforms"
    COUNTRY = "country"
    LANGUAGES = "languages"
    NICHES = "niches"
    ASSURANCE = "assurance"


@dataclass(frozen=True)
class Candidate:
    """What is asked of one person, and nothing else.

    result, card: their score as it stands and the card it was computed with; None where there is none.
    is_usable: whether the score may serve a decision, its data not being stale.
    """

    result: ScoreResult | None
    card: PointsCard | None
    is_usable: bool
    country: str | None
    languages: frozenset[str]
    niches: frozenset[str]


@dataclass(frozen=True)
class Reason:
    """One criterion that is not met: what is needed and what there is, as far as it is a number."""

    code: Code
    criterion: Criterion | None = None
    needed: int | None = None
    has: float | None = None


@dataclass(frozen=True)
class NearestChange:
    """The smallest change that would meet one of the criteria, or why none can be advised."""

    code: Code
    criterion: Criterion | None
    answer: Counterfactual | Unreachable


@dataclass(frozen=True)
class Judgement:
    """What was found: eligible where there is no reason against it."""

    reasons: tuple[Reason, ...]
    nearest: tuple[NearestChange, ...]

    @property
    def is_eligible(self) -> bool:
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, as it is sealed and as its person is shown it."""
        return {
            "is_eligible": self.is_eligible,
            "reasons": [
                {
                    "code": reason.code.value,
                    "criterion": reason.criterion.value if reason.criterion else None,
                    "needed": reason.needed,
                    "has": reason.has,
                }
                for reason in self.reasons
            ],
            "nearest": [
                {
                    "code": change.code.value,
                    "criterion": change.criterion.value if change.criterion else None,
                    **answer_json(change.answer),
                }
                for change in self.nearest
            ],
        }


def judge(criteria: Criteria, candidate: Candidate) -> Judgement:
    """Ask every criterion of one person."""
    reasons = tuple(_reasons(criteria, candidate))
    return Judgement(reasons, tuple(_nearest(candidate, reasons)))


def needs_score(criteria: Criteria) -> bool:
    """Whether a score is asked for at all."""
    return criteria.min_score is not None or bool(criteria.min_points)


def _reasons(criteria: Criteria, candidate: Candidate) -> Iterator[Reason]:
    yield from _score_reasons(criteria, candidate)
    result = candidate.result
    networks = {one.platform: one.inputs.source for one in result.networks} if result else {}
    if criteria.platforms and not criteria.platforms & networks.keys():
        yield Reason(Code.PLATFORMS)
    if criteria.countries and candidate.country not in criteria.countries:
        yield Reason(Code.COUNTRY)
    if criteria.languages and not criteria.languages & candidate.languages:
        yield Reason(Code.LANGUAGES)
    if criteria.niches and not criteria.niches & candidate.niches:
        yield Reason(Code.NICHES)
    if criteria.assurance is Assurance.LIVE and not _is_live(criteria, networks):
        yield Reason(Code.ASSURANCE)


def _score_reasons(criteria: Criteria, candidate: Candidate) -> Iterator[Reason]:
    if not needs_score(criteria):
        return
    result = candidate.result
    if result is None:
        yield Reason(Code.NO_SCORE)
        return
    if not candidate.is_usable:
        yield Reason(Code.STALE)
        return
    if criteria.min_score is not None and result.score < criteria.min_score:
        yield Reason(Code.SCORE, needed=criteria.min_score, has=result.score)
    earned = {one.name: one.points for one in result.criteria}
    for criterion in Criterion:
        needed = criteria.min_points.get(criterion)
        if needed is not None and earned[criterion] < needed - ROUNDING:
            yield Reason(Code.POINTS, criterion, needed, earned[criterion])


def _is_live(criteria: Criteria, networks: Mapping[Platform, Source]) -> bool:
    """Whether the platform itself was asked, on a network that counts for the offer."""
    counted = criteria.platforms or frozenset(networks)
    return any(source is Source.API for platform, source in networks.items() if platform in counted)


def _nearest(candidate: Candidate, reasons: tuple[Reason, ...]) -> Iterator[NearestChange]:
    if candidate.result is None or candidate.card is None:
        return
    card, result = candidate.card, candidate.result
    pooled = pool([one.inputs for one in result.networks], card.units)
    for reason in reasons:
        if reason.needed is not None:
            yield NearestChange(reason.code, reason.criterion, _change(card, pooled, result, reason))


def _change(
    card: PointsCard, pooled: PooledInputs, result: ScoreResult, reason: Reason
) -> Counterfactual | Unreachable:
    needed, has = float(reason.needed or 0), float(reason.has or 0)
    if reason.criterion is None:
        return least_effort(card, pooled, least_exact(int(needed)))
    # The card is a sum: so many points more for this criterion alone are so many points more in all.
    return single(card, pooled, reason.criterion, result.exact + needed - has)
