"""Which figures of a record can be corrected, and a corrected one; pure.

What is stored of a correction, and how it is applied: correction.py.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sources.activity import IsoWeek, Metric, Platform

OF_THE_RECORD = (Metric.FOLLOWERS, Metric.FOLLOWING, Metric.LISTED)
OF_A_WEEK = (Metric.POSTS, Metric.LIKES_RECEIVED, Metric.RESHARES_RECEIVED, Metric.REPLIES_RECEIVED)
CORRECTABLE = (*OF_THE_RECORD, *OF_A_WEEK)


class Provenance(StrEnum):
    """On whose word a figure was corrected."""

    SUBJECT_STATEMENT = "subject-statement"  # the person's, accepted by staff
    REVIEWER = "reviewer"  # found by whoever looked again at a score


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one platform's record; without a week it is one of the record itself."""

    platform: Platform
    metric: Metric
    week: IsoWeek | None = None


@dataclass(frozen=True, slots=True)
class CorrectedFigure:
    """A figure with its superseded value and the one that counts instead."""

    figure: Figure
    superseded: int
    value: int
    provenance: Provenance
    corrected_at: datetime
