"""Confirming an address: the link shows a button, and only the button confirms.

Mail programs and their filters open links by themselves; a GET therefore changes nothing.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.accounts import confirm
from app.current import house
from app.forms import Form, require_form

pages = Blueprint("confirmation", __name__)


class ConfirmForm(Form):
    """The token of the link."""

    token = fields.String(required=True)


@pages.get("/confirm")
def show() -> ResponseReturnValue:
    return render_template("confirm.html", token_sent=request.args.get("token", ""))


@pages.post("/confirm")
def send() -> ResponseReturnValue:
    confirm(house(), require_form(ConfirmForm())["token"])
    return redirect(url_for("signing.show", said="confirmed"), 303)
