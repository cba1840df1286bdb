"""What each problem type means: the pages that `type` in a problem document points to (RFC 9457 3.1.1)."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from app.errors import FORM_EXPIRED, STATUS, WEB_PROBLEMS

pages = Blueprint("problems", __name__)
# What the JSON face refuses by itself (api/refusing.py).
API_PROBLEMS = {
    "body-unreadable": 400,
    "fields-invalid": 422,
    "media-type-unsupported": 415,
    "token-missing": 401,
}


def statuses() -> dict[str, int]:
    """Every problem type with its HTTP status."""
    by_web = {said.slug: status for status, said in WEB_PROBLEMS.items()}
    by_domain = {kind.slug: status for kind, status in STATUS.items()}
    return dict(sorted((API_PROBLEMS | by_web | by_domain | {FORM_EXPIRED.slug: 400}).items()))


@pages.get("/problems")
def show_all() -> ResponseReturnValue:
    return render_template("problems.html", statuses=statuses())


@pages.get("/problems/<slug>")
def show(slug: str) -> ResponseReturnValue:
    if slug not in statuses():
        abort(404)
    return render_template("problem.html", slug=slug, status=statuses()[slug], is_explained=True)
