"""The room of restrictions and objections: what stands still, why, and weighing it (Art. 18(3), 21(1)).

Opening one is noted to its person. A restriction ends by staff only after its person was told by mail; an
objection is overridden only by two members of staff, with compelling grounds in writing.
"""

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.answering import confirm, language_of
from app.current import house
from app.errors import status_of
from app.forms import Form, require_form
from app.jobs import JobKind, enqueue
from app.pages.staff import ROOMS, for_staff, on_duty
from app.requests import tell
from app.staff import StaffRole
from consent.access import note_read
from consent.gate import permits_for_rights
from consent.limits import LimitKind, ProcessingLimit, every_standing_limit
from consent.purpose import RIGHTS
from rights.answering import find_refusal
from rights.errors import (
    LiftTooEarly,
    ObjectionAbsolute,
    ReasonsMissing,
    RequestStateWrong,
    SecondPersonNeeded,
)
from rights.objection import limits_of_request, propose_override, uphold
from rights.request import Right, RightsRequest, find_by_reference, lines_of
from rights.restriction import announce_lift, lift_as_staff, lift_due_at
from vault.desk import Vault
from vault.errors import DomainError

pages = Blueprint("staff_limits", __name__)
ROOMS[StaffRole.PRIVACY].append(("staff_limits.show", "limits"))
ACTIONS = ("uphold", "override", "confirm", "announce", "lift")
REFUSALS = (LiftTooEarly, ObjectionAbsolute, ReasonsMissing, RequestStateWrong, SecondPersonNeeded)
WRITTEN_MOST = 4000


class WeighForm(Form):
    """What is decided, and why."""

    action = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    reasons = fields.String(load_default="", validate=validate.Length(max=WRITTEN_MOST))


@pages.get("/staff/limits")
@for_staff(StaffRole.PRIVACY)
def show() -> ResponseReturnValue:
    with house().open_reading_vault("staff", on_duty().alias) as vault:
        standing = every_standing_limit(vault)
        requests = {made.reference: find_by_reference(vault, made.reference) for made in standing}
    return render_template("staff-limits.html", standing=standing, requests=requests)


@pages.get("/staff/limits/<reference>")
@for_staff(StaffRole.PRIVACY)
def look(reference: str) -> ResponseReturnValue:
    return _page(reference)


@pages.post("/staff/limits/<reference>")
@for_staff(StaffRole.PRIVACY)
def weigh(reference: str) -> ResponseReturnValue:
    values = require_form(WeighForm())
    try:
        with house().open_vault("staff", on_duty().alias) as vault:
            _carry_out(vault, _require(vault, reference), values["action"], values["reasons"])
    except REFUSALS as refusal:
        return _page(reference, refusal), status_of(refusal)
    return redirect(url_for("staff_limits.look", reference=reference), 303)


def _carry_out(vault: Vault, request: RightsRequest, action: str, reasons: str) -> None:
    if action == "uphold":
        uphold(vault, request, reasons)
        tell(vault, request, JobKind.MAIL_REQUEST_ANSWERED)
    elif action == "override":
        authority = house().config.controller.authority
        propose_override(vault, request, reasons, authority, language_of(vault, request))
    elif action == "confirm":
        confirm(vault, request)
        tell(vault, request, JobKind.MAIL_REQUEST_ANSWERED)
    for made in _restrictions(vault, request):
        if action == "announce" and made.lift_announced_at is None:
            announce_lift(vault, made, reasons)
            tell(vault, request, JobKind.MAIL_RESTRICTION_ENDS)
        elif action == "lift":
            lift_as_staff(vault, made, _notice())
            enqueue(vault, request.subject_id, JobKind.SCORE)


def _page(reference: str, refusal: DomainError | None = None) -> str:
    with house().open_vault("staff", on_duty().alias) as vault:
        request = _require(vault, reference)
        permit = permits_for_rights(vault, request.subject_id)[RIGHTS]
        lines = lines_of(vault, request)
        note_read(vault, permit, "rights_request.content")
        standing = limits_of_request(vault, request)
        due = [lift_due_at(made, _notice()) for made in standing if made.kind is LimitKind.RESTRICTED]
        return render_template(
            "staff-limit.html",
            request=request,
            lines=lines,
            proposal=find_refusal(vault, request),
            standing=standing,
            lift_due_at=due[0] if due else None,
            now=vault.now(),
            alias=on_duty().alias,
            refusal=refusal.slug if refusal else None,
            most=WRITTEN_MOST,
        )


def _restrictions(vault: Vault, request: RightsRequest) -> list[ProcessingLimit]:
    return [made for made in limits_of_request(vault, request) if made.kind is LimitKind.RESTRICTED]


def _require(vault: Vault, reference: str) -> RightsRequest:
    request = find_by_reference(vault, reference)
    is_of_this_room = request is not None and request.right in (Right.RESTRICTION, Right.OBJECTION)
    return request if request is not None and is_of_this_room else abort(404)


def _notice() -> timedelta:
    return timedelta(days=house().config.lift_notice_days)
