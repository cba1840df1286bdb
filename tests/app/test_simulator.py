"""What the simulator starts from: the person's own inputs, and the published curves."""

import json

import pytest

from app.simulator import simulator_of
from explain.wording import Language
from model.card import load_card
from model.inputs import WINDOW_WEEKS, Criterion
from model.scoring import score_records
from sources.activity import Platform
from tests.model.making import record, week

CARD = load_card()


def test_the_sliders_start_at_the_inputs_of_the_score_and_a_missing_one_stays_missing() -> None:
    result = score_records(CARD, [record(weeks=[week(0, likes_received=104)], followers=2840)])

    sliders = {slider.criterion: slider for slider in simulator_of(CARD, result, Language.EN).sliders}

    assert sliders[Criterion.AUDIENCE].x == 2840
    assert sliders[Criterion.APPRECIATION].x == 2
    assert sliders[Criterion.CONSISTENCY].x == 1
    assert sliders[Criterion.RECOGNITION].x is None
    assert [slider.criterion for slider in sliders.values()] == list(Criterion)


def test_every_scale_ends_beyond_the_last_knot_but_that_of_the_weeks() -> None:
    far = 10 * CARD.curves[Criterion.AUDIENCE].knots[-1]
    result = score_records(CARD, [record(Platform.MASTODON, followers=int(far))])

    for slider in simulator_of(CARD, result, Language.DE).sliders:
        last = CARD.curves[slider.criterion].knots[-1]
        if slider.criterion is Criterion.CONSISTENCY:
            assert slider.end == WINDOW_WEEKS
        elif slider.criterion is Criterion.AUDIENCE:
            assert slider.end == far
        else:
            assert slider.end > last
        assert slider.knots[0] == 0
        assert list(slider.knots) == sorted(slider.knots)
        assert slider.knots[-1] <= 1000


def test_the_curves_it_is_given_are_those_of_the_card() -> None:
    result = score_records(CARD, [record()])

    curves = json.loads(simulator_of(CARD, result, Language.EN).curves)

    assert curves["base"] == CARD.base
    for criterion, curve in CARD.curves.items():
        assert curves["curves"][criterion] == {"knots": list(curve.knots), "points": list(curve.values)}


@pytest.mark.parametrize(("language", "knots"), [(Language.EN, "3,000,000"), (Language.DE, "3.000.000")])
def test_where_the_curve_bends_is_said_in_the_language_of_the_page(language: Language, knots: str) -> None:
    slider = simulator_of(CARD, score_records(CARD, [record()]), language).sliders[0]

    assert slider.said_knots.endswith(knots)
