"""The link in the mail to a brand's contact: a button, since mail filters open links by themselves.

Whoever reads that mailbox needs no account here, so the page is open to anybody with the link.
"""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.brands import confirm_by_link
from app.current import house
from app.forms import Form, require_form

pages = Blueprint("brand_contact", __name__)


class ContactForm(Form):
    """What the link said."""

    brand = fields.String(required=True)
    token = fields.String(required=True)


@pages.get("/brand/confirm")
def show() -> ResponseReturnValue:
    sent = {name: request.args.get(name, "") for name in ("brand", "token")}
    return render_template("brand-confirm.html", sent=sent, name=None)


@pages.post("/brand/confirm")
def send() -> ResponseReturnValue:
    values = require_form(ContactForm())
    return render_template(
        "brand-confirm.html", sent=values, name=confirm_by_link(house(), values["brand"], values["token"])
    )
