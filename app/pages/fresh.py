"""The password once more, before what must not happen by an open browser alone.

    require_fresh()  ->  /confirm-password?next=/where/it/was  ->  back, and fresh for ten minutes

A view that gives data out or ends something calls `require_fresh` first, on its GET and on its POST.
"""

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.accounts import CredentialsWrong, reauthenticate
from app.current import house, is_own_path, signed_in
from app.errors import status_of
from app.forms import Form, only, read_form

pages = Blueprint("fresh", __name__)


class PasswordForm(Form):
    """The password, and the page somebody wanted to see."""

    password = fields.String(required=True)
    next = fields.String(load_default="/rights", validate=only(is_own_path))


def require_fresh() -> None:
    """Lead to the password and back, unless it was given within ten minutes.

    What a form held is not carried along: its page asks before it shows the form.
    """
    if not signed_in().is_fresh:
        abort(redirect(url_for("fresh.show", next=_page_at_hand()), 303))


@pages.get("/confirm-password")
def show() -> ResponseReturnValue:
    wanted = request.args.get("next", "/rights")
    return _form(wanted if is_own_path(wanted) else "/rights")


@pages.post("/confirm-password")
def send() -> ResponseReturnValue:
    values, unusable = read_form(PasswordForm())
    wanted = values.get("next", "/rights")
    if unusable:
        return _form(wanted, CredentialsWrong.slug), 422
    try:
        reauthenticate(house(), signed_in(), values["password"])
    except CredentialsWrong as refusal:
        return _form(wanted, refusal.slug), status_of(refusal)
    return redirect(wanted, 303)


def _page_at_hand() -> str:
    shown = request.method == "GET" or current_app.url_map.bind("").test(request.path, "GET")
    return request.full_path.rstrip("?") if shown else "/rights"


def _form(wanted: str, refusal: str | None = None) -> str:
    return render_template("confirm-password.html", for_staff=False, next=wanted, refusal=refusal)
