"""The OpenAPI 3.1 document, made from what every operation says about itself (operation.py).

Made once, when it is first asked for: `apispec` is loaded then, not when the service starts.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import Any

from flask import Flask, Response, current_app
from marshmallow import Schema
from werkzeug.routing import Rule

from app.api.answering import answer
from app.api.operation import JSON, PREFIX, TEXT, Answer, Operation, api_blueprint, find_operation, operation
from app.api.problem_schema import PROBLEM_TYPE, ProblemSchema, problem_examples
from app.api.receiving import FORM, PART
from perks.client import ApiScope

_DOCUMENT = "klarwert.openapi"
VERSION = "1"
ABOUT = (
    "A 1-100 influence score across social networks, explained to the last point and resting only on data "
    "its owner brought. Everything is off until a consent is given, and can be taken away again."
)
SCOPES = {
    ApiScope.OFFERS_READ: "read the brand's own offers",
    ApiScope.OFFERS_WRITE: "make, publish and close them",
    ApiScope.PARTICIPANTS_READ: "be handed what people agreed to",
    ApiScope.FIGURES_READ: "counts of ten people and more",
    ApiScope.WEBHOOKS_WRITE: "have events sent",
}
_VARIABLE = re.compile(r"<(?:[^<>:]+:)?(\w+)>")

views = api_blueprint("openapi")


@views.get("/openapi.json")
@operation(Operation("This document", Answer(200, "OpenAPI 3.1"), is_public=True))
def show_document() -> Response:
    made = current_app.extensions
    if _DOCUMENT not in made:
        made[_DOCUMENT] = document(current_app)
    return answer(made[_DOCUMENT])


def document(app: Flask) -> dict[str, Any]:
    """The whole document of one application."""
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    spec = APISpec(
        title="Klarwert",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": PREFIX}],
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "the token of POST /sessions"}
    )
    spec.components.security_scheme("brand", _brand_scheme())
    for rule, name, about in operations(app):
        spec.path(path=_path(rule), operations={_method(rule): _operation(rule, name, about)})
    return spec.to_dict()


def operations(app: Flask) -> Iterator[tuple[Rule, str, Operation]]:
    """Every route of the API with the name of its view and what that says about itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, _method(rule))):
        view = app.view_functions[rule.endpoint]
        about = find_operation(view)
        if about is not None:
            yield rule, view.__name__, about


def _method(rule: Rule) -> str:
    methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
    return min(methods).lower() if methods else ""


def _path(rule: Rule) -> str:
    return _VARIABLE.sub(r"{\1}", rule.rule.removeprefix(PREFIX))


def _name(schema: Schema | type[Schema]) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _operation(rule: Rule, name: str, about: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _camel(name),
        "summary": about.summary,
        "parameters": _parameters(about),
        "security": _security(about),
        "responses": _responses(rule, about),
    }
    body = _body(about)
    return described | ({"requestBody": body} if body else {})


def _security(about: Operation) -> list[dict[str, list[str]]]:
    if about.scope is not None:
        return [{"brand": [about.scope.value]}]
    return [] if about.is_public else [{"token": []}]


def _brand_scheme() -> dict[str, Any]:
    """How a brand's programs sign in, for the operations under /brand."""
    scopes = {scope.value: said for scope, said in SCOPES.items()}
    return {
        "type": "oauth2",
        "description": "an hour each; /.well-known/oauth-authorization-server",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}},
    }


def _parameters(about: Operation) -> list[dict[str, Any]]:
    named: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": dict(schema)}
        for name, schema in about.places.items()
    ]
    return named if about.asks is None else [*named, {"in": "query", "schema": about.asks}]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _body(about: Operation) -> dict[str, Any] | None:
    if about.uploads:
        part = {
            "type": "object",
            "properties": {PART: {"type": "string", "format": "binary"}},
            "required": [PART],
        }
        return {
            "required": True,
            "content": {name: {"schema": part} if name == FORM else {} for name in about.uploads},
        }
    if about.takes is None:
        return None
    return {"required": True, "content": {JSON: {"schema": about.takes, "example": dict(about.example)}}}


def _responses(rule: Rule, about: Operation) -> dict[str, Any]:
    problems = problem_examples(about, writes=_method(rule) != "get")
    return {str(about.answer.status): _success(about.answer)} | {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_TYPE: {"schema": ProblemSchema, "examples": examples}},
        }
        for status, examples in problems.items()
    }


def _success(given: Answer) -> dict[str, Any]:
    described: dict[str, Any] = {"description": given.means}
    if given.headers:
        described["headers"] = {
            name: {"description": means, "schema": {"type": "string"}}
            for name, means in given.headers.items()
        }
    if given.is_text:
        described["content"] = {TEXT: {"schema": {"type": "string"}}}
    elif given.media_type is not None:
        described["content"] = {given.media_type: {}}
    elif given.schemas:
        described["content"] = {JSON: _one_of(given.schemas)}
    elif given.status == HTTPStatus.OK:
        described["content"] = {JSON: {"schema": {"type": "object"}}}
    return described


def _one_of(schemas: Sequence[type[Schema]]) -> dict[str, Any]:
    shown = examples()
    return {
        "schema": schemas[0] if len(schemas) == 1 else {"oneOf": list(schemas)},
        "examples": {_name(schema): {"value": shown[_name(schema)]} for schema in schemas},
    }


@cache
def examples() -> dict[str, Any]:
    """An example of every answer, by the name of its schema."""
    text = resources.files("app.api").joinpath("examples.json").read_text(encoding="utf-8")
    made: dict[str, Any] = json.loads(text)
    return made
