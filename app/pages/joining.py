"""Joining: the same answer whether an address is known or not (app/accounts.py says how)."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.accounts import AddressInvalid, join
from app.ages import DeclaredAge, require_old_enough
from app.current import house
from app.forms import Form, read_form
from app.language import language
from app.passwords import PASSWORD_LEAST, PasswordUnfit
from consent.errors import TooYoung

pages = Blueprint("joining", __name__)


class JoinForm(Form):
    """Address, password, and a declared age, of which only the band is kept."""

    address = fields.String(required=True)
    password = fields.String(required=True)
    age = fields.String(required=True, validate=OneOf([*DeclaredAge]))


@pages.get("/join")
def show() -> ResponseReturnValue:
    return _form({}, frozenset())


@pages.post("/join")
def send() -> ResponseReturnValue:
    values, unusable = read_form(JoinForm())
    if unusable:
        return _form(values, unusable), 422
    try:
        age_band = require_old_enough(house(), DeclaredAge(values["age"]))
        join(house(), values["address"], values["password"], language(), age_band)
    except TooYoung:
        return redirect(url_for("joining.tell_too_young"), 303)
    except AddressInvalid:
        return _form(values, frozenset({"address"})), 422
    except PasswordUnfit:
        return _form(values, frozenset({"password"})), 422
    return redirect(url_for("joining.tell_sent"), 303)


@pages.get("/join/sent")
def tell_sent() -> ResponseReturnValue:
    return render_template("sent.html")


@pages.get("/join/too-young")
def tell_too_young() -> ResponseReturnValue:
    return render_template("too-young.html")


def _form(values: dict[str, Any], unusable: frozenset[str]) -> str:
    kept = {name: value for name, value in values.items() if name != "password"}
    return render_template(
        "join.html", values=kept, unusable=unusable, least=PASSWORD_LEAST, ages=list(DeclaredAge)
    )
