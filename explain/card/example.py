"""A worked example for the printed points card: an invented account on two networks, worked out step by step.

Only the inputs are typed in; every step and result comes from the card at hand, so that an example can never
disagree with it. It shows each case once: two networks added up, a factor that is not 1, weeks that overlap,
a criterion only one network has, and one that is missing.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import log1p

from explain.card.tables import CurveTable, KnotRow, card_tables
from explain.card.wording import card_words
from explain.statement import catalog
from explain.wording import Language
from model.card import PointsCard
from model.inputs import Criterion, PlatformInputs
from model.scoring import exact_score, shown_score
from model.units import PooledInput, PooledInputs, pool
from sources.activity import IsoWeek, Platform, Source


@dataclass(frozen=True, slots=True)
class Brought:
    """What one network brings to one criterion: its own figure times the factor is the common input.

    For weeks with a response there is no factor: `common` is this network's part of the united weeks.
    """

    network: str
    figure: str
    value: float
    factor: float
    common: float


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """One criterion worked out; `x` and `row` are `None` where the input is missing."""

    criterion: Criterion
    name: str
    counts: str
    brought: tuple[Brought, ...]
    x: float | None
    log: float | None
    row: KnotRow | None
    points: float


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """The whole sum: base plus the points of the lines is `exact`, rounded it is `score`."""

    lines: tuple[ExampleLine, ...]
    base: float
    exact: float
    score: int


def worked_example(card: PointsCard, language: Language) -> WorkedExample:
    """The invented account on this card; on a card without its networks, whatever of it the card knows."""
    pooled = pool(_invented(card), card.units)
    tables = card_tables(card, language).curves
    exact = exact_score(card, pooled)
    return WorkedExample(
        lines=tuple(_line(table, pooled, card, language) for table in tables),
        base=card.base,
        exact=exact,
        score=shown_score(exact),
    )


def _line(table: CurveTable, pooled: PooledInputs, card: PointsCard, language: Language) -> ExampleLine:
    given = pooled.inputs[table.criterion]
    x = given.value
    row = None if x is None else table.rows[bisect_right([row.x for row in table.rows], x) - 1]
    return ExampleLine(
        criterion=table.criterion,
        name=table.name,
        counts=table.counts,
        brought=_brought(table.criterion, given, pooled, card, language),
        x=x,
        log=None if x is None else log1p(x),
        row=row,
        points=card.points(table.criterion, x),
    )


def _brought(
    criterion: Criterion, given: PooledInput, pooled: PooledInputs, card: PointsCard, language: Language
) -> tuple[Brought, ...]:
    parts = []
    for network in pooled.networks:
        value, unit = network.values[criterion], card.units.find(network.platform, criterion)
        if value is not None and unit is not None:
            name = catalog().say(f"network.{network.platform}", language)
            figure = card_words().say(f"figure.{unit.figure}", language)
            parts.append(Brought(name, figure, value, unit.factor, given.by_network[network.platform]))
    return tuple(parts)


def _invented(card: PointsCard) -> list[PlatformInputs]:
    x = {Criterion.AUDIENCE: 2840.0, Criterion.AMPLIFICATION: 3.5, Criterion.APPRECIATION: 40.0}
    youtube = {Criterion.AUDIENCE: 1500.0, Criterion.CONVERSATION: 12.0, Criterion.APPRECIATION: 90.0}
    return [
        _network(platform, values, weeks, card)
        for platform, values, weeks in (
            (Platform.X, x, range(1, 31)),
            (Platform.YOUTUBE, youtube, range(19, 39)),
        )
        if platform in card.units.networks
    ]


def _network(
    platform: Platform, figures: Mapping[Criterion, float], weeks: range, card: PointsCard
) -> PlatformInputs:
    values = {**figures, Criterion.CONSISTENCY: float(len(weeks))}
    return PlatformInputs(
        platform=platform,
        source=Source.ARCHIVE,
        as_of=None,
        window=None,
        values={
            criterion: values.get(criterion) if card.units.find(platform, criterion) else None
            for criterion in Criterion
        },
        response_weeks=frozenset(IsoWeek(2026, week) for week in weeks)
        if card.units.find(platform, Criterion.CONSISTENCY)
        else None,
        posts=0.0,
        weeks_seen=0,
    )
