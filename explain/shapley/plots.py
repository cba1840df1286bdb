"""shap's waterfall of one score as an image file, in English or German; needs the `explain` extra.

Drawn by `shap.plots.waterfall` from the closed form, then put into words: the criteria by name, a missing
input as missing, numbers as the language writes them. The same score gives the same bytes: no date, and
identifiers in the SVG that follow from its content. Needs no display.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from explain.attribution import Attribution, Baseline
from explain.statement import catalog
from explain.wording import Language, Words, say_number
from model.extra import extra_for
from model.inputs import Criterion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Form = Literal["png", "svg"]
WORDS_IN_PLOTS = Path(__file__).with_name("words")
_NO_DATE: dict[Form, dict[str, None]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}


def waterfall_image(
    attribution: Attribution, language: Language, form: Form, view: Baseline = Baseline.REFERENCE
) -> bytes:
    """The bytes of a PNG or SVG file that shows how one score comes about.

    Raises:
        ExtraMissing: shap or matplotlib is not installed.
    """
    with extra_for("A plot"):
        import matplotlib as mpl
        import matplotlib.pyplot as plt

    mpl.use("agg")
    with plt.style.context("default"), mpl.rc_context({"svg.hashsalt": "klarwert"}):
        figure = draw_waterfall(attribution, language, view)
        image = BytesIO()
        figure.savefig(image, format=form, dpi=150, bbox_inches="tight", metadata=_NO_DATE[form])
        plt.close(figure)
    return image.getvalue()


def draw_waterfall(
    attribution: Attribution, language: Language, view: Baseline = Baseline.REFERENCE
) -> "Figure":
    """The same as a figure of matplotlib's pyplot, for a notebook."""
    with extra_for("A plot"):
        import matplotlib.pyplot as plt
        import shap

    figure = plt.figure()
    shap.plots.waterfall(in_words(attribution, language, view), show=False)
    _translate(figure, attribution, language, view)
    return figure


def in_words(attribution: Attribution, language: Language, view: Baseline = Baseline.REFERENCE) -> Any:
    """A `shap.Explanation` with the criteria's names, and with inputs as people read them."""
    with extra_for("A plot"):
        import numpy as np

    words, plot_words = catalog(), Words(WORDS_IN_PLOTS)
    missing = plot_words.say("missing", language)
    found = attribution.to_shap(view)
    found.feature_names = [words.say(f"criterion.{criterion}.name", language) for criterion in Criterion]
    found.display_data = np.array(
        [_amount(value, missing, language) for value in map(attribution.inputs.get, Criterion)], dtype=object
    )
    return found


def _amount(value: float | None, missing: str, language: Language) -> str:
    return missing if value is None else say_number(value, language, _digits(value))


def _translate(figure: "Figure", attribution: Attribution, language: Language, view: Baseline) -> None:
    """Replace what shap writes in its own words: formulas at the two ends, and numbers of the language."""
    words = Words(WORDS_IN_PLOTS)
    axes, base_axis, score_axis = figure.axes
    parts = attribution.earned if view is Baseline.EMPTY_ACCOUNT else attribution.comparison
    base_axis.set_xticklabels(["\n" + words.say(view, language, base=parts.base_value), ""])
    score_axis.set_xticklabels([words.say("score", language, exact=attribution.exact), ""])
    axes.set_xlabel("\n" + words.say("points", language))
    axes.xaxis.set_major_formatter(_numbers(language))
    if language is Language.DE:
        for text in axes.texts:
            text.set_text(text.get_text().replace(".", ","))


def _numbers(language: Language) -> Callable[[float, float], str]:
    return lambda value, _: say_number(value, language, _digits(value))


def _digits(value: float) -> int:
    return 0 if value % 1 == 0 else 1
