"""Pairs of accounts with a human judgement: read, checked, and refused where no honest card can come of it.

`train.csv` has `Choice` (1: A was judged more influential) and eleven figures each for A and for B. Four of
them are learned from, the others only compared with (evaluate.py). All eleven say which rows are the same
account, so that an account can be kept on one side of a split: distinct rows of log1p of the eleven, rounded
to 6 digits, numbered by first appearance over all A rows, then all B rows.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import TrainingDataRefused
from model.training.rules import (
    FEWEST_ACCOUNTS,
    LEARNED_COLUMNS,
    PEERINDEX_NONE_SEEN,
    PEERINDEX_PER_WEEK,
    Column,
)

FILE_NAME = "train.csv"
CHOICE = "Choice"
FEATURES = (
    "follower_count",
    "following_count",
    "listed_count",
    "mentions_received",
    "retweets_received",
    "mentions_sent",
    "retweets_sent",
    "posts",
    "network_feature_1",
    "network_feature_2",
    "network_feature_3",
)
COLUMNS = (CHOICE, *(f"{side}_{name}" for side in "AB" for name in FEATURES))
DECAYED_VOLUMES = ("mentions_received", "retweets_received", "mentions_sent", "retweets_sent", "posts")
LEARNED_FEATURES = tuple(column.name for column in LEARNED_COLUMNS.values())

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Pairs:
    """Judged pairs in common units: `inputs` has shape (n_accounts, 4), columns as in `LEARNED_FEATURES`."""

    sha256: str
    a_judged_higher: Integers  # shape (n_pairs,), 1 or 0
    a: Integers  # account of A, shape (n_pairs,)
    b: Integers  # account of B, shape (n_pairs,)
    inputs: Floats
    features: Floats  # the file's own figures, shape (n_accounts, 11), columns as in `FEATURES`

    @property
    def accounts(self) -> int:
        return len(self.inputs)

    def with_inputs(self, names: Sequence[str]) -> "Pairs":
        """The same judgements with other columns as inputs, for the comparison with other models."""
        return replace(self, inputs=_common_units(self.features, names))


def read_pairs(data_dir: Path) -> Pairs:
    """Read and check `train.csv` in a directory.

    Raises:
        TrainingDataRefused: no such file, or data that is missing, impossible or too little; names where.
    """
    path = data_dir / FILE_NAME
    if not path.is_file():
        raise TrainingDataRefused(f"The directory holds no “{FILE_NAME}”.", file=FILE_NAME)
    content = path.read_bytes()
    table = _table(content.decode("utf-8-sig", errors="replace"))
    choice, figures = table[:, 0], table[:, 1:].reshape(len(table), 2, len(FEATURES))
    _refuse_uninformative(choice, figures)
    stacked = np.concatenate([figures[:, 0], figures[:, 1]])
    numbers, first = _accounts(stacked)
    if len(first) < FEWEST_ACCOUNTS:
        raise TrainingDataRefused(
            f"The data holds {len(first)} accounts; a card needs {FEWEST_ACCOUNTS} at least.",
            accounts=len(first),
        )
    a, b = np.split(numbers, 2)
    features = stacked[first]
    return Pairs(
        sha256=hashlib.sha256(content).hexdigest(),
        a_judged_higher=choice.astype(np.intp),
        a=a,
        b=b,
        inputs=_common_units(features, LEARNED_FEATURES),
        features=features,
    )


def _table(text: str) -> Floats:
    """All rows as numbers, shape (n_rows, 23), in the order of `COLUMNS`."""
    reader = csv.DictReader(StringIO(text, newline=""))
    for column in COLUMNS:
        if column not in (reader.fieldnames or ()):
            raise TrainingDataRefused(f"The column “{column}” is missing.", column=column)
    rows = [
        [_number(row[column], number, column) for column in COLUMNS]
        for number, row in enumerate(reader, start=1)
    ]
    if not rows:
        raise TrainingDataRefused("The data holds no row.", rows=0)
    return np.array(rows, dtype=np.float64)


def _number(text: str | None, row: int, column: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        raise _refused_cell(row, column, "is not a number") from None
    if not np.isfinite(value):
        raise _refused_cell(row, column, "is not finite")
    if value < 0:
        raise _refused_cell(row, column, "is negative")
    if column == CHOICE and value not in (0.0, 1.0):
        raise _refused_cell(row, column, "is neither 0 nor 1")
    return value


def _refused_cell(row: int, column: str, why: str) -> TrainingDataRefused:
    return TrainingDataRefused(f"Row {row}, column “{column}” {why}.", row=row, column=column)


def _refuse_uninformative(choice: Floats, figures: Floats) -> None:
    if len(np.unique(choice)) < 2:
        raise TrainingDataRefused(f"The column “{CHOICE}” holds one class only.", column=CHOICE)
    for place, name in enumerate(FEATURES):
        if len(np.unique(figures[:, :, place])) < 2:
            raise TrainingDataRefused(f"The feature “{name}” is constant.", column=name)


def _accounts(stacked: Floats) -> tuple[Integers, Integers]:
    """For every row its account's number, and for every account the first row it appears in."""
    keys = np.round(np.log1p(stacked), 6)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    return number[inverse.ravel()], first[order]


def _common_units(features: Floats, names: Sequence[str]) -> Floats:
    """Columns in acts per week, the files' “none seen” as 0; shape (n_accounts, n_names)."""
    taken = []
    for name in names:
        column, values = _column(name), features[:, FEATURES.index(name)]
        taken.append(np.where(values <= column.floor, 0.0, values * column.unit))
    return np.column_stack(taken)


def _column(name: str) -> Column:
    learned = {column.name: column for column in LEARNED_COLUMNS.values()}
    volume = name in DECAYED_VOLUMES
    other = Column(name, PEERINDEX_NONE_SEEN, PEERINDEX_PER_WEEK) if volume else Column(name, 0.0, 1.0)
    return learned.get(name, other)
