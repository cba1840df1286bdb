"""The room where staff end a consent: revoked from now on, or invalidated because it never was one.

That is all staff can do about a consent; giving one is its person's alone. The person reads who and why.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.consents import end_consent
from app.current import house
from app.errors import status_of
from app.forms import Form, only, read_form
from app.pages.staff import ROOMS, for_staff, on_duty
from app.staff import StaffRole
from consent.decision import EndingDecision
from consent.errors import ConsentMissing
from consent.purpose import Basis, scope_of
from consent.record import Decision, EndReason
from vault.errors import SubjectUnknown

pages = Blueprint("staff_consents", __name__)
ROOMS[StaffRole.PRIVACY].append(("staff_consents.show", "consents"))
ENDS: dict[str, EndingDecision] = {"revoked": Decision.REVOKED, "invalidated": Decision.INVALIDATED}


def is_consented(scope: str) -> bool:
    """Whether a text names something that rests on consent."""
    try:
        return scope_of(scope).rule.basis is Basis.CONSENT
    except ValueError:
        return False


class EndForm(Form):
    """Whose consent ends, for what, how and why."""

    address = fields.String(required=True)
    scope = fields.String(required=True, validate=only(is_consented))
    decision = fields.String(required=True, validate=OneOf(ENDS))
    reason = fields.String(required=True, validate=OneOf([*EndReason]))


@pages.get("/staff/consents")
@for_staff(StaffRole.PRIVACY)
def show() -> ResponseReturnValue:
    return _page({}, frozenset(), said=request.args.get("said") == "ended")


@pages.post("/staff/consents")
@for_staff(StaffRole.PRIVACY)
def end() -> ResponseReturnValue:
    values, unusable = read_form(EndForm())
    if unusable:
        return _page(values, unusable), 422
    try:
        end_consent(
            house(),
            on_duty().alias,
            values["address"],
            scope_of(values["scope"]),
            ENDS[values["decision"]],
            EndReason(values["reason"]),
        )
    except (ConsentMissing, SubjectUnknown) as refusal:
        return _page(values, frozenset(), refusal=refusal.slug), status_of(refusal)
    return redirect(url_for("staff_consents.show", said="ended"), 303)


def _page(
    values: dict[str, Any], unusable: frozenset[str], *, refusal: str | None = None, said: bool = False
) -> str:
    return render_template(
        "staff-consents.html",
        values=values,
        unusable=unusable,
        refusal=refusal,
        said=said,
        ends=list(ENDS),
        reasons=list(EndReason),
    )
