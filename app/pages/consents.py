"""The consents: the whole notice, two equal buttons, and as easily taken back as given (GDPR Art. 7)."""

from itertools import groupby

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.consents import consent_states, decide, scopes, stopped_by_signal
from app.current import house, signed_in
from app.errors import status_of
from app.forms import Form, only, require_form
from app.language import language
from app.profile import NAME_MOST, DisplayNameUnfit
from consent.errors import ConsentChanged, ConsentMissing, NoticeUnknown, SignalHeeded, TooYoung
from consent.purpose import Purpose, Scope
from consent.record import Choice, Surface
from consent.signal import heard_since

pages = Blueprint("consents", __name__)
OTHER = "-other"  # what was decided on is not the score, of which there is more to say
REQUESTED = "requested"
SAID = frozenset(Choice) | {Choice.GIVEN + OTHER, Choice.WITHDRAWN + OTHER, REQUESTED}
REFUSALS = (ConsentChanged, ConsentMissing, DisplayNameUnfit, NoticeUnknown, SignalHeeded, TooYoung)
DESPITE = "despite-signal"  # a yes by the button that says what the browser asks for


class DecisionForm(Form):
    """One decision, about the words that were shown."""

    scope = fields.String(required=True, validate=only(lambda name: name in _scopes()))
    decision = fields.String(required=True, validate=validate.OneOf([*Choice, DESPITE]))
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
    is_despite, scope = values["decision"] == DESPITE, _scopes()[values["scope"]]
    decision = Choice.GIVEN if is_despite else Choice(values["decision"])
    try:
        decide(
            house(),
            signed_in().subject_id,
            scope,
            decision,
            language=values["notice_language"],
            notice_sha256=values["notice_sha256"],
            seen=values["seen"],
            surface=Surface.PAGE,
            name=values["name"],
            despite_signal=is_despite,
        )
    except REFUSALS as refusal:
        return _page(refusal=refusal.slug), status_of(refusal)
    return redirect(url_for("consents.show", said=_said(scope, decision)), 303)


def _said(scope: Scope, decision: Choice) -> str:
    if decision is Choice.GIVEN and scope.rule.confirmed_by_mail:
        return REQUESTED
    is_other = scope.purpose is not Purpose.SCORE_COMPUTE and decision is not Choice.REFUSED
    return decision + OTHER if is_other else decision


def _scopes() -> dict[str, Scope]:
    return {str(scope): scope for scope in scopes()}


def _page(said: str | None = None, refusal: str | None = None) -> str:
    with house().open_reading_vault() as vault:
        subject_id = signed_in().subject_id
        states = consent_states(vault, subject_id, language(), house().notices)
        signal_since, stopped = heard_since(vault, subject_id), stopped_by_signal(vault, subject_id)
    purposes = groupby(states, key=lambda state: state.scope.purpose)
    grouped = [(purpose, list(of_purpose)) for purpose, of_purpose in purposes]
    return render_template(
        "consents.html",
        purposes=grouped,
        said=said,
        refusal=refusal,
        name_most=NAME_MOST,
        public_url=house().config.public_url,
        signal_since=signal_since,
        stopped=stopped,
    )
