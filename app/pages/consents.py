"""The consents: the whole notice, two equal buttons, and as easily taken back as given (GDPR Art. 7)."""

from itertools import groupby
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.consents import consent_states, decide, scopes
from app.current import house, signed_in
from app.errors import status_of
from app.forms import Form, only, require_form
from app.language import language
from app.profile import NAME_MOST, DisplayNameUnfit
from consent.errors import ConsentChanged, ConsentMissing, NoticeUnknown, TooYoung
from consent.purpose import Purpose, Scope
from consent.record import Choice, Surface

pages = Blueprint("consents", __name__)
OTHER = "-other"  # what was decided on is not the score, of which there is more to say
SAID = frozenset(Choice) | {Choice.GIVEN + OTHER, Choice.WITHDRAWN + OTHER}


class DecisionForm(Form):
    """One decision, about the words that were shown."""

    scope = fields.String(required=True, validate=only(lambda name: name in _scopes()))
    decision = fields.String(required=True, validate=validate.OneOf([*Choice]))
    notice_sha256 = fields.String(required=True)
    notice_language = fields.String(required=True, validate=validate.OneOf(["en", "de"]))
    seen = fields.Integer(required=True, validate=validate.Range(min=0))
    name = fields.String(load_default=None, validate=validate.Length(max=400))


@pages.get("/consents")
def show() -> ResponseReturnValue:
    said = request.args.get("said")
    return _page(said=said if said in SAID else None)


@pages.post("/consents")
def send() -> ResponseReturnValue:
    values = require_form(DecisionForm())
    try:
        decide(
            house(),
            signed_in().subject_id,
            _scopes()[values["scope"]],
            Choice(values["decision"]),
            language=values["notice_language"],
            notice_sha256=values["notice_sha256"],
            seen=values["seen"],
            surface=Surface.PAGE,
            name=values["name"],
        )
    except (ConsentChanged, ConsentMissing, NoticeUnknown, TooYoung, DisplayNameUnfit) as refusal:
        return _page(refusal=refusal.slug), status_of(refusal)
    return redirect(url_for("consents.show", said=_said(values)), 303)


def _said(values: dict[str, Any]) -> str:
    decision, scope = str(values["decision"]), _scopes()[values["scope"]]
    is_other = scope.purpose is not Purpose.SCORE_COMPUTE and decision != Choice.REFUSED
    return decision + OTHER if is_other else decision


def _scopes() -> dict[str, Scope]:
    return {str(scope): scope for scope in scopes()}


def _page(said: str | None = None, refusal: str | None = None) -> str:
    with house().open_reading_vault() as vault:
        states = consent_states(vault, signed_in().subject_id, language(), house().notices)
    purposes = groupby(states, key=lambda state: state.scope.purpose)
    grouped = [(purpose, list(of_purpose)) for purpose, of_purpose in purposes]
    return render_template(
        "consents.html",
        purposes=grouped,
        said=said,
        refusal=refusal,
        name_most=NAME_MOST,
        public_url=house().config.public_url,
    )
