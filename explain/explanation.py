"""`Explanation`: everything that is to be said about one score, as one value in ten parts.

    earned          the points of each criterion and network; the shown ones add up to the shown score
    comparison      base value and attributions against the reference population
    reasons         at most four codes up and four down (reasons.py)
    inputs          the figures behind each criterion: value, unit, source, day, window, or why there is none
    pieces          the piece of each curve that applied
    counterfactuals what would have to differ for another score (counterfactual.py)
    band            the 90 % band, and how often a lead of ten points is right
    coverage        what each network's data cover, how fresh they are, who supplied them
    changes         what changed since the last score that may still be read (changes.py)
    recipients      who received the score, and how to contest it

Composed by one call (composition.py) from a score and the card it was computed with; what was there before,
and to whom scores are disclosed, is for the caller to say (report.py). In words: sentences.py. In JSON:
explanation_json.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from explain.changes import Changes
from explain.counterfactual.answers import Counterfactuals
from explain.reasons import Reasons
from model.curve import Origin, Piece
from model.inputs import Criterion, Window
from model.scoring import ScoreResult
from model.units import Unit
from sources.activity import Platform, Source
from sources.figure import CorrectedFigure


class Availability(StrEnum):
    """Whether a network's data give a figure; neither kind of absence is a zero."""

    GIVEN = "given"
    MISSING = "missing"  # the network has such a figure, these data do not hold it
    NO_SUCH_FIGURE = "no-such-figure"


class Supplier(StrEnum):
    """Who vouches for data."""

    PERSON = "person"
    PLATFORM = "platform"


class PastStatus(StrEnum):
    """What can be said about earlier scores."""

    FIRST = "first"
    UNREADABLE = "unreadable"  # there may have been some; they rested on consents that ended
    UNCHANGED = "unchanged"
    CHANGED = "changed"


class Recourse(StrEnum):
    """A way to contest a score."""

    NEWER_ARCHIVE = "newer-archive"
    CORRECT_AT_SOURCE = "correct-at-source"
    SIMULATOR = "simulator"
    CORRECTION = "correction"
    REVIEW = "review"
    AUTHORITY = "authority"


RECOURSE_PAGES: Mapping[Recourse, str] = {
    Recourse.NEWER_ARCHIVE: "/imports",
    Recourse.SIMULATOR: "/score",
    Recourse.CORRECTION: "/rights/correct",
    Recourse.REVIEW: "/rights/review",
}


@dataclass(frozen=True, slots=True)
class EarnedPoints:
    """Points of a criterion, and of each network that brought some of its input; shown and exact."""

    criterion: Criterion
    points: float
    shown_points: float
    max_points: float
    by_network: Mapping[Platform, float]
    shown_by_network: Mapping[Platform, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """Base value and attributions; the shown ones add up to the shown score."""

    base: float
    shown_base: float
    values: Mapping[Criterion, float]
    shown_values: Mapping[Criterion, float]


@dataclass(frozen=True, slots=True)
class NetworkFigure:
    """What one network gives for one criterion, in its own unit (`own`) and in common ones."""

    platform: Platform
    availability: Availability
    unit: Unit | None
    own: float | None
    common: float | None
    source: Source
    as_of: date | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class CriterionInput:
    """One criterion's input in common units, `None` where no network gives it, and the piece that applied."""

    criterion: Criterion
    value: float | None
    networks: tuple[NetworkFigure, ...]
    origin: Origin
    piece: Piece | None


@dataclass(frozen=True, slots=True)
class BandMeaning:
    """The band, and what a lead in points is worth; `learned` are the criteria judgements speak about."""

    low: int
    high: int
    level: float
    lead_points: int
    right_in_100: int
    learned: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one network's data cover."""

    platform: Platform
    score: int
    source: Source
    supplied_by: Supplier
    weeks_seen: int
    posts: float
    as_of: date | None
    window: Window | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """A consent that ended: what rested on it can no longer be read, by anyone."""

    platform: Platform
    ended_on: date
    is_withdrawn: bool  # else its term was over


@dataclass(frozen=True, slots=True)
class Past:
    """What went before; `since` is the day of the last score that may still be read."""

    status: PastStatus
    since: date | None = None
    changes: Changes | None = None
    endings: tuple[Ending, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score explained; `past` and `recipients` are absent where there is no account.

    corrections: figures that count with another value than the one the platform gave.
    """

    result: ScoreResult
    computed_at: datetime | None
    earned: tuple[EarnedPoints, ...]
    comparison: Compared
    reasons: Reasons
    inputs: tuple[CriterionInput, ...]
    counterfactuals: Counterfactuals
    band: BandMeaning
    coverage: tuple[Coverage, ...]
    past: Past | None
    recipients: tuple[str, ...] | None
    corrections: tuple[CorrectedFigure, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the data hold none of the figures a score rests on."""
        return all(one.value is None for one in self.inputs)
