"""The card as a scikit-learn pipeline gives the card's own scores, chances and refusals."""

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from model.card import card_from_bytes, load_card
from model.inputs import Criterion
from model.pipeline import pipeline_of, rows_of
from tests.model.making import changed_card
from tests.model.rows import card_scores, random_rows

CARD = load_card()
ROWS = random_rows(CARD, 5000, seed=3)


def test_the_pipeline_scores_as_the_card_does_at_zero_at_knots_and_beyond_them() -> None:
    strength = pipeline_of(CARD).decision_function(ROWS)

    scores = CARD.base + CARD.points_per_logit * strength
    assert np.abs(scores - card_scores(CARD, ROWS)).max() < 1e-12
    assert (scores[0], scores[1]) == (1.0, pytest.approx(100, abs=1e-12))


def test_one_column_at_a_time_the_pipeline_is_the_curve_of_that_criterion() -> None:
    pipeline = pipeline_of(CARD)

    for place, criterion in enumerate(Criterion):
        alone = np.zeros_like(ROWS)
        alone[:, place] = ROWS[:, place]
        points = CARD.points_per_logit * pipeline.decision_function(alone)
        exact = [CARD.points(criterion, float(x)) for x in ROWS[:, place]]
        assert np.abs(points - exact).max() < 1e-12


def test_chances_are_those_of_the_bradley_terry_model_against_an_empty_account() -> None:
    pipeline = pipeline_of(CARD)

    chances = pipeline.predict_proba(ROWS)

    logits = (card_scores(CARD, ROWS) - CARD.base) / CARD.points_per_logit
    assert np.abs(chances[:, 1] - 1 / (1 + np.exp(-logits))).max() < 1e-12
    assert np.abs(chances.sum(axis=1) - 1).max() < 1e-12
    assert chances[0].tolist() == [0.5, 0.5]
    assert not pipeline.predict(ROWS)[0]
    assert pipeline.predict(ROWS)[1]


def test_the_pipeline_is_fitted_and_knows_its_six_columns_and_one_weight_for_each_ramp() -> None:
    pipeline = pipeline_of(CARD)

    ramps = pipeline[:-1].transform(ROWS)

    check_is_fitted(pipeline)
    assert isinstance(pipeline, Pipeline)
    assert pipeline.n_features_in_ == 6
    assert ramps.shape == (len(ROWS), len(pipeline["judged"].coef_))
    assert pipeline["basis"].groups().tolist() == sorted(pipeline["basis"].groups())
    assert pipeline["judged"].coef_.min() >= 0


def test_another_card_gives_another_pipeline() -> None:
    def flatter(document):
        document["probability"]["points_per_logit"] *= 2

    other = card_from_bytes(changed_card(flatter))

    strength = pipeline_of(other).decision_function(ROWS)

    assert np.allclose(2 * strength, pipeline_of(CARD).decision_function(ROWS))


def test_a_missing_input_is_stated_as_nothing_and_earns_nothing() -> None:
    inputs = dict.fromkeys(Criterion, 40.0)
    rows = rows_of([inputs, {**inputs, Criterion.RECOGNITION: None}])

    scores = CARD.base + CARD.points_per_logit * pipeline_of(CARD).decision_function(rows)

    assert rows.shape == (2, 6)
    assert rows_of([]).shape == (0, 6)
    assert scores[0] - scores[1] == pytest.approx(CARD.points(Criterion.RECOGNITION, 40.0), abs=1e-12)


@pytest.mark.parametrize(
    ("row", "why"),
    [([-1.0] + [0.0] * 5, "Negative"), ([float("nan")] + [0.0] * 5, "NaN"), ([0.0] * 5, "5 features")],
)
def test_rows_that_are_no_inputs_are_refused(row: list[float], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        pipeline_of(CARD).predict_proba([row])
