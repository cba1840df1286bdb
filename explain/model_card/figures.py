"""The population figures of the model card, drawn by shap: who gets which points, and each criterion alone.

SVG bytes that depend on nothing but the card and the rows: no date, no display, a fixed salt for
identifiers, and shap's shuffling of dots from a fixed seed. Dots are rasterized, words are shapes. Single
scores: plots.py.
Imports shap and matplotlib, so only the command line and the tests load it.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import expm1, log1p
from typing import Any

import matplotlib as mpl
import numpy as np
import shap
from matplotlib import pyplot as plt
from matplotlib.ticker import FixedLocator, NullLocator

from explain.attribution import Baseline
from explain.shapley.values import attribute_rows, explanation_of
from model.card import PointsCard
from model.inputs import Criterion

_SEED = 2026
_DOTS_PER_INCH = 160
_LEAST_APART = 0.06  # of the axis, between two labelled knots
Rows = Sequence[Mapping[Criterion, float]]


def beeswarm(card: PointsCard, rows: Rows, names: Mapping[Criterion, str]) -> bytes:
    """Every row's points against the reference population, one line of dots per criterion."""
    explained = explanation_of(attribute_rows(card, rows))
    explained.feature_names = [names[criterion] for criterion in Criterion]
    explained.data = np.log1p(explained.data)  # the colour follows ln(1 + input), as the points do

    def draw() -> None:
        shap.plots.beeswarm(explained, show=False, plot_size=(7.2, 3.6), color_bar_label="input", s=9)
        plt.gca().set_xlabel("points more or less than the mean of the reference population", fontsize=11)

    return _svg(draw)


def dependence(card: PointsCard, rows: Rows, criterion: Criterion, counts: str) -> bytes:
    """One criterion's earned points over its input; the axis is straight in ln(1 + x), ticks at the knots.

    The line is the card's curve, the dots are what shap is given: none lies beside it, for an additive card
    has no interactions.
    """
    explained = explanation_of(attribute_rows(card, rows), Baseline.EMPTY_ACCOUNT)[:, criterion.value]
    curve = card.curves[criterion]

    def draw() -> None:
        _, axes = plt.subplots(figsize=(4.8, 2.9))
        shap.plots.scatter(explained, hist=False, x_jitter=0, dot_size=12, ax=axes, show=False)
        axes.plot(curve.knots, curve.values, color="#777777", linewidth=1, zorder=0)
        _straight_in_logs(axes, curve.knots)
        axes.set_xlabel(counts, fontsize=11)
        axes.set_ylabel("points earned", fontsize=11)

    return _svg(draw)


def _straight_in_logs(axes: Any, knots: Sequence[float]) -> None:
    end = log1p(knots[-1])
    axes.set_xscale("function", functions=(np.log1p, np.expm1))
    axes.set_xlim(expm1(-0.02 * end), expm1(1.04 * end))
    axes.xaxis.set_major_locator(FixedLocator(knots))
    axes.xaxis.set_minor_locator(NullLocator())
    crowded = {b for a, b in pairwise(knots) if log1p(b) - log1p(a) < _LEAST_APART * end}
    axes.set_xticklabels(["" if knot in crowded else _short(knot) for knot in knots], fontsize=9)


def _short(x: float) -> str:
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if x >= size:
            return f"{x / size:g}{sign}"
    return f"{x:g}"


def _svg(draw: Callable[[], object]) -> bytes:
    drawn = io.BytesIO()
    plt.switch_backend("agg")
    with (
        _fixed_draws(),
        plt.style.context("default"),
        mpl.rc_context({"svg.hashsalt": "klarwert", "svg.fonttype": "path"}),
    ):
        try:
            draw()
            figure = plt.gcf()
            for axes in figure.axes:
                for dots in axes.collections:
                    dots.set_rasterized(True)
            figure.savefig(
                drawn,
                format="svg",
                dpi=_DOTS_PER_INCH,
                bbox_inches="tight",
                metadata={"Date": None, "Creator": None},
            )
        finally:
            plt.close("all")
    return drawn.getvalue()


@contextmanager
def _fixed_draws() -> Iterator[None]:
    """shap shuffles with numpy's global generator; what it was before is put back."""
    before = np.random.get_state()
    np.random.seed(_SEED)
    try:
        yield
    finally:
        np.random.set_state(before)
