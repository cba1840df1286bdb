"""Who has something of one's data: recipients by name, what they got, and what they were told since."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.current import house, signed_in
from app.recipients import holders

pages = Blueprint("recipients", __name__)


@pages.get("/rights/recipients")
def show() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        found = holders(vault, signed_in().subject_id)
    return render_template("recipients.html", holders=found)
