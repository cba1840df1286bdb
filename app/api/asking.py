"""How a view learns what was asked: the house, who asks, the body and the query, each checked or refused.

A JSON body is read whole, so it must keep to the small limit of app/web.py; archives come another way
(receiving.py). Beyond what `json` refuses, a name given twice is (which one counts would be a guess), and
so are NaN and Infinity.
"""

import json
from typing import Any, NoReturn

from flask import abort, request
from marshmallow import Schema, ValidationError

from app.api.operation import JSON, PREFIX
from app.api.refusing import refuse_body, refuse_fields, refuse_media_type
from app.sessions import RIGHTS_API, SessionKind, SignedIn, find_session_within, is_under
from app.transaction import House
from vault.desk import Vault


def signed_in(house: House) -> SignedIn:
    """Who asks; a bearer token only, never a cookie, so no other site can ask in a person's name."""
    with house.open_reading_vault() as vault:
        return signed_in_within(vault, house)


def signed_in_within(vault: Vault, house: House) -> SignedIn:
    """The same within a transaction that is open already."""
    session = find_signed_in_within(vault, house)
    return session if session is not None else abort(401)


def find_signed_in_within(vault: Vault, house: House) -> SignedIn | None:
    """Who asks, if anybody is signed in."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    session = find_session_within(vault, house, token.strip(), SessionKind.API) if is_bearer else None
    if session is None and is_bearer and is_under(request.path.removeprefix(PREFIX), RIGHTS_API):
        session = find_session_within(vault, house, token.strip(), SessionKind.RIGHTS_API)
    return session


def body(schema: type[Schema]) -> dict[str, Any]:
    """The JSON body, as the schema reads it."""
    if request.mimetype != JSON:
        refuse_media_type([JSON])
    return _loaded(schema, _parsed(request.get_data(cache=False)))


def query(schema: type[Schema]) -> dict[str, Any]:
    """The query, as the schema reads it; a parameter given twice is refused."""
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    if twice:
        refuse_fields({name: ["Given more than once."] for name in twice})
    return _loaded(schema, request.args.to_dict())


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data.decode(), object_pairs_hook=_each_name_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        refuse_body()


def _each_name_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("A name is given twice.")
    return members


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON.")


def _loaded(schema: type[Schema], data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        refuse_body()
    try:
        loaded: dict[str, Any] = schema().load(data)
    except ValidationError as error:
        refuse_fields(error.messages_dict)
    return loaded
