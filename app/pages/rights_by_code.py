"""One's rights without signing in: an address, a code by mail, and the pages of rights open.

The pages are the same whether an address is known or not.
"""

from flask import Blueprint, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import find_signed_in, house, keep_session
from app.errors import status_of
from app.forms import Form, read_form
from app.rights_code import RightsCodeWrong, redeem_code, request_code
from app.sessions import SessionKind, sign_out

pages = Blueprint("rights_by_code", __name__)


class AddressForm(Form):
    """Where the code is to go."""

    address = fields.Email(required=True)


class CodeForm(Form):
    """The code, and the address it was mailed to."""

    address = fields.Email(required=True)
    code = fields.String(required=True)


@pages.get("/rights/without-sign-in")
def show() -> ResponseReturnValue:
    return render_template("rights-by-code.html", values={}, unusable=frozenset())


@pages.post("/rights/without-sign-in")
def send_code() -> ResponseReturnValue:
    values, unusable = read_form(AddressForm())
    if unusable:
        return render_template("rights-by-code.html", values=values, unusable=unusable), 422
    request_code(house(), values["address"])
    return _code_form(values["address"])


@pages.post("/rights/without-sign-in/code")
def open_rights() -> ResponseReturnValue:
    values, unusable = read_form(CodeForm())
    if "address" in unusable:
        return render_template("rights-by-code.html", values=values, unusable=unusable), 422
    try:
        token = redeem_code(house(), values["address"], values.get("code", ""), SessionKind.RIGHTS)
    except RightsCodeWrong as refusal:
        return _code_form(values["address"], refusal.slug), status_of(refusal)
    session.clear()
    if (earlier := find_signed_in()) is not None:
        sign_out(house(), earlier.session_id)
    return keep_session(make_response(redirect(url_for("rights.show"), 303)), token)


def _code_form(address: str, refusal: str | None = None) -> str:
    return render_template("rights-code.html", address=address, refusal=refusal)
