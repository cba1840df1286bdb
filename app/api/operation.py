"""What one operation of the API says about itself, and the blueprint such operations stand on.

    @views.post("/accounts")
    @operation(Operation("Join", answer=Answer(202, "…"), takes=JoinSchema, refuses=(AddressInvalid,)))
    def join_account() -> Response: ...

The OpenAPI document is made from these values (openapi.py), and tests hold every view to them: a token where
one is asked for, the body's fields, the answer's shape. Reading a request: asking.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, request
from marshmallow import Schema

from app.api.refusing import challenge, refuse_fields
from perks.client import ApiScope
from vault.errors import DomainError

PREFIX = "/api/v1"
JSON = "application/json"
TEXT = "text/plain"
ZIP = "application/zip"


@dataclass(frozen=True)
class Answer:
    """What comes back when all went well: one of the schemas, a text, or nothing."""

    status: int
    means: str
    schemas: tuple[type[Schema], ...] = ()
    is_text: bool = False
    media_type: str | None = None  # of bytes that are neither JSON nor text
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    takes: the schema of the JSON body; asks: that of the query. Whatever neither names is refused.
    refuses: what the domain may answer instead; the statuses are in app/errors.py.
    places: for each variable part of the path, what may stand there.
    scope: what a brand's program needs leave for; then its token is asked for, not a person's.
    uploads: the media types of a body that is no JSON document but an archive.
    """

    summary: str
    answer: Answer
    takes: type[Schema] | None = None
    asks: type[Schema] | None = None
    refuses: tuple[type[DomainError], ...] = ()
    is_public: bool = False
    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    uploads: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    scope: ApiScope | None = None


View = TypeVar("View", bound=Callable[..., Response])
_OPERATIONS: dict[object, Operation] = {}  # by view


def operation(about: Operation) -> Callable[[View], View]:
    """Say what a view does, takes and answers."""

    def note(view: View) -> View:
        _OPERATIONS[view] = about
        return view

    return note


def find_operation(view: object) -> Operation | None:
    """What a view says about itself, if it belongs to the API."""
    return _OPERATIONS.get(view)


def api_blueprint(name: str) -> Blueprint:
    """A blueprint under /api/v1; it refuses query parameters no operation asked for."""
    views = Blueprint(f"api_{name}", __name__, url_prefix=PREFIX)
    views.before_request(_refuse_unasked_query)
    views.after_request(challenge)
    return views


def _refuse_unasked_query() -> None:
    if request.query_string:
        about = find_operation(current_app.view_functions[str(request.endpoint)])
        if about is not None and about.asks is None:
            refuse_fields({name: ["Unknown field."] for name in request.args})
