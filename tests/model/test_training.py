"""Training gives the committed card, the same bytes every time, and refuses data no card can come from."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.card import COMMITTED_CARD, card_from_bytes
from model.errors import TrainingDataRefused
from model.training import rules
from model.training.evaluate import account_disjoint_splits
from model.training.learning import in_hundredths, learn
from model.training.train import train
from model.training.training_data import COLUMNS, read_pairs
from tests.model.making import PEERINDEX, training_rows, write_training_data

ROOT = Path(__file__).resolve().parents[2]
Rows = list[dict[str, Any]]


def test_training_on_the_judgements_gives_the_committed_card_byte_for_byte() -> None:
    if not PEERINDEX.is_dir():
        pytest.skip("../shared/data/peerindex is not here")

    content = train(PEERINDEX)

    assert content == COMMITTED_CARD.read_bytes().strip()


def test_two_trainings_in_processes_with_other_thread_counts_give_the_same_bytes(tmp_path: Path) -> None:
    write_training_data(tmp_path, training_rows())
    program = (
        "import sys, pathlib; from model.training.train import train;"
        "sys.stdout.buffer.write(train(pathlib.Path(sys.argv[1])))"
    )

    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, tmp_path],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            stdout=subprocess.PIPE,
        )
        for threads in ("1", "2")
    ]
    first, second = (one.communicate(timeout=120)[0] for one in running)

    assert card_from_bytes(first).document["training"]["pairs"] == 900
    assert first == second


def test_a_learned_curve_keeps_its_cap_rises_and_bends_only_downwards(tmp_path: Path) -> None:
    pairs = read_pairs(write_training_data(tmp_path, training_rows()))

    learned = learn(pairs, np.arange(len(pairs.a)))

    curves = learned.curve_points()
    assert sum(curve[-1] for curve in curves) == pytest.approx(rules.LEARNED_POINTS)
    for knots, curve, cap in zip(learned.basis.knots_, curves, rules.LEARNED_CAPS.values(), strict=True):
        slopes = np.diff(curve) / np.diff(np.log1p(knots))
        assert curve[-1] <= cap + 1e-6
        assert slopes.min() >= -1e-9
        assert np.diff(slopes).max() <= 1e-6
    steepest = np.max(np.diff(curves[0]) / np.diff(np.log1p(learned.basis.knots_[0]))) * np.log(10)
    assert steepest <= rules.FITTED_TENFOLD_POINTS + 1e-6


def test_no_account_stands_on_both_sides_of_a_split(tmp_path: Path) -> None:
    pairs = read_pairs(write_training_data(tmp_path, training_rows()))

    for rows, test in account_disjoint_splits(pairs):
        trained = {*pairs.a[rows], *pairs.b[rows]}
        tested = {*pairs.a[test], *pairs.b[test]}
        assert trained
        assert tested
        assert not trained & tested


def test_maxima_in_hundredths_sum_exactly_and_stay_on_their_caps() -> None:
    on_its_cap = np.array([0.0, 10.0, 20.0 - 1e-10])
    below = [np.array([0.0, 5.0, top + 1 / 3]) for top in (18.0, 18.0, 17.0)]

    maxima = [curve[-1] for curve in in_hundredths([on_its_cap, *below])]

    assert maxima[0] == 2000
    assert sum(maxima) == 7400


def _cell(column: str, value: object, row: int = 3) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row - 1][column] = value

    return change


def _everywhere(value: float, *columns: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows:
            row.update(dict.fromkeys(columns, value))

    return change


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_cell("A_listed_count", -1), "Row 3, column “A_listed_count” is negative"),
        (_cell("B_posts", "nan"), "Row 3, column “B_posts” is not finite"),
        (_cell("B_posts", "inf"), "Row 3, column “B_posts” is not finite"),
        (_cell("B_posts", ""), "Row 3, column “B_posts” is not a number"),
        (_cell("Choice", 2), "Row 3, column “Choice” is neither 0 nor 1"),
        (_everywhere(1, "Choice"), "“Choice” holds one class only"),
        (_everywhere(5, "A_retweets_received", "B_retweets_received"), "“retweets_received” is constant"),
        (lambda rows: rows.__delitem__(slice(20, None)), "accounts; a card needs 100"),
        (lambda rows: rows.clear(), "no row"),
    ],
)
def test_bad_training_data_is_refused_naming_row_or_column(
    tmp_path: Path, change: Callable[[Rows], None], named: str
) -> None:
    rows: Rows = [dict(row) for row in training_rows(pairs=300)]
    change(rows)
    write_training_data(tmp_path, rows)

    with pytest.raises(TrainingDataRefused, match=named):
        train(tmp_path)


def test_too_few_pairs_to_evaluate_are_refused_and_no_figure_is_made_up(tmp_path: Path) -> None:
    rows = [{**row, "Choice": float(place == 0)} for place, row in enumerate(training_rows(pairs=300))]
    write_training_data(tmp_path, rows)

    with pytest.raises(TrainingDataRefused, match=r"too few pairs: split \d+ of 15"):
        train(tmp_path)


def test_judgements_that_run_against_every_input_are_refused(tmp_path: Path) -> None:
    rows = [{**row, "Choice": 1 - row["Choice"]} for row in training_rows()]
    write_training_data(tmp_path, rows)

    with pytest.raises(TrainingDataRefused, match="follow none of the inputs"):
        train(tmp_path)


def test_a_missing_column_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataRefused, match=r"train\.csv"):
        train(tmp_path)

    left = tuple(column for column in COLUMNS if column != "B_mentions_received")
    write_training_data(tmp_path, training_rows(pairs=20), left)

    with pytest.raises(TrainingDataRefused, match="“B_mentions_received” is missing"):
        train(tmp_path)
