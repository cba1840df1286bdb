"""Composes the explanation of one score from its inputs and its card: a pure function, nothing estimated."""

from datetime import date, datetime
from math import exp

from explain.attribution import TOLERANCE_POINTS, Attribution, attribute, background_of, shown_parts
from explain.counterfactual.answers import counterfactuals
from explain.errors import DoesNotAddUp
from explain.explanation import (
    Availability,
    BandMeaning,
    Compared,
    Coverage,
    CriterionInput,
    EarnedPoints,
    Explanation,
    NetworkFigure,
    Past,
    Supplier,
)
from explain.reasons import reasons_of
from model.card import PointsCard
from model.curve import Origin
from model.inputs import Criterion, PlatformInputs
from model.scoring import CriterionScore, NetworkScore, ScoreResult, is_stale
from model.units import PooledInputs, pool
from sources.activity import Source
from sources.figure import CorrectedFigure

LEAD_POINTS = 10


def explain(
    result: ScoreResult,
    card: PointsCard,
    *,
    today: date,
    target: int | None = None,
    computed_at: datetime | None = None,
    past: Past | None = None,
    recipients: tuple[str, ...] | None = None,
    corrections: tuple[CorrectedFigure, ...] = (),
) -> Explanation:
    """Explain a score.

    Args:
        card: the card the score was computed with.
        today: tells which data are stale.
        target: the score that the counterfactuals lead to; by default a little above the present one.

    Raises:
        TargetRefused: the target is no whole number from 1 to 100.
        DoesNotAddUp: the score is not that of its inputs on this card.
    """
    pooled = pool([one.inputs for one in result.networks], card.units)
    attribution = attribute(card, pooled, background_of(card))
    if not abs(attribution.exact - result.exact) <= TOLERANCE_POINTS:
        raise DoesNotAddUp("This score was computed with another points card.")
    return Explanation(
        result=result,
        computed_at=computed_at,
        earned=_earned(result),
        comparison=_compared(attribution, result),
        reasons=reasons_of(result.criteria, attribution.comparison),
        inputs=tuple(_input(one, pooled, card) for one in result.criteria),
        counterfactuals=counterfactuals(card, pooled, target),
        band=_band(result, card),
        coverage=tuple(_coverage(one, today) for one in result.networks),
        past=past,
        recipients=recipients,
        corrections=corrections,
    )


def _earned(result: ScoreResult) -> tuple[EarnedPoints, ...]:
    shown = shown_parts([one.points for one in result.criteria], result.score - result.base)
    return tuple(_earned_by(one, points) for one, points in zip(result.criteria, shown, strict=True))


def _earned_by(one: CriterionScore, shown: float) -> EarnedPoints:
    split = shown_parts(list(one.by_network.values()), shown) if one.by_network else ()
    return EarnedPoints(
        criterion=one.name,
        points=one.points,
        shown_points=shown,
        max_points=one.max_points,
        by_network=one.by_network,
        shown_by_network=dict(zip(one.by_network, split, strict=True)),
    )


def _compared(attribution: Attribution, result: ScoreResult) -> Compared:
    view = attribution.comparison
    base, *shown = shown_parts([view.base_value, *view.values.values()], result.score)
    return Compared(view.base_value, base, view.values, dict(zip(view.values, shown, strict=True)))


def _input(one: CriterionScore, pooled: PooledInputs, card: PointsCard) -> CriterionInput:
    curve = card.curves[one.name]
    return CriterionInput(
        criterion=one.name,
        value=one.input,
        networks=tuple(_figure(network, one.name, pooled, card) for network in pooled.networks),
        origin=curve.origin,
        piece=None if one.input is None else curve.piece(one.input),
    )


def _figure(
    network: PlatformInputs, criterion: Criterion, pooled: PooledInputs, card: PointsCard
) -> NetworkFigure:
    unit, own = card.units.find(network.platform, criterion), network.values[criterion]
    absent = Availability.NO_SUCH_FIGURE if unit is None else Availability.MISSING
    return NetworkFigure(
        platform=network.platform,
        availability=absent if own is None else Availability.GIVEN,
        unit=unit,
        own=own,
        common=pooled.inputs[criterion].by_network.get(network.platform),
        source=network.source,
        as_of=network.as_of,
        window=network.window,
    )


def _band(result: ScoreResult, card: PointsCard) -> BandMeaning:
    low, high = result.band
    # Bradley-Terry: a lead of d logits is judged the same way with probability sigmoid(d).
    chance = 1 / (1 + exp(-LEAD_POINTS / card.points_per_logit))
    learned = tuple(name for name, curve in card.curves.items() if curve.origin is Origin.LEARNED)
    return BandMeaning(low, high, card.band_level, LEAD_POINTS, round(100 * chance), learned)


def _coverage(one: NetworkScore, today: date) -> Coverage:
    given = one.inputs
    return Coverage(
        platform=given.platform,
        score=one.score,
        source=given.source,
        supplied_by=Supplier.PLATFORM if given.source is Source.API else Supplier.PERSON,
        weeks_seen=given.weeks_seen,
        posts=given.posts,
        as_of=given.as_of,
        window=given.window,
        is_stale=is_stale(given.as_of, today),
    )
