"""One row scored and explained, against `predict_proba` of a scikit-learn Pipeline on one row.

Ours is the function that the pages call, on the committed card: pooled inputs to the exact score and both
closed-form views of it, as rows of numbers (`Attribution`; to read both views by name, as a page does, costs
more than to make them). The peers read the same six numbers: scikit-learn's own spline and logistic
regression, and the card itself rebuilt from the estimator pair that its learned curves come from.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from bench.measure import CPU, Benchmark, Goal, NotMeasurable, Side, scaled, timed
from explain.attribution import attribute, background_of
from model.card import load_card
from model.inputs import Criterion
from model.units import PooledInput, PooledInputs
from sources.activity import Platform

ROWS = 2000
PEER_ROWS = 100
_FITTED_ROWS = 400


def _against(pipeline: Callable[[], Any]) -> Callable[[float], AbstractContextManager[tuple[Side, Side]]]:
    @contextmanager
    def sides(work: float) -> Iterator[tuple[Side, Side]]:
        try:
            peer = pipeline()
        except ModuleNotFoundError as missing:
            raise NotMeasurable(f"{missing.name} is not installed") from None
        row = accounts(1)[0]
        yield (
            _scoring(row[0].tolist(), scaled(ROWS, work)),
            lambda: timed(lambda: peer.predict_proba(row), scaled(PEER_ROWS, work)),
        )

    return sides


def _scoring(row: list[float], rows: int) -> Side:
    card = load_card()
    background = background_of(card)
    inputs = {
        criterion: PooledInput(value, {Platform.X: value})
        for criterion, value in zip(Criterion, row, strict=True)
    }
    pooled = PooledInputs(networks=(), inputs=inputs)
    return lambda: timed(lambda: attribute(card, pooled, background), rows)  # the exact score is part of it


def accounts(count: int) -> tuple[Any, Any]:
    """Invented accounts, one column per criterion, and a judgement that follows their response."""
    draw = np.random.default_rng(7)
    fame = draw.normal(size=count)
    counts = np.round(np.exp(3 + fame[:, None] + draw.normal(size=(count, len(Criterion)))), 2)
    return counts, (fame + draw.normal(size=count) > 0).astype(int)


def spline_pipeline() -> Any:
    """What scikit-learn has for curves of the same kind, fitted to invented accounts."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    parts = StandardScaler(), SplineTransformer(n_knots=9, degree=1), LogisticRegression()
    return make_pipeline(*parts).fit(*accounts(_FITTED_ROWS))


def card_pipeline() -> Any:
    """The committed card itself, as a Pipeline that gives the same scores."""
    from model.pipeline import pipeline_of

    return pipeline_of(load_card())


ONE_ROW = Benchmark(
    "score-one-row",
    (
        Goal(
            "score-one-row",
            CPU,
            "Pipeline(StandardScaler, SplineTransformer, LogisticRegression).predict_proba",
            "row",
            least=200,
        ),
    ),
    _against(spline_pipeline),
)
ONE_ROW_PAIR = Benchmark(
    "score-one-row-pair",
    (
        Goal(
            "score-one-row-pair",
            CPU,
            "the card as Pipeline(MonotoneSplineBasis, SignBoundedLogistic).predict_proba",
            "row",
            least=200,
        ),
    ),
    _against(card_pipeline),
)
