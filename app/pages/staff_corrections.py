"""The room of disputed figures: what was said, what counts now, what is asked; and correcting it (Art. 16).

A refusal is no button here: it goes the way of every request, with a letter and by two people.
"""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.current import house
from app.errors import status_of
from app.forms import Form, read_form
from app.pages.correcting import figure_name
from app.pages.staff import ROOMS, for_staff, on_duty
from app.rectifying import accept_correction, find_rectification
from app.staff import StaffRole
from rights.errors import RequestStateWrong
from rights.rectification import open_rectifications
from sources.correction import MOST
from sources.errors import FigureUnknown
from vault.errors import DomainError

pages = Blueprint("staff_corrections", __name__)
ROOMS[StaffRole.PRIVACY].append(("staff_corrections.show", "corrections"))
WRITTEN_MOST = 4000


class AcceptForm(Form):
    """What was found right, and words to the person."""

    value = fields.Integer(required=True, validate=validate.Range(0, MOST))
    reasons = fields.String(load_default="", validate=validate.Length(max=WRITTEN_MOST))


@pages.get("/staff/corrections")
@for_staff(StaffRole.PRIVACY)
def show() -> ResponseReturnValue:
    with house().open_reading_vault("staff", on_duty().alias) as vault:
        waiting = open_rectifications(vault)
    return render_template(
        "staff-waiting.html", room="staff.corrections", at="/staff/corrections", waiting=waiting
    )


@pages.get("/staff/corrections/<reference>")
@for_staff(StaffRole.PRIVACY)
def look(reference: str) -> ResponseReturnValue:
    return _page(reference)


@pages.post("/staff/corrections/<reference>")
@for_staff(StaffRole.PRIVACY)
def decide(reference: str) -> ResponseReturnValue:
    values, unusable = read_form(AcceptForm())
    if unusable:
        return _page(reference, unusable=unusable), 422
    try:
        accept_correction(house(), on_duty().alias, reference, values["value"], values["reasons"])
    except (FigureUnknown, RequestStateWrong) as refusal:
        return _page(reference, refusal), status_of(refusal)
    return redirect(url_for("staff_corrections.show"), 303)


def _page(reference: str, refusal: DomainError | None = None, unusable: frozenset[str] = frozenset()) -> str:
    with house().open_vault("staff", on_duty().alias) as vault:
        request, found = find_rectification(vault, reference)
        return render_template(
            "staff-correction.html",
            request=request,
            found=found,
            name=figure_name(found.figure),
            refusal=refusal.slug if refusal else None,
            unusable=unusable,
            most=WRITTEN_MOST,
        )
