"""What one may demand, and one's own requests: what was asked, until when an answer is due, what was said."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import Length

from app.current import house, signed_in
from app.forms import Form, read_form
from app.requests import reply, take_in, view_whole, views_of, withdraw_request
from rights.request import Channel, Right

pages = Blueprint("rights", __name__)
WORDS_MOST = 4000
SAID = frozenset({"received", "replied", "withdrawn"})
# What one may demand, and the page that does it; a page that is not there (yet) has no link.
DEMANDS = (
    ("export", "/rights/export"),
    ("correct", "/rights/correct"),
    ("erase", "/account/erase"),
    ("restrict", "/rights/restrict"),
    ("object", "/rights/object"),
    ("review", "/rights/review"),
    ("consents", "/consents"),
    ("log", "/rights/access-log"),
    ("recipients", "/rights/recipients"),
)


class RequestForm(Form):
    """A demand in one's own words."""

    right = fields.Enum(Right, by_value=True, required=True)
    words = fields.String(required=True, validate=Length(1, WORDS_MOST))


class ReplyForm(Form):
    """What the person says about a request of theirs."""

    words = fields.String(required=True, validate=Length(1, WORDS_MOST))


class WithdrawForm(Form):
    """A button."""


@pages.get("/rights")
def show() -> ResponseReturnValue:
    return _hub({}, frozenset())


@pages.post("/rights/requests")
def ask() -> ResponseReturnValue:
    values, unusable = read_form(RequestForm())
    if unusable:
        return _hub(values, unusable), 422
    with house().open_vault("subject") as vault:
        channel = Channel.MAIL_CODE if signed_in().is_by_code else Channel.PAGE
        opened = take_in(vault, signed_in().subject_id, values["right"], channel, values["words"])
        reference = opened.reference
    return redirect(url_for("rights.show_request", reference=reference, said="received"), 303)


@pages.get("/rights/requests/<reference>")
def show_request(reference: str) -> ResponseReturnValue:
    return _request(reference)


@pages.post("/rights/requests/<reference>/reply")
def answer(reference: str) -> ResponseReturnValue:
    values, unusable = read_form(ReplyForm())
    if unusable:
        return _request(reference, unusable), 422
    with house().open_vault("subject") as vault:
        reply(vault, signed_in().subject_id, reference, values["words"])
    return redirect(url_for("rights.show_request", reference=reference, said="replied"), 303)


@pages.post("/rights/requests/<reference>/withdraw")
def withdraw(reference: str) -> ResponseReturnValue:
    read_form(WithdrawForm())
    with house().open_vault("subject") as vault:
        withdraw_request(vault, signed_in().subject_id, reference)
    return redirect(url_for("rights.show_request", reference=reference, said="withdrawn"), 303)


def _hub(values: dict[str, Any], unusable: frozenset[str]) -> str:
    served = current_app.url_map.bind("")
    with house().open_reading_vault() as vault:
        requests = views_of(vault, signed_in().subject_id)
    return render_template(
        "rights.html",
        demands=[(name, path if served.test(path, "GET") else None) for name, path in DEMANDS],
        rights=list(Right),
        requests=requests,
        values=values,
        unusable=unusable,
    )


def _request(reference: str, unusable: frozenset[str] = frozenset()) -> str:
    with house().open_reading_vault() as vault:
        found = view_whole(vault, signed_in().subject_id, reference)
    said = request.args.get("said")
    return render_template(
        "rights-request.html",
        request=found,
        authority=house().config.controller.authority,
        unusable=unusable,
        said=said if said in SAID and request.method == "GET" else None,
    )
