"""Signing in and out."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.accounts import AccountSuspended, AddressUnconfirmed, CredentialsWrong, sign_in
from app.current import find_signed_in, forget_session, house, is_own_path, keep_session
from app.errors import status_of
from app.forms import Form, only, read_form
from app.sessions import SessionKind, sign_out

pages = Blueprint("signing", __name__)
SAID = frozenset({"confirmed", "signed-out"})


class SignInForm(Form):
    """Address and password, and the page somebody wanted to see."""

    address = fields.String(required=True)
    password = fields.String(required=True)
    next = fields.String(load_default="/", validate=only(is_own_path))


class SignOutForm(Form):
    """A button."""


@pages.get("/sign-in")
def show() -> ResponseReturnValue:
    if find_signed_in() is not None:
        return redirect("/", 303)
    wanted = request.args.get("next", "/")
    return _form({"next": wanted if is_own_path(wanted) else "/"})


@pages.post("/sign-in")
def send() -> ResponseReturnValue:
    values, unusable = read_form(SignInForm())
    if unusable:
        return _form(values, unusable), 422
    try:
        token = sign_in(house(), values["address"], values["password"], SessionKind.PAGE)
    except (CredentialsWrong, AddressUnconfirmed, AccountSuspended) as refusal:
        return _form(values, refusal=refusal.slug), status_of(refusal)
    _end_earlier_session()
    return keep_session(make_response(redirect(values["next"], 303)), token)


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    read_form(SignOutForm())
    _end_earlier_session()
    return forget_session(make_response(redirect(url_for("signing.show", said="signed-out"), 303)))


def _end_earlier_session() -> None:
    """A new sign-in takes a new session and a new form token; what an earlier one left is gone."""
    session.clear()
    if (earlier := find_signed_in()) is not None:
        sign_out(house(), earlier.session_id)


def _form(values: dict[str, Any], unusable: frozenset[str] = frozenset(), refusal: str | None = None) -> str:
    said = request.args.get("said")
    return render_template(
        "sign-in.html",
        values={name: value for name, value in values.items() if name != "password"},
        unusable=unusable,
        refusal=refusal,
        said=said if said in SAID and request.method == "GET" else None,
        demo=_demo_people(),
    )


def _demo_people() -> tuple[tuple[str, str, str], ...]:
    """Address, password, and who that is."""
    if not house().config.demo:
        return ()
    from app.demo import demo_people  # the generator of archives is loaded in a demo only
    from app.demo_months import demo_guests, demo_team

    creators = (*demo_people(house()), *demo_guests(house()))
    return (*((*one, "creator") for one in creators), *((*one, "brand") for one in demo_team()))
