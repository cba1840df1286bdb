"""Signing in and out. A session of the API is a bearer token; the cookie of the pages opens nothing here."""

from flask import Response
from marshmallow import Schema, fields

from app.accounts import (
    AddressUnconfirmed,
    CredentialsWrong,
    reauthenticate,
    sign_in,
)
from app.api.accounts import PasswordSchema
from app.api.answering import answer, answer_nothing
from app.api.asking import body, signed_in
from app.api.fields import Instant, Text
from app.api.operation import Answer, Operation, api_blueprint, operation
from app.current import house as this_house
from app.sessions import SESSION_LASTS, SessionKind, sign_out

views = api_blueprint("sessions")


class CredentialsSchema(Schema):
    """Address and password."""

    address = Text(required=True, metadata={"format": "email"})
    password = Text(required=True, metadata={"format": "password"})


class SessionSchema(Schema):
    """The token to send as “Authorization: Bearer …”; it also ends after a day without use."""

    token = fields.String(required=True)
    expires_at = Instant(required=True)


@views.post("/sessions")
@operation(
    Operation(
        "Sign in",
        Answer(201, "Signed in", (SessionSchema,)),
        takes=CredentialsSchema,
        refuses=(CredentialsWrong, AddressUnconfirmed),
        is_public=True,
        example={"address": "name@example.org", "password": "three words and more"},
    )
)
def begin_session() -> Response:
    house, given = this_house(), body(CredentialsSchema)
    expires_at = house.clock() + SESSION_LASTS  # looked at before, so never later than the truth
    token = sign_in(house, given["address"], given["password"], SessionKind.API)
    return answer(SessionSchema().dump({"token": token, "expires_at": expires_at}), 201)


@views.delete("/sessions/current")
@operation(Operation("Sign out", Answer(204, "The token no longer holds")))
def end_session() -> Response:
    sign_out(this_house(), signed_in(this_house()).session_id)
    return answer_nothing()


@views.post("/sessions/current/reauthentication")
@operation(
    Operation(
        "Give the password again",
        Answer(204, "The session is fresh for ten minutes"),
        takes=PasswordSchema,
        refuses=(CredentialsWrong,),
        example={"password": "three words and more"},
    )
)
def refresh_session() -> Response:
    house = this_house()
    reauthenticate(house, signed_in(house), body(PasswordSchema)["password"])
    return answer_nothing()
