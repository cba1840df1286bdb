"""The consents a person may give or withdraw, with the very words each decision is about."""

from typing import Any
from uuid import UUID

from flask import Response, abort
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from app.api.answering import answer
from app.api.asking import body, query, signed_in
from app.api.fields import Count, Instant, Text, Truth
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.consents import ConsentState, Standing, consent_states, decide, scopes
from app.current import house as this_house
from app.profile import DisplayNameUnfit
from app.transaction import House
from consent.errors import ConsentChanged, ConsentMissing, NoticeUnknown, TooYoung
from consent.purpose import Purpose
from consent.record import Choice, EndReason, Surface
from consent.register import LANGUAGES

views = api_blueprint("consents")
PLACES = {
    "purpose": {"type": "string", "enum": list(dict.fromkeys(scope.purpose.value for scope in scopes()))},
    "about": {"type": "string", "enum": [scope.about for scope in scopes()]},
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
        refuses=(ConsentChanged, ConsentMissing, NoticeUnknown, TooYoung, DisplayNameUnfit),
        places=PLACES,
        example={
            "decision": "given",
            "notice_sha256": "0f5e8a9b9c6d4c2b7a1e3f50617283940f5e8a9b9c6d4c2b7a1e3f5061728394",
            "language": "en",
            "seen": 0,
        },
    )
)
def decide_consent(purpose: str, about: str) -> Response:
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
