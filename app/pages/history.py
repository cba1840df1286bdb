"""Every score that may still be read, as a line and as a table."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.chart import height_of, steps
from app.current import house, signed_in
from consent.notice import NAMES
from explain.report import score_history

pages = Blueprint("history", __name__)


@pages.get("/history")
def show() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        points = score_history(vault, signed_in().subject_id)
    chart = steps([(point.computed_at, point.score) for point in reversed(points)])
    return render_template("history.html", points=points, chart=chart, names=NAMES, height_of=height_of)
