"""A copy of everything, to take along: asked for with the password, made by the worker, fetched once."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.accounts import CredentialsWrong, reauthenticate
from app.copy_file import copy_file, require_fetching
from app.current import house, signed_in
from app.errors import status_of
from app.exports import ANSWERED_BY_COPY, ExportView, ask_for_copy, exports, fetch_copy, find_export
from app.forms import Form, FormUnexpected, read_form
from app.jobs import JobState
from app.language import say
from rights.request import Channel, Right

pages = Blueprint("exports", __name__)


class ExportForm(Form):
    """The password once more, and under which right the copy is asked for."""

    right = fields.Enum(Right, by_value=True, load_default=Right.ACCESS, validate=OneOf(ANSWERED_BY_COPY))
    password = fields.String(required=True)


@pages.get("/rights/export")
def show() -> ResponseReturnValue:
    return _page()


@pages.post("/rights/export")
def ask() -> ResponseReturnValue:
    values, unusable = read_form(ExportForm())
    if "right" in unusable:
        raise FormUnexpected
    if unusable:
        return _page(CredentialsWrong.slug), 422
    try:
        reauthenticate(house(), signed_in(), values["password"])
    except CredentialsWrong as refusal:
        return _page(refusal.slug), status_of(refusal)
    channel = Channel.MAIL_CODE if signed_in().is_by_code else Channel.PAGE
    ask_for_copy(house(), signed_in(), values["right"], channel)
    return redirect(url_for("exports.show"), 303)


@pages.get("/rights/export/<uuid:copy_id>/state")
def tell_state(copy_id: UUID) -> ResponseReturnValue:
    return jsonify(_state(find_export(house(), signed_in(), copy_id)))


@pages.get("/rights/export/<uuid:copy_id>/copy")
def fetch(copy_id: UUID) -> ResponseReturnValue:
    require_fetching()
    return copy_file(fetch_copy(house(), signed_in(), copy_id))


def _page(refusal: str | None = None) -> str:
    made = exports(house(), signed_in())
    newest = made[0] if made else None
    return render_template(
        "export.html",
        copy=newest,
        state=_state(newest) if newest is not None else None,
        refusal=refusal,
    )


def _state(copy: ExportView) -> dict[str, Any]:
    is_over = copy.state in (JobState.DONE, JobState.FAILED)
    return {
        "state": copy.state,
        "percent": 100 if is_over else 0 if copy.state is JobState.QUEUED else 50,
        "is_over": is_over,
        "text": say(f"export.state_{copy.state}"),
    }
