"""Notices a brand has still to carry out (Art. 19): what to erase, correct or freeze, and what became of it.

The same notices go to the brand's machine, signed; whichever answers first, it is answered once.
"""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.forms import Form, require_form
from app.pages.brand_door import acting, for_brand, looking, slug
from perks.team import Role
from rights.notice import Answer
from rights.notice_outbox import note_answer, open_notices

pages = Blueprint("brand_notices", __name__)
ANSWERS = (Answer.COMPLETED, Answer.CANCELLED, Answer.IN_PROGRESS)


class AnswerForm(Form):
    """Which notice, and what became of it."""

    notice = fields.UUID(required=True)
    answer = fields.Enum(Answer, by_value=True, required=True, validate=OneOf(ANSWERS))


@pages.get("/brand/<slug>/notices")
@for_brand()
def show() -> ResponseReturnValue:
    with looking() as (vault, member):
        return render_template(
            "brand-notices.html",
            member=member,
            notices=[(one, _offer_of(one.about)) for one in open_notices(vault, member.brand.recipient_id)],
            answers=ANSWERS,
            may_edit=member.role.includes(Role.EDITOR),
            is_said="said" in request.args,
        )


@pages.post("/brand/<slug>/notices")
@for_brand(Role.EDITOR)
def answer() -> ResponseReturnValue:
    values = require_form(AnswerForm())
    with acting() as (vault, member):
        note_answer(vault, member.brand.recipient_id, values["notice"], values["answer"])
    return redirect(url_for("brand_notices.show", slug=slug(), said="answered"), 303)


def _offer_of(about: str | None) -> UUID | None:
    """The offer whose consent has ended; None: everything the brand has of the person."""
    return UUID(about.rpartition("/")[2]) if about is not None else None
