"""A score as an image: the right words in either language, the same bytes twice, no display needed."""

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from explain.attribution import Attribution, Baseline
from explain.shapley.plots import WORDS_IN_PLOTS, in_words, waterfall_image
from explain.shapley.values import attribute_rows
from explain.statement import CATALOGS
from explain.wording import Language, Words
from model.card import load_card
from model.inputs import Criterion
from tests.repository.checkout import ROOT

CARD = load_card()
WORDS = Words(WORDS_IN_PLOTS)
TEXT = re.compile(r"<!-- (.*?) -->")  # how matplotlib notes what the shapes below say


def of(**inputs: float) -> Attribution:
    """A score; a criterion that is not named is missing."""
    (attribution,) = attribute_rows(CARD, [{criterion: inputs.get(criterion) for criterion in Criterion}])
    return attribution


SOMEBODY = of(audience=2840, recognition=14, amplification=22.5, appreciation=115.4, consistency=52)


def said(image: bytes) -> list[str]:
    return TEXT.findall(image.decode())


def test_the_catalogs_of_plots_say_the_same_in_both_languages_and_every_word_is_used() -> None:
    english, german = WORDS.keys(Language.EN), WORDS.keys(Language.DE)

    assert english == german == {"missing", "score", "points", *Baseline}
    for key in english:
        assert WORDS.placeholders(key, Language.EN) == WORDS.placeholders(key, Language.DE)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, {"2,840 = Audience", "missing = Conversation", "22.5 = Amplification", "score points"}),
        (Language.DE, {"2.840 = Publikum", "fehlt = Gespräch", "22,5 = Verbreitung", "Score-Punkte"}),
    ],
)
def test_a_waterfall_names_criteria_inputs_and_what_is_missing(
    language: Language, expected: set[str]
) -> None:
    lines = said(waterfall_image(SOMEBODY, language, "svg"))

    assert expected <= set(lines)
    assert all(any(name in line for line in lines) for name in names(language))
    assert not any("f(x)" in line or "E[" in line or "nan" in line for line in lines)


def names(language: Language) -> list[str]:
    words = Words(CATALOGS)
    return [words.say(f"criterion.{criterion}.name", language) for criterion in Criterion]


@pytest.mark.parametrize("view", list(Baseline))
def test_the_bars_and_both_ends_of_a_waterfall_are_the_numbers_of_its_view(view: Baseline) -> None:
    parts = SOMEBODY.earned if view is Baseline.EMPTY_ACCOUNT else SOMEBODY.comparison

    lines = said(waterfall_image(SOMEBODY, Language.EN, "svg", view))

    bars = sorted(float(line.replace("−", "-")) for line in lines if re.match(r"[+−]\d", line))
    assert bars == pytest.approx(sorted(parts.values.values()), abs=0.005001)
    assert WORDS.say("score", Language.EN, exact=SOMEBODY.exact) in lines
    assert any(WORDS.say(view, Language.EN, base=parts.base_value) in line for line in lines)


def test_numbers_of_a_german_waterfall_have_a_decimal_comma() -> None:
    lines = said(waterfall_image(SOMEBODY, Language.DE, "svg"))

    decimals = [line for line in lines if re.match(r"[+−]?\d+[.,]\d{1,2}$", line)]
    assert len(decimals) > 6
    assert all("," in line for line in decimals)


def test_the_same_score_gives_the_same_bytes_also_in_another_process_without_a_display() -> None:
    program = (
        "import sys\n"
        "from explain.shapley.plots import waterfall_image\n"
        "from explain.wording import Language\n"
        "from tests.explain.test_plots import SOMEBODY\n"
        "for form in ('svg', 'png'):\n"
        "    sys.stdout.buffer.write(waterfall_image(SOMEBODY, Language.DE, form))"
    )
    environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    command = [sys.executable, "-c", program]

    drawn = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout

    svg = waterfall_image(SOMEBODY, Language.DE, "svg")
    png = waterfall_image(SOMEBODY, Language.DE, "png")
    assert drawn == svg + png
    assert b"date" not in svg.lower()


def test_a_png_is_one_of_a_readable_size() -> None:
    image = waterfall_image(SOMEBODY, Language.EN, "png")

    width, height = struct.unpack(">II", image[16:24])
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert 800 < width < 2400
    assert 400 < height < 1600


@pytest.mark.parametrize("view", list(Baseline))
@pytest.mark.parametrize(
    "attribution",
    [of(), of(**dict.fromkeys(Criterion, 0.0)), of(**dict.fromkeys(Criterion, 1e12)), of(consistency=3)],
    ids=["nothing known", "an empty account", "everything", "one figure"],
)
def test_the_ends_of_the_scale_can_be_drawn_too(attribution: Attribution, view: Baseline) -> None:
    lines = said(waterfall_image(attribution, Language.EN, "svg", view))

    assert WORDS.say("score", Language.EN, exact=attribution.exact) in lines


def test_the_settings_of_somebody_elses_plots_change_nothing_and_are_left_alone() -> None:
    import matplotlib.pyplot as plt

    before = waterfall_image(SOMEBODY, Language.EN, "svg")
    with plt.rc_context({"font.size": 30, "svg.fonttype": "none", "axes.facecolor": "red"}):
        drawn = waterfall_image(SOMEBODY, Language.EN, "svg")
        left = plt.rcParams["font.size"]

    assert drawn == before
    assert left == 30
    assert plt.get_fignums() == []


def test_the_words_are_put_into_a_copy_and_not_into_the_numbers() -> None:
    found = in_words(SOMEBODY, Language.DE)

    assert list(found.feature_names) == names(Language.DE)
    assert found.display_data[2] == "fehlt"
    assert found.values.tolist() == SOMEBODY.to_shap().values.tolist()


def test_where_matplotlib_is_not_installed_one_sentence_says_how_to_get_it(tmp_path: Path) -> None:
    archive, plot = tmp_path / "x.zip", tmp_path / "plot.svg"
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from pathlib import Path\n"
        "from tests.people import x_zip\n"
        f"Path({str(archive)!r}).write_bytes(x_zip())\n"
        f"sys.argv = ['klarwert', 'score', {str(archive)!r}, '--plot', {str(plot)!r}]\n"
        "from app.cli import main; main()"
    )
    command = [sys.executable, "-c", program]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "klarwert: A plot needs matplotlib: run `python3 run.py setup --development` first.\n"
    )
    assert not plot.exists()
