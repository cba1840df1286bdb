"""Many scores at once, with their explanations: blocks of rows in, blocks of numbers out; numpy.

    block    shape (n_rows, 6), one column per criterion in the order of `Criterion`, common units,
             float64; NaN is a missing figure, which earns no points
    result   points f_j(x_j), differences f_j(x_j) - E f_j from the card's reference, exact scores

The same curves as in `model.curve`, a column at a time, equal to 1e-9: with slopes s_k of the pieces, which
end at the knots b_k, and a slope of 0 beyond the last,

    f(x) = sum over k of (s_k - s_(k+1)) * min(ln(1 + x), ln(1 + b_k))

which vector instructions compute in half the time that a search for the piece takes (np.interp). Memory
stays flat in the number of rows: a block is worked on in parts, and each result lies in the same arrays as
the one before. For populations and evaluation; the service never loads numpy.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.card import PointsCard
from model.curve import Curve, refused_input
from model.errors import InputsRefused
from model.inputs import Criterion

PART_ROWS = 16_384  # columns, hinges and results of so many rows about fit a processor core's own cache

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExplainedBlock:
    """Scores and both explanations of a block's rows; overwritten by the next block unless copied.

    points, differences: shape (n_rows, 6); exact: shape (n_rows,). With the card's base and the mean
    points of its reference, each row of either adds up to the exact score.
    """

    exact: Floats
    points: Floats
    differences: Floats

    def copy(self) -> Self:
        return type(self)(self.exact.copy(), self.points.copy(), self.differences.copy())


def explained_blocks(
    card: PointsCard, blocks: Iterable[Floats], *, most_rows: int = PART_ROWS
) -> Iterator[ExplainedBlock]:
    """Score and explain rows block by block, in their order.

    Args:
        blocks: of any number of rows each; column-major ones (`order="F"`) are read fastest.
        most_rows: a larger block is answered in several results of so many rows.

    Raises:
        InputsRefused: a block does not have one column per criterion, or holds a negative number.
    """
    curves = [_Hinges(card.curves[criterion]) for criterion in Criterion]
    means = np.array([[card.reference_means[criterion]] for criterion in Criterion])
    exact = np.empty(most_rows)
    points, differences = np.empty((2, len(curves), most_rows))
    scratch = np.empty((1 + max(len(curve.weights) for curve in curves), most_rows))
    for rows in _parts(blocks, most_rows):
        size = len(rows)
        for curve, column, earned in zip(curves, rows.T, points[:, :size], strict=True):
            curve.earn(column, earned, scratch)
        np.subtract(points[:, :size], means, out=differences[:, :size])
        np.sum(points[:, :size], axis=0, out=exact[:size])
        exact[:size] += card.base
        yield ExplainedBlock(exact[:size], points[:, :size].T, differences[:, :size].T)


def block_of(rows: Sequence[Sequence[float | None]]) -> Floats:
    """One block from rows as the card scores them one by one (`model.scoring.row_of`): missing is NaN."""
    return np.asfortranarray(np.array(rows, dtype=np.float64).reshape(len(rows), len(Criterion)))


def _parts(blocks: Iterable[Floats], most_rows: int) -> Iterator[Floats]:
    for block in blocks:
        if block.ndim != 2 or block.shape[1] != len(Criterion):
            raise InputsRefused(f"A block of inputs must have {len(Criterion)} columns.")
        for start in range(0, len(block), most_rows):
            yield block[start : start + most_rows]


class _Hinges:
    """One curve as a weighted sum of hinges, each rising up to its knot and flat from there."""

    def __init__(self, curve: Curve) -> None:
        self.criterion = curve.criterion
        self.edges = np.array(curve.log_knots[1:])[:, None]
        self.weights = -np.diff([*curve.slopes, 0.0])

    def earn(self, column: Floats, earned: Floats, scratch: Floats) -> None:
        """Write the points of a column; a missing figure earns none."""
        if np.any(column < 0):
            raise refused_input(self.criterion)
        z, hinges = scratch[0, : len(column)], scratch[1 : 1 + len(self.weights), : len(column)]
        np.log1p(column, out=z)
        np.fmax(z, 0.0, out=z)  # of a number and NaN the number: NaN becomes 0, which earns nothing
        np.minimum(z, self.edges, out=hinges)
        np.matmul(self.weights, hinges, out=earned)
