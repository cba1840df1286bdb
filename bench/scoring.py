"""One row scored and explained, against `predict_proba` of a scikit-learn Pipeline on one row.

Ours reads the committed card: the exact score and both closed-form views of it. The peers, over as many
columns as the card has criteria, are scikit-learn's own spline and logistic regression, and the estimator
pair the card's learned curves come from.
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


def _made_by(pipeline: Callable[[], Any]) -> Callable[[float], AbstractContextManager[tuple[Side, Side]]]:
    @contextmanager
    def sides(work: float) -> Iterator[tuple[Side, Side]]:
        try:
            fitted = pipeline()
        except ModuleNotFoundError as missing:
            raise NotMeasurable(f"{missing.name} is not installed") from None
        counts, judged = _accounts()
        fitted.fit(counts, judged)
        row = counts[:1]
        yield (
            _scoring(counts[0].tolist(), scaled(ROWS, work)),
            lambda: timed(lambda: fitted.predict_proba(row), scaled(PEER_ROWS, work)),
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


def _accounts() -> tuple[Any, Any]:
    """Invented accounts, one column per criterion, and a judgement that follows their response."""
    draw = np.random.default_rng(7)
    fame = draw.normal(size=_FITTED_ROWS)
    counts = np.round(np.exp(3 + fame[:, None] + draw.normal(size=(_FITTED_ROWS, len(Criterion)))), 2)
    return counts, (fame + draw.normal(size=_FITTED_ROWS) > 0).astype(int)


def _sklearn_pipeline() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    return make_pipeline(StandardScaler(), SplineTransformer(n_knots=9, degree=1), LogisticRegression())


def _estimator_pair() -> Any:
    from sklearn.pipeline import make_pipeline

    from model.estimator import MonotoneSplineBasis, SignBoundedLogistic

    return make_pipeline(MonotoneSplineBasis(), SignBoundedLogistic())


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
    _made_by(_sklearn_pipeline),
)
ONE_ROW_PAIR = Benchmark(
    "score-one-row-pair",
    (
        Goal(
            "score-one-row-pair",
            CPU,
            "Pipeline(MonotoneSplineBasis, SignBoundedLogistic).predict_proba",
            "row",
            least=200,
        ),
    ),
    _made_by(_estimator_pair),
)
