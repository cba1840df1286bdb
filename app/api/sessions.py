"""Signing in and out. A session of the API is a bearer token; the cookie of the pages opens nothing here."""

from flask import Response
from marshmallow import Schema, fields

from app.accounts import (
    AccountSuspended,
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
from app.rights_code import RightsCodeWrong, redeem_code, request_code
from app.sessions import RIGHTS_LAST, SESSION_LASTS, SessionKind, sign_out

views = api_blueprint("sessions")


class CredentialsSchema(Schema):
    """Address and password."""

    address = Text(required=True, metadata={"format": "email"})
    password = Text(required=True, metadata={"format": "password"})


class AddressSchema(Schema):
    """Where a code is to go."""

    address = Text(required=True, metadata={"format": "email"})


class CodeSchema(Schema):
    """The address, and the code that was mailed to it."""

    address = Text(required=True, metadata={"format": "email"})
    code = Text(required=True)


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
        refuses=(CredentialsWrong, AddressUnconfirmed, AccountSuspended),
        is_public=True,
        example={"address": "name@example.org", "password": "three words and more"},
    )
)
def begin_session() -> Response:
    house, given = this_house(), body(CredentialsSchema)
    expires_at = house.clock() + SESSION_LASTS  # looked at before, so never later than the truth
    token = sign_in(house, given["address"], given["password"], SessionKind.API)
    return answer(SessionSchema().dump({"token": token, "expires_at": expires_at}), 201)


@views.post("/sessions/codes")
@operation(
    Operation(
        "Have a code mailed, for one's rights without a password; the same for unknown addresses",
        Answer(202, "If the address is somebody's, a code is on its way"),
        takes=AddressSchema,
        is_public=True,
        example={"address": "name@example.org"},
    )
)
def mail_code() -> Response:
    request_code(this_house(), body(AddressSchema)["address"])
    return answer_nothing(202)


@views.post("/sessions/by-code")
@operation(
    Operation(
        "Open what serves one's rights, with the mailed code",
        Answer(
            201, "A token for half an hour, for requests, consents, the copy and erasure", (SessionSchema,)
        ),
        takes=CodeSchema,
        refuses=(RightsCodeWrong,),
        is_public=True,
        example={"address": "name@example.org", "code": "1234 5678"},
    )
)
def begin_session_by_code() -> Response:
    house, given = this_house(), body(CodeSchema)
    expires_at = house.clock() + RIGHTS_LAST
    token = redeem_code(house, given["address"], given["code"], SessionKind.RIGHTS_API)
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
