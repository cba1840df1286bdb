"""Plain factories: records, training data and cards that tests change one thing of."""

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from model.card import COMMITTED_CARD, canonical_card
from model.training.training_data import COLUMNS, FEATURES
from sources.activity import ActivityRecord, IsoWeek, Metric, Platform, Source, WeekActivity

AS_OF = date(2026, 11, 22)  # a Sunday
SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
PEERINDEX = SHARED / "data" / "peerindex"


def iso_week(weeks_ago: int) -> IsoWeek:
    year, week, _ = (AS_OF - timedelta(weeks=weeks_ago)).isocalendar()
    return IsoWeek(year, week)


def week(weeks_ago: int = 0, **counts: int | None) -> WeekActivity:
    given: dict[str, Any] = {
        "posts": 1,
        "replies": 0,
        "reshares_made": 0,
        "likes_received": None,
        "reshares_received": None,
        "replies_received": None,
        "views_received": None,
    }
    return WeekActivity(week=iso_week(weeks_ago), **(given | counts))


def record(
    platform: Platform = Platform.X, weeks: list[WeekActivity] | None = None, **given: Any
) -> ActivityRecord:
    weeks = sorted(weeks or [], key=lambda one: one.week)
    facts: dict[str, Any] = {
        "as_of": AS_OF,
        "followers": None,
        "following": None,
        "listed": None,
        "posts": sum(one.posts for one in weeks),
        "replies": 0,
        "reshares_made": 0,
        "first_day": None,
        "last_day": None,
    }
    for name in ("likes_received", "reshares_received", "replies_received", "views_received"):
        known = [count for one in weeks if (count := getattr(one, name)) is not None]
        facts[name] = sum(known) if known else None
    facts |= given
    missing = tuple(metric for metric in Metric if facts[metric.value] is None)
    return ActivityRecord(
        platform=platform,
        source=Source.ARCHIVE,
        reader_version=1,
        missing=missing,
        weeks=tuple(weeks),
        **facts,
    )


def changed_card(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The committed card with one thing changed and its digest made right again."""
    document = json.loads(COMMITTED_CARD.read_bytes())
    change(document)
    return canonical_card(document)


def training_rows(pairs: int = 900, accounts: int = 160) -> list[dict[str, float]]:
    """Invented accounts whose judged strength follows their response, so that there is something to learn."""
    draw = np.random.default_rng(7)
    fame = draw.normal(size=accounts)
    figures = {
        name: np.round(np.exp(4 + 1.5 * fame + draw.normal(scale=0.8, size=accounts)), 3) for name in FEATURES
    }
    rows = []
    for a, b in draw.integers(accounts, size=(pairs, 2)):
        row = {"Choice": float(draw.random() < 1 / (1 + np.exp(2 * (fame[b] - fame[a]))))}
        row |= {f"A_{name}": float(figures[name][a]) for name in FEATURES}
        row |= {f"B_{name}": float(figures[name][b]) for name in FEATURES}
        rows.append(row)
    return rows


def write_training_data(
    directory: Path, rows: list[dict[str, Any]], columns: tuple[str, ...] = COLUMNS
) -> Path:
    with (directory / "train.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return directory
