"""Explained scores as objects of `shap`, for its plots of a population; needs the `explain` extra.

One score is `Attribution.to_shap`; this stacks many of them. The values are the closed form of
`attribution.py`: nothing is estimated here, and tests/explain/test_shap.py proves them with shap itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from explain.attribution import Attribution, Baseline, attribute, background_of
from model.card import PointsCard
from model.extra import extra_for
from model.inputs import Criterion
from model.units import PooledInput, PooledInputs


def explanation_of(attributions: Sequence[Attribution], view: Baseline = Baseline.REFERENCE) -> Any:
    """One view of many scores as a `shap.Explanation` of shape (n_scores, 6), in score points.

    Raises:
        ExtraMissing: shap is not installed.
    """
    with extra_for("An object of shap"):
        import numpy as np
        import shap

    columns = (len(attributions), len(Criterion))
    each = [one.to_shap(view) for one in attributions]
    return shap.Explanation(
        values=np.array([one.values for one in each]).reshape(columns),
        base_values=np.array([one.base_values for one in each], dtype=np.float64),
        data=np.array([one.data for one in each]).reshape(columns),
        feature_names=[criterion.value for criterion in Criterion],
    )


def attribute_rows(
    card: PointsCard, rows: Sequence[Mapping[Criterion, float | None]]
) -> tuple[Attribution, ...]:
    """Each row of inputs in common units taken apart; `None` is a missing input."""
    background = background_of(card)
    return tuple(attribute(card, _pooled(row), background) for row in rows)


def reference_rows(card: PointsCard) -> tuple[dict[Criterion, float], ...]:
    """The card's published background, row by row: those one is compared with, none of them an account."""
    columns = (card.reference[criterion] for criterion in Criterion)
    return tuple(dict(zip(Criterion, row, strict=True)) for row in zip(*columns, strict=True))


def _pooled(row: Mapping[Criterion, float | None]) -> PooledInputs:
    return PooledInputs((), {criterion: PooledInput(row[criterion], {}) for criterion in Criterion})
