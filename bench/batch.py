"""Many rows scored and explained, against the same from scikit-learn and shap; rows per CPU second.

Ours gives exact scores and both explanations at once (`model.batch`). The peers get the same blocks:

    spline pipeline   scikit-learn's own spline and logistic regression: decision_function, no explanation
    card's pipeline   the committed card rebuilt from our estimators: decision_function, no explanation
    LinearExplainer   of shap, on the card's ramps, summed per criterion: explanations over the same reference

All compute on one thread (`bench/__init__.py`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from bench.measure import CPU, Benchmark, Costs, Goal, NotMeasurable, Side, scaled, timed
from bench.scoring import accounts, card_pipeline, spline_pipeline
from model.batch import Floats, explained_blocks
from model.card import load_card
from model.inputs import Criterion

BLOCKS, BLOCK_ROWS = 8, 50_000
SMALLEST_WORK = 0.05  # of a block: below it a row costs what its block costs
FIXED_RATE = 500_000  # rows per CPU second
Peer = Callable[[], Callable[[Floats], object]]


def _against(peer: Peer) -> Callable[[float], AbstractContextManager[tuple[Side, Side]]]:
    @contextmanager
    def sides(work: float) -> Iterator[tuple[Side, Side]]:
        try:
            act = peer()
        except ModuleNotFoundError as missing:
            raise NotMeasurable(f"{missing.name} is not installed") from None
        block, blocks = _block(work), scaled(BLOCKS, work)
        yield _explaining(block, blocks), lambda: timed(lambda: act(block), blocks, len(block))

    return sides


@contextmanager
def _against_a_fixed_rate(work: float) -> Iterator[tuple[Side, Side]]:
    yield _explaining(_block(work), scaled(BLOCKS, work)), lambda: {CPU: 1 / FIXED_RATE}


def _block(work: float) -> Floats:
    """Invented accounts, column-major as a reader of columns has them."""
    rows, _ = accounts(scaled(BLOCK_ROWS, max(work, SMALLEST_WORK)))
    return np.asfortranarray(rows)


def _explaining(block: Floats, blocks: int) -> Side:
    card = load_card()

    def explain_all() -> float:
        given = (block for _ in range(blocks))
        return sum(float(done.exact[0]) for done in explained_blocks(card, given))

    def measure() -> Costs:
        return timed(explain_all, 1, blocks * len(block))

    return measure


def _spline_decision() -> Callable[[Floats], object]:
    decide: Callable[[Floats], object] = spline_pipeline().decision_function
    return decide


def _card_decision() -> Callable[[Floats], object]:
    decide: Callable[[Floats], object] = card_pipeline().decision_function
    return decide


def linear_explainer() -> Callable[[Floats], Floats]:
    """Rows to one attribution per criterion, in logits."""
    import shap

    basis, judged = (step for _, step in card_pipeline().steps)
    card = load_card()
    reference = basis.transform(np.column_stack([card.reference[criterion] for criterion in Criterion]))
    masker = shap.maskers.Independent(reference, max_samples=len(reference))
    explainer: Any = shap.LinearExplainer((judged.coef_, 0.0), masker)
    first_ramps = np.flatnonzero(np.diff(basis.groups(), prepend=-1))
    return lambda block: np.add.reduceat(explainer.shap_values(basis.transform(block)), first_ramps, axis=1)


def _goal(name: str, peer: str, least: float) -> Goal:
    return Goal(name, CPU, peer, "row", least=least, as_rate=True)


BATCH_PIPELINE = Benchmark(
    "batch-pipeline",
    (_goal("batch-pipeline", "Pipeline(StandardScaler, SplineTransformer, LogisticRegression), batch", 5),),
    _against(_spline_decision),
)
BATCH_CARD_PIPELINE = Benchmark(
    "batch-card-pipeline",
    (
        _goal(
            "batch-card-pipeline", "the card as Pipeline(MonotoneSplineBasis, SignBoundedLogistic), batch", 5
        ),
    ),
    _against(_card_decision),
)
BATCH_EXPLAINER = Benchmark(
    "batch-explainer",
    (_goal("batch-explainer", "shap.LinearExplainer on the card's ramps, summed per criterion", 8),),
    _against(linear_explainer),
)
BATCH_RATE = Benchmark(
    "batch-rate",
    (_goal("batch-rate", f"{FIXED_RATE:,} rows per CPU second, a figure that depends on the machine", 1),),
    _against_a_fixed_rate,
)
