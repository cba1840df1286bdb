"""Joining: the same answer whether an address is known or not (app/accounts.py says how)."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import Equal

from app.accounts import AddressInvalid, join
from app.current import house
from app.forms import Form, read_form
from app.language import language
from app.passwords import PASSWORD_LEAST, PasswordUnfit

pages = Blueprint("joining", __name__)


class JoinForm(Form):
    """Address, password, and a declared age that is asked for and not stored."""

    address = fields.String(required=True)
    password = fields.String(required=True)
    is_of_age = fields.String(required=True, validate=Equal("yes"))


@pages.get("/join")
def show() -> ResponseReturnValue:
    return _form({}, frozenset())


@pages.post("/join")
def send() -> ResponseReturnValue:
    values, unusable = read_form(JoinForm())
    if unusable:
        return _form(values, unusable), 422
    try:
        join(house(), values["address"], values["password"], language())
    except AddressInvalid:
        return _form(values, frozenset({"address"})), 422
    except PasswordUnfit:
        return _form(values, frozenset({"password"})), 422
    return redirect(url_for("joining.tell_sent"), 303)


@pages.get("/join/sent")
def tell_sent() -> ResponseReturnValue:
    return render_template("sent.html")


def _form(values: dict[str, Any], unusable: frozenset[str]) -> str:
    kept = {name: value for name, value in values.items() if name != "password"}
    return render_template("join.html", values=kept, unusable=unusable, least=PASSWORD_LEAST)
