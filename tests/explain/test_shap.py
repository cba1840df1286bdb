"""The closed form is what `shap` computes: interventional, over the published background, to 1e-9 points.

The background is the card's own reference, all of it: shap's maskers would otherwise take a sample.
"""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shap

from explain.attribution import Attribution, Baseline, attribute, background_of
from explain.shapley.values import attribute_rows, explanation_of, reference_rows
from model.card import load_card
from model.inputs import Criterion
from model.pipeline import pipeline_of, rows_of
from model.training.interior_point import Floats
from model.units import PooledInput, PooledInputs
from tests.model.rows import card_scores, random_rows
from tests.repository.checkout import ROOT

CARD = load_card()
REFERENCE = rows_of(reference_rows(CARD))
ROWS = random_rows(CARD, 1200, seed=11)
BACKGROUND = {Baseline.REFERENCE: REFERENCE, Baseline.EMPTY_ACCOUNT: np.zeros((1, len(Criterion)))}
TOLERANCE_POINTS = 1e-9


def scores(rows: Floats) -> Floats:
    """The card on whole columns, as fast as explainers that ask a million times need it."""
    z = np.log1p(rows)
    columns = [
        np.interp(z[:, place], curve.log_knots, curve.values)
        for place, curve in enumerate(CARD.curves[criterion] for criterion in Criterion)
    ]
    return np.asarray(CARD.base + np.sum(columns, axis=0))


def closed_form(view: Baseline) -> Floats:
    """Base value and six attributions of every row, by `attribute`."""
    inputs = [dict(zip(Criterion, map(float, row), strict=True)) for row in ROWS]
    found = explanation_of(attribute_rows(CARD, inputs), view)
    return np.column_stack([found.base_values, found.values])


def with_base(found: Any) -> Floats:
    base = np.broadcast_to(np.asarray(found.base_values).reshape(-1, 1), (len(ROWS), 1))
    return np.hstack([base, found.values])


def masker(background: Floats) -> Any:
    return shap.maskers.Independent(background, max_samples=len(background))


def test_what_the_explainers_are_given_is_the_card() -> None:
    assert np.abs(scores(ROWS) - card_scores(CARD, ROWS)).max() < 1e-12


@pytest.mark.parametrize("view", list(Baseline))
@pytest.mark.parametrize("explainer", [shap.AdditiveExplainer, shap.ExactExplainer])
def test_the_closed_form_equals_shap_over_the_same_background(
    explainer: Callable[..., Any], view: Baseline
) -> None:
    explain = explainer(scores, masker(BACKGROUND[view]))

    found = explain(ROWS)

    assert np.abs(with_base(found) - closed_form(view)).max() < TOLERANCE_POINTS


def test_the_closed_form_equals_the_linear_explainer_on_the_ramps_summed_per_criterion() -> None:
    pipeline = pipeline_of(CARD)
    basis, judged = pipeline["basis"], pipeline["judged"]
    points = judged.coef_ * CARD.points_per_logit
    explain = shap.LinearExplainer((points, CARD.base), masker(basis.transform(REFERENCE)))

    found = explain(basis.transform(ROWS))

    summed = found.values @ np.eye(len(Criterion))[basis.groups()]
    ours = closed_form(Baseline.REFERENCE)
    assert np.abs(np.column_stack([found.base_values, summed]) - ours).max() < TOLERANCE_POINTS


def test_another_background_would_give_other_values() -> None:
    explain = shap.AdditiveExplainer(scores, masker(REFERENCE[:10]))

    found = explain(ROWS)

    assert np.abs(with_base(found) - closed_form(Baseline.REFERENCE)).max() > 1


def one_score() -> Attribution:
    given: dict[Criterion, float | None] = dict.fromkeys(Criterion, 30.0)
    given[Criterion.RECOGNITION] = None
    inputs = {criterion: PooledInput(value, {}) for criterion, value in given.items()}
    return attribute(CARD, PooledInputs((), inputs), background_of(CARD))


@pytest.mark.parametrize("view", list(Baseline))
def test_one_score_becomes_an_object_of_shap_that_adds_up_and_says_what_is_missing(view: Baseline) -> None:
    attribution = one_score()

    found = attribution.to_shap(view)

    assert isinstance(found, shap.Explanation)
    assert found.shape == (6,)
    assert found.feature_names == [criterion.value for criterion in Criterion]
    assert found.base_values + found.values.sum() == pytest.approx(attribution.exact, abs=1e-9)
    assert np.isnan(found.data).tolist() == [criterion is Criterion.RECOGNITION for criterion in Criterion]
    assert found.data[0] == 30.0


def test_without_saying_which_the_view_is_the_comparison() -> None:
    attribution = one_score()

    assert attribution.to_shap().base_values == attribution.comparison.base_value
    assert attribution.to_shap(view=Baseline.EMPTY_ACCOUNT).base_values == CARD.base


def test_many_scores_become_one_object_whose_rows_are_the_single_ones() -> None:
    attributions = attribute_rows(CARD, reference_rows(CARD))

    found = explanation_of(attributions)

    assert found.shape == (len(REFERENCE), 6)
    assert np.array_equal(found.data, REFERENCE)
    assert np.array_equal(found[3].values, attributions[3].to_shap().values)
    assert np.abs(found.values.mean(axis=0)).max() < 1e-9  # they are those one is compared with
    assert explanation_of([]).shape == (0, 6)


def test_where_shap_is_not_installed_one_sentence_says_how_to_get_it() -> None:
    # `None` in sys.modules is how Python itself is told that a module is not there.
    program = (
        "import sys; sys.modules['shap'] = None\n"
        "from explain.shapley.values import explanation_of\n"
        "from model.errors import ExtraMissing\n"
        "try:\n    explanation_of([])\n"
        "except ExtraMissing as missing:\n    print(missing.detail)"
    )
    command = [sys.executable, "-c", program]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "An object of shap needs shap: run `python3 run.py setup --development` first.\n"
