"""From records to a score: 1 plus the points of six criteria, and where each point comes from.

Pure and standard library only, because every score request runs through here. The points of a criterion
belong to the networks by their share of its pooled input, exactly; the number of a single network is the
same card on that network alone, so the numbers of several networks do not add up to the pooled score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, fsum
from typing import Any

from model.band import band
from model.card import PointsCard, Row
from model.errors import InputsRefused
from model.inputs import (
    Criterion,
    PlatformInputs,
    features_digest,
    inputs_from_json,
    inputs_to_json,
    platform_inputs,
)
from model.units import PooledInput, PooledInputs, pool
from model.whatif import records_from_inputs
from sources.activity import ActivityRecord, Platform

STALE_AFTER_DAYS = 182  # half a year: after it, half of the window a score rests on is not known any more
# Looked up once: reading a member of an enumeration costs more than the input behind it.
_AUDIENCE, _RECOGNITION, _CONVERSATION, _AMPLIFICATION, _APPRECIATION, _CONSISTENCY = Criterion


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """One criterion's points; `input` is in common units, `None` where no network gives it."""

    name: Criterion
    points: float
    max_points: float
    input: float | None
    by_network: Mapping[Platform, float]


@dataclass(frozen=True, slots=True)
class NetworkScore:
    """The same card on one network alone, and the inputs of it, in the network's own units."""

    score: int
    exact: float
    inputs: PlatformInputs

    @property
    def platform(self) -> Platform:
        return self.inputs.platform


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A score with all its parts: `exact` is `base` plus the points of the criteria, to 1e-9.

    model, features: the digests of the points card and of the inputs; together they name the score.
    """

    score: int
    exact: float
    base: float
    band: tuple[int, int]
    criteria: tuple[CriterionScore, ...]
    networks: tuple[NetworkScore, ...]
    model: str
    features: str


def score_records(card: PointsCard, records: Sequence[ActivityRecord]) -> ScoreResult:
    """Score one person's records, one per network.

    Raises:
        InputsRefused: no record, a network twice or unknown to the card, or an impossible count.
    """
    if not records:
        raise InputsRefused("There is no record to score.")
    return score_inputs(card, pool([platform_inputs(record) for record in records], card.units))


def score_inputs(card: PointsCard, pooled: PooledInputs) -> ScoreResult:
    """Score inputs that were pooled before."""
    points = card.points_of(row_of(pooled))
    exact = card.base + fsum(points)
    lowest, highest = band(card, pooled)
    score = shown_score(exact)
    return ScoreResult(
        score=score,
        exact=exact,
        base=card.base,
        band=(max(1, min(floor(lowest), score)), min(100, max(ceil(highest), score))),
        criteria=tuple(
            _criterion(card.curves[criterion].maximum, criterion, pooled.inputs[criterion], earned)
            for criterion, earned in zip(Criterion, points, strict=True)
        ),
        networks=tuple(_alone(card, network) for network in pooled.networks),
        model=card.digest,
        features=features_digest(pooled.networks),
    )


def exact_score(card: PointsCard, pooled: PooledInputs) -> float:
    return card.base + fsum(card.points_of(row_of(pooled)))


def row_of(pooled: PooledInputs) -> Row:
    """What the card scores of pooled inputs: one number per criterion, in the order of `Criterion`."""
    given = pooled.inputs
    return (
        given[_AUDIENCE].value,
        given[_RECOGNITION].value,
        given[_CONVERSATION].value,
        given[_AMPLIFICATION].value,
        given[_APPRECIATION].value,
        given[_CONSISTENCY].value,
    )


def shown_score(exact: float) -> int:
    """The whole number shown: half up, so that a rise of less than k points never shows as more than k."""
    return min(100, max(1, floor(exact + 0.5)))


def _criterion(max_points: float, criterion: Criterion, given: PooledInput, points: float) -> CriterionScore:
    return CriterionScore(
        name=criterion,
        points=points,
        max_points=max_points,
        input=given.value,
        by_network={
            platform: points * brought / given.value if given.value else 0.0
            for platform, brought in given.by_network.items()
        },
    )


def _alone(card: PointsCard, network: PlatformInputs) -> NetworkScore:
    exact = exact_score(card, pool([network], card.units))
    return NetworkScore(shown_score(exact), exact, network)


def result_to_json(result: ScoreResult) -> dict[str, Any]:
    """The public JSON form of a score."""
    return {
        "score": result.score,
        "exact": result.exact,
        "base": result.base,
        "band": list(result.band),
        "criteria": [
            {
                "name": one.name.value,
                "points": one.points,
                "max_points": one.max_points,
                "input": one.input,
                "by_network": {platform.value: points for platform, points in one.by_network.items()},
            }
            for one in result.criteria
        ],
        "networks": [
            {
                **inputs_to_json(one.inputs),
                "score": one.score,
                "exact": one.exact,
                "missing": [criterion.value for criterion in one.inputs.missing],
            }
            for one in result.networks
        ],
        "model": result.model,
        "features": result.features,
    }


def result_from_json(parts: Mapping[str, Any]) -> ScoreResult:
    """Read what `result_to_json` wrote."""
    criteria = tuple(
        CriterionScore(
            name=Criterion(one["name"]),
            points=one["points"],
            max_points=one["max_points"],
            input=one["input"],
            by_network={Platform(name): points for name, points in one["by_network"].items()},
        )
        for one in parts["criteria"]
    )
    return ScoreResult(
        score=parts["score"],
        exact=parts["exact"],
        base=parts["base"],
        band=(parts["band"][0], parts["band"][1]),
        criteria=criteria,
        networks=tuple(
            NetworkScore(one["score"], one["exact"], inputs_from_json(one)) for one in parts["networks"]
        ),
        model=parts["model"],
        features=parts["features"],
    )


def is_stale(as_of: date | None, today: date) -> bool:
    """Whether data are older than half a year, or of unknown age."""
    return as_of is None or (today - as_of).days > STALE_AFTER_DAYS


def is_usable(result: ScoreResult, today: date) -> bool:
    """Whether a score may serve somebody else's decision: never on stale data (GDPR Art. 5(1)(d)).

    Its person sees a stale score with a note; eligibility must ask this first.
    """
    return not any(is_stale(one.inputs.as_of, today) for one in result.networks)


def score_json_inputs(card: PointsCard, data: object) -> ScoreResult:
    """Score what a person typed or changed by hand: a record, a list of them, or `{"records": [...]}`."""
    return score_records(card, records_from_inputs(data))
