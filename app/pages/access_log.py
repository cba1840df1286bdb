"""Who looked at one's data: everything others did with it or were refused (GDPR Art. 15(1)(c), C-579/21)."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.access_log import access_page
from app.current import house, signed_in
from consent.access import Shown

pages = Blueprint("access_log", __name__)
LAST_PAGE = 10_000


@pages.get("/rights/access-log")
def show() -> ResponseReturnValue:
    asked, number = request.args.get("show", ""), request.args.get("page", "1")
    shown = Shown(asked) if asked in {one.value for one in Shown} else Shown.ALL
    page = int(number) if number.isascii() and number.isdecimal() and len(number) <= 5 else 1
    with house().open_reading_vault() as vault:
        found = access_page(vault, signed_in().subject_id, shown, min(max(page, 1), LAST_PAGE))
    return render_template("access-log.html", found=found, shown=shown, every=tuple(Shown))
