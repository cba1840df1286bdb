"""Cohorts that differ in one thing: what the same creators score when they are seen in another way.

The creators of a question are the same in all of its cohorts (population.py), so a gap is that one thing
and nothing else. No cohort stands for a group of people: no record here holds gender, age, origin or
language, and a stand-in for them would be an invention. Offline only.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, sqrt

import numpy as np

from explain.population import ARCHIVE_SHOWS, Creator, Seen, bring, exact_scores
from explain.statement import catalog, name_of
from explain.wording import Language
from model.band import NORMAL_95
from model.card import PointsCard
from model.inputs import Criterion, PlatformInputs
from model.training.interior_point import Floats
from model.units import UnitTable
from sources.activity import Platform

BURST_SHARE = 0.25
AUDIENCES = (300.0, 3_000.0, 30_000.0, 300_000.0)


class Question(StrEnum):
    """The one thing in which the cohorts of a question differ."""

    NETWORK = "network"
    RHYTHM = "rhythm"
    AUDIENCE = "audience"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Cohort:
    """All creators, seen in one way."""

    question: Question
    name: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Gap:
    """A cohort beside the first one of its question, in exact score points.

    half_width: of the 90 % interval of `mean_gap`, over draws of as many creators.
    low, high: between them lie the gaps of nine in ten creators.
    """

    question: Question
    cohort: str
    mean_score: float
    mean_gap: float
    half_width: float
    low: float
    high: float


def cohorts(units: UnitTable) -> tuple[Cohort, ...]:
    """Every cohort; the first of each question is the one its others are compared with."""
    return (*_networks(units), *_rhythms(units), *_audiences(units), *_missing(units))


def _networks(units: UnitTable) -> list[Cohort]:
    def on(platform: Platform, shown: Collection[Criterion] = frozenset(Criterion)) -> Seen:
        return lambda creator: [bring(creator, platform, units, shown=shown)]

    def on_both(creator: Creator) -> list[PlatformInputs]:
        return [
            bring(creator, platform, units, shown=shown, share=1 / len(ARCHIVE_SHOWS))
            for platform, shown in ARCHIVE_SHOWS.items()
        ]

    x, mastodon = ARCHIVE_SHOWS[Platform.X], ARCHIVE_SHOWS[Platform.MASTODON]
    rows: list[tuple[str, Seen]] = [
        ("all on X, every figure known", on(Platform.X)),
        ("all on X, its archive", on(Platform.X, x)),
        ("all on X, its archive without the list file", on(Platform.X, x - {Criterion.RECOGNITION})),
        ("all on Mastodon, its archive", on(Platform.MASTODON, mastodon)),
        ("half on X and half on Mastodon, both archives", on_both),
    ]
    unread = [platform for platform in units.networks if platform not in ARCHIVE_SHOWS]
    rows += [
        (f"all on {_name(platform)}, every figure it has (no reader yet)", on(platform))
        for platform in unread
    ]
    return [Cohort(Question.NETWORK, name, seen) for name, seen in rows]


def _name(platform: Platform) -> str:
    return name_of(platform, catalog(), Language.EN)


def _rhythms(units: UnitTable) -> list[Cohort]:
    def in_part(share: float) -> Seen:
        def seen(creator: Creator) -> list[PlatformInputs]:
            weeks = creator.weeks[: ceil(share * len(creator.weeks))]
            return [bring(replace(creator, weeks=weeks), Platform.X, units)]

        return seen

    return [
        Cohort(Question.RHYTHM, "spread over all weeks with a response", in_part(1.0)),
        Cohort(
            Question.RHYTHM, "in bursts: the same total in a quarter of these weeks", in_part(BURST_SHARE)
        ),
    ]


def _audiences(units: UnitTable) -> list[Cohort]:
    def followed_by(followers: float) -> Seen:
        def seen(creator: Creator) -> list[PlatformInputs]:
            values = {**creator.values, Criterion.AUDIENCE: followers}
            return [bring(replace(creator, values=values), Platform.X, units)]

        return seen

    return [
        Cohort(Question.AUDIENCE, f"{followers:,.0f} followers", followed_by(followers))
        for followers in AUDIENCES
    ]


def _missing(units: UnitTable) -> list[Cohort]:
    def without(hidden: frozenset[Criterion]) -> Seen:
        return lambda creator: [bring(creator, Platform.X, units, shown=frozenset(Criterion) - hidden)]

    return [
        Cohort(Question.MISSING, "nothing missing", without(frozenset())),
        *(
            Cohort(Question.MISSING, f"{criterion.value} missing", without(frozenset({criterion})))
            for criterion in Criterion
        ),
    ]


def gaps(card: PointsCard, creators: Sequence[Creator]) -> tuple[Gap, ...]:
    """Every cohort's mean score and its gap to the first cohort of the same question."""
    firsts: dict[Question, Floats] = {}
    found = []
    for cohort in cohorts(card.units):
        scores = np.array(exact_scores(card, creators, cohort.seen))
        apart = scores - firsts.setdefault(cohort.question, scores)
        low, high = np.quantile(apart, (0.05, 0.95))
        found.append(
            Gap(
                question=cohort.question,
                cohort=cohort.name,
                mean_score=float(scores.mean()),
                mean_gap=float(apart.mean()),
                half_width=NORMAL_95 * float(apart.std()) / sqrt(len(creators)),
                low=float(low),
                high=float(high),
            )
        )
    return tuple(found)
