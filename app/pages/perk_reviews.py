"""The reviewer's room for offers: a no somebody asked to have looked at, and letting in or confirming it.

What can be let in stands in perks/review.py: as far down as the offer says, or where a reason was wrong. The
score is not touched here. That somebody looked is noted for the person.

Source: GDPR Art. 22(3).
"""

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.current import house
from app.errors import status_of
from app.forms import Form, read_form
from app.language import language
from app.pages.brand_offers import spoken
from app.pages.staff import ROOMS, for_staff, on_duty
from app.perks import reason_of, say_reason
from app.staff import StaffRole
from explain.statement import catalog
from explain.voice import Voice
from perks.eligibility import Code
from perks.life import State
from perks.participation import Participation, ParticipationUnknown
from perks.review import (
    MOST_SIGNS,
    AdmissionBeyond,
    ReviewUnfit,
    admit,
    confirm,
    may_admit,
    open_review,
    waiting,
)
from vault.desk import Vault
from vault.errors import DomainError

pages = Blueprint("staff_perk_reviews", __name__)
ROOMS[StaffRole.REVIEWER].append(("staff_perk_reviews.show", "eligibility"))
ADMIT, CONFIRM = "admit", "confirm"


class AnswerForm(Form):
    """Letting in or confirming, with reasons; which of the reasons against it were wrong."""

    action = fields.String(required=True, validate=validate.OneOf([ADMIT, CONFIRM]))
    reasons = fields.String(required=True)


_WRONG = {f"wrong_{code}": fields.String() for code in Code}
WrongForm = cast(type[Form], AnswerForm.from_dict(dict(_WRONG), name="WrongForm"))


@pages.get("/staff/eligibility")
@for_staff(StaffRole.REVIEWER)
def show() -> ResponseReturnValue:
    with house().open_reading_vault("reviewer", on_duty().alias) as vault:
        return render_template("staff-perks.html", waiting=waiting(vault))


@pages.get("/staff/eligibility/<uuid:participation_id>")
@for_staff(StaffRole.REVIEWER)
def look(participation_id: UUID) -> ResponseReturnValue:
    return _page(participation_id)


@pages.post("/staff/eligibility/<uuid:participation_id>")
@for_staff(StaffRole.REVIEWER)
def answer(participation_id: UUID) -> ResponseReturnValue:
    values, unusable = read_form(WrongForm())
    if unusable:
        return _page(participation_id, ReviewUnfit("reasons"), values), 422
    try:
        with house().open_vault("reviewer", on_duty().alias) as vault:
            participation = _require_waiting(vault, participation_id)
            if values["action"] == ADMIT:
                wrong = [code for code in Code if f"wrong_{code}" in values]
                admit(vault, participation, values["reasons"], wrong)
            else:
                confirm(vault, participation, values["reasons"])
    except (AdmissionBeyond, ReviewUnfit) as refusal:
        return _page(participation_id, refusal, values), status_of(refusal)
    return redirect(url_for("staff_perk_reviews.show"), 303)


def _page(
    participation_id: UUID, refusal: DomainError | None = None, values: dict[str, Any] | None = None
) -> str:
    voice = Voice(catalog(), language())
    with house().open_vault("reviewer", on_duty().alias) as vault:
        review = open_review(vault, _require_waiting(vault, participation_id))
        content = review.content or {}
        found = [reason_of(one) for one in content.get("reasons", ())]
        return render_template(
            "staff-perk.html",
            review=review,
            statement=(content.get("review") or {}).get("statement"),
            found=[(one.code, say_reason(one, voice)) for one in found],
            may_admit=may_admit(review),
            refusal=refusal.slug if refusal else None,
            values=values or {},
            most=MOST_SIGNS,
            **spoken(),
        )


def _require_waiting(vault: Vault, participation_id: UUID) -> Participation:
    """One that waits for a reviewer; any other is none of theirs."""
    found = vault.session.get(Participation, participation_id)
    if found is None or found.state is not State.IN_REVIEW:
        raise ParticipationUnknown
    return found
