"""Restricting processing and objecting to it: in force with the answer, ended with a button (Art. 18, 21)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.current import house, signed_in
from app.forms import Form, read_form, require_form
from app.limiting import (
    STATEMENT_MOST,
    end_own_objection,
    end_own_restrictions,
    make_objection,
    restrict_processing,
    standing,
)
from consent.limits import Ground
from rights.objection import About
from rights.request import Channel
from rights.restriction import GROUNDS

pages = Blueprint("limiting", __name__)
SAID = frozenset({"restricted", "ended", "objected", "taken_back"})


class RestrictForm(Form):
    """A ground of Art. 18(1), and why in one's own words."""

    ground = fields.Enum(Ground, by_value=True, required=True, validate=validate.OneOf(GROUNDS))
    statement = fields.String(load_default="", validate=validate.Length(max=STATEMENT_MOST))


class ObjectForm(Form):
    """What one objects to, and why."""

    about = fields.Enum(About, by_value=True, required=True)
    statement = fields.String(load_default="", validate=validate.Length(max=STATEMENT_MOST))


class TakeBackForm(Form):
    """Which objection ends."""

    about = fields.Enum(About, by_value=True, required=True)


class EndForm(Form):
    """A button."""


@pages.get("/rights/restrict")
def show_restrict() -> ResponseReturnValue:
    return _page("restrict.html")


@pages.post("/rights/restrict")
def send_restrict() -> ResponseReturnValue:
    values, unusable = read_form(RestrictForm())
    if unusable:
        return _page("restrict.html", values, unusable), 422
    restrict_processing(house(), signed_in().subject_id, values["ground"], values["statement"], Channel.PAGE)
    return redirect(url_for("limiting.show_restrict", said="restricted"), 303)


@pages.post("/rights/restrict/end")
def end_restrict() -> ResponseReturnValue:
    require_form(EndForm())
    end_own_restrictions(house(), signed_in().subject_id)
    return redirect(url_for("limiting.show_restrict", said="ended"), 303)


@pages.get("/rights/object")
def show_object() -> ResponseReturnValue:
    return _page("object.html")


@pages.post("/rights/object")
def send_object() -> ResponseReturnValue:
    values, unusable = read_form(ObjectForm())
    if unusable:
        return _page("object.html", values, unusable), 422
    make_objection(house(), signed_in().subject_id, values["about"], values["statement"], Channel.PAGE)
    return redirect(url_for("limiting.show_object", said="objected"), 303)


@pages.post("/rights/object/end")
def end_object() -> ResponseReturnValue:
    end_own_objection(house(), signed_in().subject_id, require_form(TakeBackForm())["about"])
    return redirect(url_for("limiting.show_object", said="taken_back"), 303)


def _page(name: str, values: dict[str, Any] | None = None, unusable: frozenset[str] = frozenset()) -> str:
    with house().open_reading_vault() as vault:
        now = standing(vault, signed_in().subject_id)
    said = request.args.get("said")
    return render_template(
        name,
        standing=now,
        grounds=GROUNDS,
        abouts=[about for about in About if about not in now.objected],
        values=values or {},
        unusable=unusable,
        most=STATEMENT_MOST,
        said=said if said in SAID else None,
    )
