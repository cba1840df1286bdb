"""Staff signing in and out, and what each role may open; people's own pages know nothing of this."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from werkzeug.wrappers import Response

from app.current import house
from app.errors import status_of
from app.forms import Form, read_form
from app.security import cookie_name
from app.staff import (
    LASTS,
    OnDuty,
    StaffCredentialsWrong,
    StaffRole,
    StaffRoleMissing,
    find_on_duty,
    sign_in_staff,
    sign_out_staff,
)

pages = Blueprint("staff", __name__)
# What each role finds on its first page: endpoint and the words of the link (staff.<word>).
ROOMS: dict[StaffRole, list[tuple[str, str]]] = {role: [] for role in StaffRole}
View = Callable[..., ResponseReturnValue]


class StaffSignInForm(Form):
    """Alias and password."""

    alias = fields.String(required=True)
    password = fields.String(required=True)


class LeaveForm(Form):
    """A button."""


def find_staff() -> OnDuty | None:
    """Who of the staff this browser belongs to; looked up once a request."""
    if "on_duty" not in g:
        token = request.cookies.get(cookie_name(house().config, "staff"), "")
        g.on_duty = find_on_duty(house(), token) if token else None
    return g.on_duty if isinstance(g.on_duty, OnDuty) else None


def on_duty() -> OnDuty:
    """Who of the staff is signed in, on a page that `for_staff` guards."""
    found = find_staff()
    if found is None:
        raise StaffRoleMissing
    return found


def for_staff(*roles: StaffRole) -> Callable[[View], View]:
    """A view that only these roles may open; everybody else is asked to sign in, or refused."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **named: Any) -> ResponseReturnValue:
            found = find_staff()
            if found is None:
                return redirect(url_for("staff.sign_in"), 303)
            if found.role not in roles:
                raise StaffRoleMissing
            return view(*args, **named)

        return guarded

    return guard


@pages.get("/staff")
@for_staff(*StaffRole)
def show() -> ResponseReturnValue:
    return render_template("staff.html", on_duty=on_duty(), rooms=ROOMS[on_duty().role])


@pages.get("/staff/sign-in")
def sign_in() -> ResponseReturnValue:
    if find_staff() is not None:
        return redirect(url_for("staff.show"), 303)
    return render_template("staff-sign-in.html", values={}, unusable=frozenset(), refusal=None)


@pages.post("/staff/sign-in")
def send() -> ResponseReturnValue:
    values, unusable = read_form(StaffSignInForm())
    refusal = None
    if not unusable:
        try:
            token = sign_in_staff(house(), values["alias"], values["password"])
            return _keep(make_response(redirect(url_for("staff.show"), 303)), token)
        except StaffCredentialsWrong as refused:
            refusal = refused
    page = render_template(
        "staff-sign-in.html",
        values={"alias": values.get("alias", "")},
        unusable=unusable,
        refusal=refusal.slug if refusal else None,
    )
    return page, status_of(refusal) if refusal else 422


@pages.post("/staff/sign-out")
def leave() -> ResponseReturnValue:
    read_form(LeaveForm())
    if (found := find_staff()) is not None:
        sign_out_staff(house(), found.session_id)
    gone = make_response(redirect(url_for("staff.sign_in"), 303))
    gone.delete_cookie(cookie_name(house().config, "staff"), path="/", samesite="Strict", httponly=True)
    return gone


def _keep(response: Response, token: str) -> Response:
    response.set_cookie(
        cookie_name(house().config, "staff"),
        token,
        max_age=int(LASTS.total_seconds()),
        secure=house().config.is_https,
        httponly=True,
        samesite="Strict",
        path="/",
    )
    return response
