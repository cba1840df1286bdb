"""The room of notices nobody acknowledged in time: who is silent, and what staff do about it (Art. 19).

It names recipients and no person; a pseudonym is shown to nobody here.
"""

from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import house
from app.forms import Form, read_form
from app.pages.staff import ROOMS, for_staff, on_duty
from app.staff import StaffRole
from rights.notice import ByHand, RecipientNotice
from rights.notice_outbox import confirm_by_hand, escalated, find_escalated, send_again
from vault.desk import Vault

pages = Blueprint("staff_notices", __name__)
ROOMS[StaffRole.PRIVACY].append(("staff_notices.show", "notices"))


class ConfirmForm(Form):
    """How it is known that the recipient carried it out, or cannot any more."""

    how = fields.Enum(ByHand, by_value=True, required=True)


class AgainForm(Form):
    """A button."""


@pages.get("/staff/notices")
@for_staff(StaffRole.PRIVACY)
def show() -> ResponseReturnValue:
    with house().open_reading_vault("staff", on_duty().alias) as vault:
        return render_template("staff-notices.html", waiting=escalated(vault))


@pages.get("/staff/notices/<uuid:notice_id>")
@for_staff(StaffRole.PRIVACY)
def look(notice_id: UUID) -> ResponseReturnValue:
    return _page(notice_id)


@pages.post("/staff/notices/<uuid:notice_id>/confirm")
@for_staff(StaffRole.PRIVACY)
def confirm(notice_id: UUID) -> ResponseReturnValue:
    values, unusable = read_form(ConfirmForm())
    if unusable:
        return _page(notice_id, unusable), 422
    with house().open_vault("staff", on_duty().alias) as vault:
        _require(vault, notice_id)
        confirm_by_hand(vault, notice_id, values["how"])
    return redirect(url_for("staff_notices.show"), 303)


@pages.post("/staff/notices/<uuid:notice_id>/again")
@for_staff(StaffRole.PRIVACY)
def again(notice_id: UUID) -> ResponseReturnValue:
    read_form(AgainForm())
    with house().open_vault("staff", on_duty().alias) as vault:
        _require(vault, notice_id)
        send_again(vault, notice_id)
    return redirect(url_for("staff_notices.look", notice_id=notice_id), 303)


def _page(notice_id: UUID, unusable: frozenset[str] = frozenset()) -> str:
    with house().open_reading_vault("staff", on_duty().alias) as vault:
        notice, recipient = find_escalated(vault, notice_id) or abort(404)
        return render_template(
            "staff-notice.html",
            notice=notice,
            recipient=recipient,
            ways=list(ByHand),
            unusable=unusable,
            is_due=notice.due_at <= vault.now(),
        )


def _require(vault: Vault, notice_id: UUID) -> RecipientNotice:
    found = find_escalated(vault, notice_id)
    return found[0] if found is not None else abort(404)
