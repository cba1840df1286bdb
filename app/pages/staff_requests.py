"""The queue of requests, for staff who answer them: the list, one request, and what one may do with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import Email, Length, NoneOf

from app.answering import act, confirm, enter, open_one, queue
from app.current import house
from app.errors import status_of
from app.forms import Form, read_form
from app.jobs import JobKind
from app.pages.rights import WORDS_MOST
from app.pages.staff import ROOMS, for_staff, on_duty
from app.staff import StaffRole
from explain.wording import Language
from rights.answering import answer, ask, propose_refusal, reject_refusal, take_up
from rights.clock import ExtensionReason, extend, resume
from rights.refusal import Refusal, RefusalReason, letter_not_held, reasons_for, standard_remedy
from rights.request import Item, ItemOutcome, Right, RightsRequest
from vault.desk import Vault
from vault.errors import DomainError

pages = Blueprint("staff_requests", __name__)
ROOMS[StaffRole.PRIVACY].append(("staff_requests.show_queue", "requests"))
PARTS = (1, 2, 3)
Step = Callable[[Vault, RightsRequest], None]


def _words(**options: Any) -> fields.String:
    return fields.String(validate=Length(0, WORDS_MOST), **options)


class ButtonForm(Form):
    """A button."""


class QuestionForm(Form):
    """A question to the person."""

    words = _words(required=True)
    about = fields.String(load_default="")


class ExtensionForm(Form):
    """Why more time is needed, as a code and in words to the person."""

    reason = fields.Enum(ExtensionReason, by_value=True, required=True)
    words = _words(required=True)


class AnswerForm(Form):
    """What became of each part, and the answer in words."""

    part_1 = _words(load_default="")
    part_2 = _words(load_default="")
    part_3 = _words(load_default="")
    outcome_1 = fields.Enum(ItemOutcome, by_value=True, load_default=ItemOutcome.DONE)
    outcome_2 = fields.Enum(ItemOutcome, by_value=True, load_default=ItemOutcome.DONE)
    outcome_3 = fields.Enum(ItemOutcome, by_value=True, load_default=ItemOutcome.DONE)
    words = _words(required=True)


class RefusalForm(Form):
    """The slots of a refusal (rights/refusal.py)."""

    reason = fields.Enum(
        RefusalReason, by_value=True, required=True, validate=NoneOf([RefusalReason.COMPELLING])
    )
    part = _words(required=True)
    fact = _words(required=True)
    rest = _words(load_default="")
    authority_name = _words(required=True)
    authority_url = _words(required=True)
    remedy = _words(required=True)


class LetterForm(Form):
    """What came by letter or by word."""

    address = fields.String(required=True, validate=Email())
    right = fields.Enum(Right, by_value=True, required=True)
    received_on = fields.Date(required=True)
    words = fields.String(required=True, validate=Length(1, WORDS_MOST))


def _button(step: Step) -> Callable[[dict[str, Any]], Step]:
    return lambda _values: step


def _asked(values: dict[str, Any]) -> Step:
    return lambda vault, found: ask(
        vault, found, values["words"], is_about_identity=values["about"] == "identity"
    )


def _extended(values: dict[str, Any]) -> Step:
    return lambda vault, found: extend(vault, found, values["reason"], values["words"])


def _answered(values: dict[str, Any]) -> Step:
    parts = [(values[f"part_{one}"].strip(), values[f"outcome_{one}"]) for one in PARTS]
    items = [Item(what, outcome) for what, outcome in parts if what]
    return lambda vault, found: answer(vault, found, items, values["words"])


def _proposed(values: dict[str, Any]) -> Step:
    return lambda vault, found: propose_refusal(vault, found, Refusal(**values))


# What one may do with a request: its form, its step, and the mail that follows.
ACTS: dict[str, tuple[type[Form], Callable[[dict[str, Any]], Step], JobKind | None]] = {
    "take-up": (ButtonForm, _button(take_up), None),
    "ask": (QuestionForm, _asked, JobKind.MAIL_REQUEST_NEWS),
    "go-on": (ButtonForm, _button(resume), None),
    "extend": (ExtensionForm, _extended, JobKind.MAIL_REQUEST_NEWS),
    "answer": (AnswerForm, _answered, JobKind.MAIL_REQUEST_ANSWERED),
    "propose-refusal": (RefusalForm, _proposed, None),
    "confirm-refusal": (ButtonForm, _button(confirm), JobKind.MAIL_REQUEST_ANSWERED),
    "reject-refusal": (ButtonForm, _button(reject_refusal), None),
}


@pages.get("/staff/requests")
@for_staff(StaffRole.PRIVACY)
def show_queue() -> ResponseReturnValue:
    return render_template("staff-requests.html", rows=queue(house()))


@pages.get("/staff/requests/enter")
@for_staff(StaffRole.PRIVACY)
def show_letter() -> ResponseReturnValue:
    return _letter({"received_on": house().clock().date()}, frozenset())


@pages.post("/staff/requests/enter")
@for_staff(StaffRole.PRIVACY)
def enter_letter() -> ResponseReturnValue:
    values, unusable = read_form(LetterForm())
    if values.get("received_on", date.min) > house().clock().date():
        unusable |= {"received_on"}
    if unusable:
        return _letter(values, unusable), 422
    reference = enter(
        house(), on_duty(), values["address"], values["right"], values["words"], values["received_on"]
    )
    if reference is not None:
        return redirect(url_for("staff_requests.show", reference=reference), 303)
    authority = house().config.controller.authority
    letters = {code: letter_not_held(code, authority.name, authority.url) for code in Language}
    return render_template("staff-not-held.html", letters=letters)


@pages.get("/staff/requests/<reference>")
@for_staff(StaffRole.PRIVACY)
def show(reference: str) -> ResponseReturnValue:
    return _request(reference)


@pages.post("/staff/requests/<reference>/<step>")
@for_staff(StaffRole.PRIVACY)
def act_on(reference: str, step: str) -> ResponseReturnValue:
    form, made, mail = ACTS.get(step) or abort(404)
    values, unusable = read_form(form())
    if unusable:
        return _request(reference, step, values, unusable=unusable), 422
    try:
        act(house(), on_duty(), reference, made(values), mail)
    except DomainError as refusal:
        return _request(reference, step, values, refusal=refusal.slug), status_of(refusal)
    return redirect(url_for("staff_requests.show", reference=reference), 303)


def _letter(values: dict[str, Any], unusable: frozenset[str]) -> str:
    return render_template("staff-enter.html", values=values, unusable=unusable, rights=list(Right))


def _request(
    reference: str,
    step: str | None = None,
    values: dict[str, Any] | None = None,
    refusal: str | None = None,
    unusable: frozenset[str] = frozenset(),
) -> str:
    opened = open_one(house(), on_duty(), reference)
    return render_template(
        "staff-request.html",
        opened=opened,
        on_duty=on_duty(),
        authority=house().config.controller.authority,
        remedy=standard_remedy(opened.language),
        outcomes=[ItemOutcome.DONE, ItemOutcome.NOT_HELD],
        reasons=reasons_for(opened.row.right),
        extensions=list(ExtensionReason),
        parts=PARTS,
        step=step,
        values=values or {},
        refusal=refusal,
        unusable=unusable,
        path=request.path,
    )
