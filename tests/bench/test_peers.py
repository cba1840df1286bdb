"""What our speed is measured against does the same work: the same scores, the same explanations."""

import numpy as np
import pytest

from bench.batch import linear_explainer
from bench.scoring import accounts, card_pipeline, spline_pipeline
from model.batch import explained_blocks
from model.card import load_card

CARD = load_card()
ROWS = np.asfortranarray(accounts(500)[0])


def test_the_cards_pipeline_gives_our_scores() -> None:
    decided = card_pipeline().decision_function(ROWS)

    (ours,) = explained_blocks(CARD, [ROWS])
    assert np.abs(CARD.base + CARD.points_per_logit * decided - ours.exact).max() < 1e-9


def test_the_linear_explainer_gives_our_differences() -> None:
    explained = linear_explainer()(ROWS)

    (ours,) = explained_blocks(CARD, [ROWS])
    assert np.abs(CARD.points_per_logit * explained - ours.differences).max() < 1e-9


def test_the_spline_pipeline_learned_what_it_was_shown() -> None:
    counts, judged = accounts(400)

    assert spline_pipeline().score(counts, judged) == pytest.approx(0.75, abs=0.15)
