"""`klarwert score --plot FILE`: one score as an image; loads shap and matplotlib only when asked."""

from os import fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from app.cli_printing import require_writable, write_whole

if TYPE_CHECKING:
    from model.scoring import ScoreResult

FORMS: dict[str, Literal["png", "svg"]] = {".png": "png", ".svg": "svg"}


class PlotFile(click.Path):
    """A file that a plot can be written to, refused before an archive is read: a large one takes its time."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(fsdecode(super().convert(value, param, ctx)))
        if path.suffix.lower() not in FORMS:
            raise click.ClickException("A plot is written as a .png or .svg file.")
        return path


PLOT = PlotFile(dir_okay=False, path_type=Path)


def write_plot(path: Path, result: "ScoreResult", language: str) -> None:
    """Draw how a score compares with the reference population: shap's waterfall."""
    from explain.attribution import compare
    from explain.shapley.plots import waterfall_image
    from explain.wording import Language
    from model.card import load_card
    from model.scoring import result_to_json

    require_writable(path)
    attribution = compare(load_card(), result_to_json(result))
    write_whole(path, waterfall_image(attribution, Language(language), FORMS[path.suffix.lower()]))
