"""Where links of mails lead: confirming that one wants them, and ending them. No sign-in for either.

Mail programs and their filters open links by themselves; a GET therefore changes nothing. Ending is one POST
that mail programs send too (RFC 8058), so it carries no form token: its own token is the proof.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import Equal

from app.confirming import confirm_consent, find_to_confirm
from app.current import house
from app.forms import Form, require_form
from app.gpc import is_asked_now
from app.unsubscribing import require_genuine, unsubscribe

pages = Blueprint("mailing", __name__, url_prefix="/mail")


class ConfirmForm(Form):
    """The token of the link, and whether it is confirmed although a browser asks not to share."""

    token = fields.String(required=True)
    despite_signal = fields.String(load_default="", validate=Equal("true"))


@pages.get("/confirm")
def show() -> ResponseReturnValue:
    token = request.args.get("token", "")
    asked = find_to_confirm(house(), token, is_asked_now=is_asked_now())
    return render_template("mail-confirm.html", token_sent=token, asked=asked)


@pages.post("/confirm")
def confirm() -> ResponseReturnValue:
    values = require_form(ConfirmForm())
    confirm_consent(
        house(),
        values["token"],
        is_asked_now=is_asked_now(),
        despite_signal=values["despite_signal"] == "true",
    )
    return redirect(url_for("mailing.tell_confirmed"), 303)


@pages.get("/confirmed")
def tell_confirmed() -> ResponseReturnValue:
    return render_template("mail-said.html", said="confirmed")


@pages.get("/unsubscribe")
def ask() -> ResponseReturnValue:
    token = request.args.get("token", "")
    require_genuine(house(), token)
    return render_template("mail-unsubscribe.html", token_sent=token)


@pages.post("/unsubscribe")
def stop() -> ResponseReturnValue:
    unsubscribe(house(), request.args.get("token", ""))
    return render_template("mail-said.html", said="stopped")
