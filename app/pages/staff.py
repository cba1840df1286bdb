"""Staff signing in and out, and what each role may open; people's own pages know nothing of this."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, abort, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from werkzeug.wrappers import Response

from app.current import house, is_own_path
from app.errors import status_of
from app.forms import Form, only, read_form
from app.security import cookie_name
from app.staff import (
    LASTS,
    OnDuty,
    StaffCredentialsWrong,
    StaffRole,
    StaffRoleMissing,
    find_on_duty,
    reauthenticate_staff,
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


class StaffPasswordForm(Form):
    """The password, and the page somebody wanted to see."""

    password = fields.String(required=True)
    next = fields.String(load_default="/staff", validate=only(is_own_path))


class LeaveForm(Form):
    """A button."""


def find_staff() -> OnDuty | None:
    """Who of the staff this browser belongs to; looked up once a request."""
    if "on_duty" not in g:
        token = request.cookies.get(cookie_name(house().config, "staff"), "")
        g.on_duty = find_on_duty(house(), token) if token else None
    return g.on_duty if isinstance(g.on_duty, OnDuty) else None


@pages.app_context_processor
def _for_the_frame() -> dict[str, object]:
    """What the frame of every page asks on those of staff."""
    return {"find_staff": find_staff}


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


def require_fresh_staff() -> OnDuty:
    """Who is on duty, their password given within ten minutes; others are led to it and back."""
    found = on_duty()
    if not found.is_fresh:
        wanted = request.full_path.rstrip("?") if request.method == "GET" else "/staff"
        abort(redirect(url_for("staff.ask_password", next=wanted), 303))
    return found


@pages.get("/staff")
@for_staff(*StaffRole)
def show() -> ResponseReturnValue:
    return render_template("staff.html", on_duty=on_duty(), rooms=ROOMS[on_duty().role])


@pages.get("/staff/sign-in")
def sign_in() -> ResponseReturnValue:
    if find_staff() is not None:
        return redirect(url_for("staff.show"), 303)
    return render_template(
        "staff-sign-in.html", values={}, unusable=frozenset(), refusal=None, demo=_demo_staff()
    )


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
        demo=_demo_staff(),
    )
    return page, status_of(refusal) if refusal else 422


@pages.get("/staff/confirm-password")
@for_staff(*StaffRole)
def ask_password() -> ResponseReturnValue:
    wanted = request.args.get("next", "/staff")
    return _password_form(wanted if is_own_path(wanted) else "/staff")


@pages.post("/staff/confirm-password")
@for_staff(*StaffRole)
def take_password() -> ResponseReturnValue:
    values, unusable = read_form(StaffPasswordForm())
    wanted = values.get("next", "/staff")
    if unusable:
        return _password_form(wanted, StaffCredentialsWrong.slug), 422
    try:
        reauthenticate_staff(house(), on_duty(), values["password"])
    except StaffCredentialsWrong as refusal:
        return _password_form(wanted, refusal.slug), status_of(refusal)
    return redirect(wanted, 303)


@pages.post("/staff/sign-out")
def leave() -> ResponseReturnValue:
    read_form(LeaveForm())
    if (found := find_staff()) is not None:
        sign_out_staff(house(), found.session_id)
    gone = make_response(redirect(url_for("staff.sign_in"), 303))
    gone.delete_cookie(cookie_name(house().config, "staff"), path="/", samesite="Strict", httponly=True)
    return gone


def _demo_staff() -> tuple[tuple[str, str], ...]:
    if not house().config.demo:
        return ()
    from app.demo_audit import demo_staff  # what fills a demo is loaded in a demo only

    return demo_staff()


def _password_form(wanted: str, refusal: str | None = None) -> str:
    return render_template("confirm-password.html", for_staff=True, next=wanted, refusal=refusal)


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
