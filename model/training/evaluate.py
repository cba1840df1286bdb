"""How well a model orders accounts that no fit of it has seen: the same splits and figures for every model.

For seed s = 0..14, `numpy.random.default_rng(s).random(n_accounts) < 0.3` marks the test accounts; test
pairs have both accounts marked, training pairs neither. Whatever a model learns, knots too, comes from the
training pairs and their accounts. It answers with logits that A is judged higher, and each figure is the
mean over the splits:

    auc        area under the ROC curve; `auc_sd` is its standard deviation over the splits
    log_loss   mean of ln(1 + exp(-logit)), the logit's sign turned where B was judged higher; 0.693 is a coin
    slope      what the logits must be multiplied by to fit the judgements best, no intercept; 1 is
               calibrated, below 1 is too sure
    ece        expected calibration error: chances in ten bins of equal width, mean |share judged higher -
               mean chance|, weighted by the pairs in the bin

Appreciation and Consistency have no judgements, and no part in this. Other models: peers.py, principles.py.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from model.errors import TrainingDataRefused
from model.training.estimator import Integers
from model.training.interior_point import Floats
from model.training.learning import Limits, learn, limits, ramp_differences
from model.training.rules import SPLITS, TEST_SHARE
from model.training.training_data import LEARNED_FEATURES, Pairs

BINS = 10
STEEPEST = 100.0  # judgements that a model separates without a miss have no best slope

Split = tuple[Integers, Integers]
Judge = Callable[[Pairs, Integers, Integers], Floats]  # pairs, training rows, test rows -> test logits


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model by name, the columns of the training data that it sees, and how it judges."""

    name: str
    judge: Judge
    inputs: tuple[str, ...] = LEARNED_FEATURES


@dataclass(frozen=True, slots=True)
class Figures:
    """What the account-disjoint splits say about one model, four digits each."""

    auc_mean: float
    auc_sd: float
    log_loss: float
    slope: float
    ece: float


def account_disjoint_splits(pairs: Pairs) -> list[Split]:
    """Rows of the training pairs and of the test pairs, once per seed.

    Raises:
        TrainingDataRefused: a split has no training or no test pairs of both classes, so no figure.
    """
    splits = []
    for seed in range(SPLITS):
        marked = np.random.default_rng(seed).random(pairs.accounts) < TEST_SHARE
        in_test = marked[pairs.a].astype(int) + marked[pairs.b]
        split = np.flatnonzero(in_test == 0), np.flatnonzero(in_test == 2)
        if any(len(np.unique(pairs.a_judged_higher[rows])) < 2 for rows in split):
            raise TrainingDataRefused(
                f"The data holds too few pairs: split {seed + 1} of {SPLITS} by account leaves judgements of"
                " one class only.",
                split=seed + 1,
            )
        splits.append(split)
    return splits


def judge_within(limited: Limits | None) -> Judge:
    """Our fit inside the given limits: its strength of A minus its strength of B is the logit."""

    def judge(pairs: Pairs, train: Integers, test: Integers) -> Floats:
        learned = learn(pairs, train, limited=limited)
        return np.asarray(ramp_differences(learned.basis, pairs, test) @ learned.weights)

    return judge


KLARWERT = Contestant("klarwert", judge_within(limits))


def evaluate(
    pairs: Pairs, contestant: Contestant = KLARWERT, splits: Sequence[Split] | None = None
) -> Figures:
    """The figures of one model, by default the card's own fit, over the given splits or all of them."""
    seen = pairs.with_inputs(contestant.inputs)
    each = [
        _figures(pairs.a_judged_higher[test], contestant.judge(seen, train, test))
        for train, test in splits or account_disjoint_splits(pairs)
    ]
    auc, log_loss, slope, ece = np.mean(each, axis=0)
    sd = np.std([auc_of_split for auc_of_split, *_ in each])
    return Figures(*(round(float(figure), 4) for figure in (auc, sd, log_loss, slope, ece)))


def evaluate_all(pairs: Pairs, contestants: Iterable[Contestant]) -> Iterator[tuple[Contestant, Figures]]:
    """One model after the other, all on the same splits.

    One thread: fits this small only wait for each other in several, up to three times as long on two cores.
    """
    splits = account_disjoint_splits(pairs)
    for contestant in contestants:
        with threadpool_limits(1):
            figures = evaluate(pairs, contestant, splits)
        yield contestant, figures


def row_of(contestant: Contestant, figures: Figures) -> dict[str, Any]:
    """One model's figures as JSON."""
    return {"model": contestant.name, "inputs": list(contestant.inputs), **asdict(figures)}


def table(rows: Iterable[tuple[Contestant, Figures]]) -> str:
    """The figures as a Markdown table, one line per model."""
    lines = ["| model | inputs | AUC | sd | log loss | slope | ECE |", "|---|---|---|---|---|---|---|"]
    for contestant, figures in rows:
        shown = " | ".join(f"{figure:.4f}" for figure in astuple(figures))
        lines.append(f"| {contestant.name} | {len(contestant.inputs)} | {shown} |")
    return "\n".join(lines)


def _figures(judged: Integers, logits: Floats) -> tuple[float, float, float, float]:
    return (
        # Equal accounts must tie whatever the order in which a processor adds.
        float(roc_auc_score(judged, np.round(logits, 9))),
        float(np.logaddexp(0, -_signed(judged, logits)).mean()),
        calibration_slope(judged, logits),
        expected_calibration_error(judged, expit(logits)),
    )


def _signed(judged: Integers, logits: Floats) -> Floats:
    return np.asarray((2 * judged - 1) * logits)


def calibration_slope(judged: Integers, logits: Floats) -> float:
    """The one coefficient of a logistic regression of the judgements on the logits, through the origin."""
    signed = _signed(judged, logits)

    def rise(slope: float) -> float:
        return float(np.mean(signed * expit(-slope * signed)))

    if rise(STEEPEST) > 0:
        return STEEPEST
    return float(brentq(rise, -STEEPEST, STEEPEST)) if rise(-STEEPEST) > 0 else -STEEPEST


def expected_calibration_error(judged: Integers, chances: Floats) -> float:
    """Ten bins of equal width; an empty one weighs nothing."""
    bins = np.minimum((chances * BINS).astype(int), BINS - 1)
    missed = np.bincount(bins, weights=judged - chances, minlength=BINS)
    return float(np.abs(missed).sum() / len(chances))
