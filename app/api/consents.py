"""The consents a person may give or withdraw, with the very words each decision is about."""

from typing import Any
from uuid import UUID

from flask import Response, abort
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from app.api.answering import answer, answer_nothing
from app.api.asking import body, query, signed_in
from app.api.fields import Count, Instant, Text, Truth
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.confirming import confirm_consent
from app.consents import ConsentState, Standing, consent_states, decide, scopes
from app.current import house as this_house
from app.gpc import is_asked_now
from app.profile import DisplayNameUnfit
from app.transaction import House
from consent.errors import (
    ConsentChanged,
    ConsentLinkInvalid,
    ConsentMissing,
    NoticeUnknown,
    SignalHeeded,
    TooYoung,
)
from consent.purpose import Purpose
from consent.record import Choice, EndReason, Surface
from consent.register import LANGUAGES

views = api_blueprint("consents")
PLACES = {
    "purpose": {
        "type": "string",
        "enum": list(dict.fromkeys(scope.purpose.value for scope in scopes() if scope.about)),
    },
    "about": {"type": "string", "enum": [scope.about for scope in scopes() if scope.about]},
}
ABOUT_NOTHING = {
    "purpose": {"type": "string", "enum": [scope.purpose.value for scope in scopes() if not scope.about]}
}
REFUSES = (ConsentChanged, ConsentMissing, DisplayNameUnfit, NoticeUnknown, SignalHeeded, TooYoung)
EXAMPLE = {
    "decision": "given",
    "notice_sha256": "0f5e8a9b9c6d4c2b7a1e3f50617283940f5e8a9b9c6d4c2b7a1e3f5061728394",
    "language": "en",
    "seen": 0,
}


class LanguageSchema(Schema):
    """In which language the notices are wanted."""

    language = Text(load_default="en", validate=OneOf(LANGUAGES))


class NoticeSchema(Schema):
    """The words a decision is about; `sha256` binds the decision to them."""

    version = fields.String(required=True)
    language = fields.String(required=True, validate=OneOf(LANGUAGES))
    question = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "question and explanation, as hashed"})
    sha256 = fields.String(required=True, validate=Length(equal=64))


class ConsentSchema(Schema):
    """One scope and what was decided on it last; `number` 0 means never decided, which is “off”.

    `reconsent-required`: in force as it was given, while the present words ask for more; `news` says what is
    new in them. `refused_at`: the last decision was a no. `ended_because`, `ended_by`: it was ended here.
    """

    purpose = fields.Enum(Purpose, by_value=fields.String, required=True)
    about = fields.String(required=True)
    is_in_force = Truth(required=True)
    number = Count(required=True)
    decided_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)
    standing = fields.Enum(Standing, by_value=fields.String, required=True)
    refused_at = Instant(required=True, allow_none=True)
    ended_because = fields.Enum(EndReason, by_value=fields.String, required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    news = fields.List(fields.String(), required=True)
    value = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "what everybody would see right now"},
    )
    page = fields.String(
        required=True, allow_none=True, metadata={"description": "the path where everybody sees it"}
    )
    signal_since = Instant(
        required=True,
        allow_none=True,
        metadata={"description": "since when a browser asks not to share, where that stops this"},
    )
    notice = fields.Nested(NoticeSchema, required=True)


class ConsentsSchema(Schema):
    """Every scope one may decide on."""

    consents = fields.List(fields.Nested(ConsentSchema), required=True)


class DecisionSchema(Schema):
    """A decision, and what the person saw when making it."""

    decision = fields.Enum(Choice, by_value=Text, required=True)
    notice_sha256 = Text(
        required=True,
        validate=Regexp("^[0-9a-f]{64}$"),
        metadata={"description": "digest of the notice that was shown"},
    )
    language = Text(required=True, validate=OneOf(LANGUAGES))
    name = Text(
        load_default=None,
        validate=Length(max=400),
        metadata={"description": "the display name to show; with `profile.public/display-name` only"},
    )
    seen = Count(
        required=True,
        validate=Range(0, 2**31 - 1),
        metadata={"description": "`number` as it was shown; refused if someone decided otherwise meanwhile"},
    )
    despite_signal = Truth(
        load_default=False,
        metadata={"description": "said where the person was told that a browser of theirs asks not to share"},
    )


class MailConfirmationSchema(Schema):
    """The token of the link in a mail that confirms one wants to be mailed to."""

    token = Text(required=True)
    despite_signal = Truth(
        load_default=False,
        metadata={"description": "said where the person was told that a browser of theirs asks not to share"},
    )


@views.get("/consents")
@operation(
    Operation(
        "Every consent, and the words each is about",
        Answer(200, "The consents; all are off at first", (ConsentsSchema,)),
        asks=LanguageSchema,
    )
)
def list_consents() -> Response:
    house = this_house()
    subject_id = signed_in(house).subject_id
    states = _states(house, subject_id, query(LanguageSchema)["language"])
    return answer(ConsentsSchema().dump({"consents": [_shown(state) for state in states]}))


@views.put("/consents/<purpose>/<about>")
@operation(
    Operation(
        "Give, refuse or withdraw one consent",
        Answer(200, "The consent as it now stands", (ConsentSchema,)),
        takes=DecisionSchema,
        refuses=REFUSES,
        places=PLACES,
        example=EXAMPLE,
    )
)
def decide_consent(purpose: str, about: str) -> Response:
    return _decide(purpose, about)


@views.put("/consents/<purpose>")
@operation(
    Operation(
        "The same for what is about nothing in particular; a yes to be mailed to sends a link first",
        Answer(200, "The consent as it now stands", (ConsentSchema,)),
        takes=DecisionSchema,
        refuses=REFUSES,
        places=ABOUT_NOTHING,
        example=EXAMPLE,
    )
)
def decide_consent_about_nothing(purpose: str) -> Response:
    return _decide(purpose, "")


@views.post("/consents/confirmation")
@operation(
    Operation(
        "Confirm a yes to be mailed to with the token of the mailed link",
        Answer(204, "The consent is in force"),
        takes=MailConfirmationSchema,
        refuses=(ConsentLinkInvalid, SignalHeeded, TooYoung),
        is_public=True,
        example={"token": "Vh1yT7Qd0H0b1u3l4m5n6o7p8q9r0s1t2u3v4w5x6y7"},
    )
)
def confirm_mailing() -> Response:
    said = body(MailConfirmationSchema)
    confirm_consent(
        this_house(), said["token"], is_asked_now=is_asked_now(), despite_signal=said["despite_signal"]
    )
    return answer_nothing()


def _decide(purpose: str, about: str) -> Response:
    house = this_house()
    subject_id, decided = signed_in(house).subject_id, body(DecisionSchema)
    scope = _state(house, subject_id, decided["language"], purpose, about).scope
    decide(house, subject_id, scope, surface=Surface.API, **decided)
    return answer(
        ConsentSchema().dump(_shown(_state(house, subject_id, decided["language"], purpose, about)))
    )


def _states(house: House, subject_id: UUID, language: str) -> tuple[ConsentState, ...]:
    with house.open_reading_vault() as vault:
        return consent_states(vault, subject_id, language, house.notices)


def _state(house: House, subject_id: UUID, language: str, purpose: str, about: str) -> ConsentState:
    states = _states(house, subject_id, language)
    found = {(state.scope.purpose.value, state.scope.about): state for state in states}
    return found.get((purpose, about)) or abort(404)


def _shown(state: ConsentState) -> dict[str, Any]:
    return {"purpose": state.scope.purpose, "about": state.scope.about, **vars(state)}
