"""The closed form is what `shap` computes: interventional values over the same background, to 1e-9 points."""

from typing import Any

import numpy as np
import pytest
import shap

from explain.attribution import Background, attribute
from model.card import load_card
from model.inputs import Criterion
from model.units import PooledInput, PooledInputs

CARD = load_card()
DRAW = np.random.default_rng(11)
BACKGROUND_ROWS = np.exp(DRAW.normal(3, 2.5, size=(20, 6))) - 1
BACKGROUND_ROWS = np.maximum(BACKGROUND_ROWS, 0)
ROWS = np.maximum(np.exp(DRAW.normal(3, 3, size=(10, 6))) - 1, 0)


def scores(rows: Any) -> Any:
    return np.array(
        [
            CARD.base + sum(CARD.points(c, float(x)) for c, x in zip(Criterion, row, strict=True))
            for row in rows
        ]
    )


def closed_form(row: Any) -> list[float]:
    means = {
        criterion: float(np.mean([CARD.points(criterion, float(x)) for x in column]))
        for criterion, column in zip(Criterion, BACKGROUND_ROWS.T, strict=True)
    }
    inputs = {c: PooledInput(float(x), {}) for c, x in zip(Criterion, row, strict=True)}
    view = attribute(CARD, PooledInputs((), inputs), Background(means)).comparison
    return [view.base_value, *view.values.values()]


@pytest.mark.parametrize("explainer", ["AdditiveExplainer", "ExactExplainer"])
def test_the_closed_form_equals_shap_over_the_same_background(explainer: str) -> None:
    masker = shap.maskers.Independent(BACKGROUND_ROWS, max_samples=len(BACKGROUND_ROWS))

    found = getattr(shap, explainer)(scores, masker)(ROWS)

    ours = np.array([closed_form(row) for row in ROWS])
    base = np.broadcast_to(np.asarray(found.base_values).reshape(-1, 1), (len(ROWS), 1))
    assert np.abs(np.hstack([base, found.values]) - ours).max() < 1e-9
