"""The public page of a person who chose to have one; anything else is a 404 like any other."""

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from app.current import house
from app.profile import visit

pages = Blueprint("profile", __name__)


@pages.get("/p/<slug>")
def show(slug: str) -> ResponseReturnValue:
    shown = visit(house(), slug)
    return render_template("profile.html", shown=shown) if shown else abort(404)


@pages.after_request
def _ask_to_stay_away(response: Response) -> Response:
    # On every answer under this path, so that it says nothing about whether there is a page.
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
