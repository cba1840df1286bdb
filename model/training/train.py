"""`klarwert model train`: from judged pairs to the bytes of a points card. Development only.

Two trainings give the same bytes: every random draw is seeded, the fit has one answer and is solved far
beyond the digits kept (interior_point.py), points are rounded to hundredths, figures to four digits, and
the card is canonical JSON. Nothing of the data but curves, knots rounded to one digit and totals goes in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from model.card import BASE, SCHEMA, canonical_card, card_from_bytes
from model.curve import Origin
from model.inputs import WINDOW_WEEKS, Criterion
from model.training import rules
from model.training.estimator import rounded_quantiles
from model.training.evaluate import evaluate
from model.training.interior_point import Floats
from model.training.learning import Learned, in_hundredths, learn
from model.training.training_data import CHOICE, FILE_NAME, Pairs, read_pairs
from model.training.unit_rules import unit_table

LEARNED = tuple(rules.LEARNED_CAPS)
Hundredths = Mapping[Criterion, Sequence[int]]


def train(data_dir: Path) -> bytes:
    """Train on `train.csv` in a directory; the canonical JSON bytes of a checked card.

    Raises:
        TrainingDataRefused: no honest card can come of the data; the sentence names row or column.
    """
    pairs = read_pairs(data_dir)
    evaluation = _evaluation(pairs)  # first, because it may refuse
    learned = learn(pairs, np.arange(len(pairs.a)))
    knots = _knots(learned)
    curves = _with_rules(in_hundredths(learned.curve_points()))
    content = canonical_card(
        {
            "schema": SCHEMA,
            "version": rules.CARD_VERSION,
            "base": BASE,
            "criteria": [
                _criterion(criterion, knots[criterion], curves[criterion]) for criterion in Criterion
            ],
            "units": unit_table(),
            "reference": {"by": "synthetic quantiles of the knots", "inputs": _reference(pairs)},
            "band": _band(pairs, learned),
            "probability": {"points_per_logit": round(learned.points_per_logit, 4)},
            "training": _provenance(pairs),
            "evaluation": evaluation,
        }
    )
    card_from_bytes(content)
    return content


def _knots(learned: Learned) -> dict[Criterion, list[float]]:
    knots = {
        criterion: [float(knot) for knot in own]
        for criterion, own in zip(LEARNED, learned.basis.knots_, strict=True)
    }
    reshares = knots[Criterion.AMPLIFICATION]
    knots[Criterion.APPRECIATION] = [rules.LIKES_PER_RESHARE * knot for knot in reshares]
    knots[Criterion.CONSISTENCY] = list(rules.CONSISTENCY_KNOTS)
    return knots


def _with_rules(learned: Sequence[Sequence[int]]) -> Hundredths:
    """The learned curves and the two made from rules, in hundredths of a point."""
    curves: dict[Criterion, Sequence[int]] = dict(zip(LEARNED, learned, strict=True))
    shape = curves[Criterion.AMPLIFICATION]
    top = 100 * rules.APPRECIATION_POINTS
    curves[Criterion.APPRECIATION] = [round(top * value / max(shape[-1], 1)) for value in shape]
    weeks, all_weeks = rules.CONSISTENCY_KNOTS, rules.CONSISTENCY_KNOTS[-1]
    curves[Criterion.CONSISTENCY] = [
        round(100 * rules.CONSISTENCY_POINTS * week / all_weeks) for week in weeks
    ]
    return curves


def _criterion(criterion: Criterion, knots: Sequence[float], hundredths: Sequence[int]) -> dict[str, Any]:
    origin = Origin.LEARNED if criterion in LEARNED else Origin.RULE
    return {
        "name": criterion.value,
        "origin": origin.value,
        "rule": rules.RULES.get(criterion),
        "knots": list(knots),
        "points": _as_points(hundredths),
    }


def _as_points(hundredths: Sequence[int]) -> list[float]:
    return [value / 100 for value in hundredths]


def _reference(pairs: Pairs) -> dict[str, list[float]]:
    """A background without people: row i has every input at the same quantile, read off between the knots.

    An additive card needs the inputs one by one, not their joint distribution. Likes follow from reshares,
    and weeks with a response from the chance of at least one in a week, 1 - exp(-responses per week).
    """
    levels = (np.arange(rules.REFERENCE_ROWS) + 0.5) / rules.REFERENCE_ROWS
    inputs = {
        criterion: _at_levels(counts, levels)
        for criterion, counts in zip(LEARNED, pairs.inputs.T, strict=True)
    }
    reshares, replies = inputs[Criterion.AMPLIFICATION], inputs[Criterion.CONVERSATION]
    inputs[Criterion.APPRECIATION] = [rules.LIKES_PER_RESHARE * value for value in reshares]
    inputs[Criterion.CONSISTENCY] = [
        float(round(WINDOW_WEEKS * (1 - exp(-reshare - reply))))
        for reshare, reply in zip(reshares, replies, strict=True)
    ]
    return {criterion.value: inputs[criterion] for criterion in Criterion}


def _at_levels(counts: Floats, levels: Floats) -> list[float]:
    """Inputs at quantile levels, straight in ln(1 + x) between the knots, two significant digits."""
    known = rounded_quantiles(counts, rules.KNOT_LEVELS, rules.KNOT_DIGITS)
    logs = np.interp(levels, [0.0, *rules.KNOT_LEVELS], np.log1p([0.0, *known]))
    return [float(f"{np.expm1(value):.1e}") for value in logs]


def _band(pairs: Pairs, learned: Learned) -> dict[str, Any]:
    refits = [_with_rules(_rounded(_refit(pairs, learned, number))) for number in range(rules.REFITS)]
    return {
        "level": rules.BAND_LEVEL,
        "settled_posts": rules.SETTLED_POSTS,
        "resampled": "accounts",
        "points": {
            criterion.value: [_as_points(refit[criterion]) for refit in refits]
            for criterion in (*LEARNED, Criterion.APPRECIATION)
        },
    }


def _refit(pairs: Pairs, learned: Learned, number: int) -> Learned:
    """Draw accounts with replacement; a pair counts as often as both of its accounts were drawn."""
    drawn = np.random.default_rng((rules.SEED, number)).integers(pairs.accounts, size=pairs.accounts)
    times = np.bincount(drawn, minlength=pairs.accounts)
    weights = (times[pairs.a] * times[pairs.b]).astype(np.float64)
    rows = np.flatnonzero(weights)
    return learn(pairs, rows, basis=learned.basis, row_weights=weights[rows])


def _rounded(refit: Learned) -> list[list[int]]:
    return [[round(100 * round(float(value), 6)) for value in curve] for curve in refit.curve_points()]


def _provenance(pairs: Pairs) -> dict[str, Any]:
    return {
        "file": FILE_NAME,
        "sha256": pairs.sha256,
        "label": CHOICE,
        "pairs": len(pairs.a),
        "accounts": pairs.accounts,
        "seed": rules.SEED,
        "refits": rules.REFITS,
        "ridge": rules.RIDGE,
        "knot_levels": list(rules.KNOT_LEVELS),
        "columns": {
            criterion.value: {"column": column.name, "none_seen": column.floor, "per_unit": column.unit}
            for criterion, column in rules.LEARNED_COLUMNS.items()
        },
        "caps": {criterion.value: cap for criterion, cap in rules.LEARNED_CAPS.items()},
        "followers_tenfold_points": rules.FITTED_TENFOLD_POINTS,
        "libraries": {name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
    }


def _evaluation(pairs: Pairs) -> dict[str, Any]:
    return {"splits": rules.SPLITS, "disjoint_by": "account", **asdict(evaluate(pairs))}
