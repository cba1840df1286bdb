"""What every operation refuses alike: strangers, unknown fields, broken bodies, other methods."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.api import routes
from app.api.openapi import operations
from app.api.operation import PREFIX, Operation
from app.api.problem_schema import PROBLEM_TYPE
from app.transaction import House
from app.web import create_app
from tests.app.api.brand_programs import brand_api
from tests.app.api.speaking import Answered, Api
from tests.perks.offering import new_brand

NOBODYS = "00000000-0000-4000-8000-000000000000"  # the same in every process that collects the tests


@dataclass(frozen=True)
class Call:
    """One operation with a path that leads to it."""

    method: str
    path: str
    about: Operation


def every_call() -> list[Call]:
    app = Flask("app")
    routes.register(app)
    return [Call(*method_and_path(rule, about), about) for rule, _, about in operations(app)]


def method_and_path(rule: Rule, about: Operation) -> tuple[str, str]:
    method = min(set(rule.methods or ()) - {"HEAD", "OPTIONS"})
    path = rule.rule.removeprefix(PREFIX)
    for name, schema in about.places.items():
        path = re.sub(rf"<[^<>]*\b{name}>", schema.get("enum", [NOBODYS])[0], path)
    return method, path


EVERY = every_call()
WITH_TOKEN = [call for call in EVERY if not call.about.is_public]
WITH_BODY = [call for call in EVERY if call.about.takes is not None]
NO_JSON_OBJECTS = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"null",
    b'{"a": 1, "a": 1}',
    b'{"a": NaN}',
    b"\xff\xfe",
    b"[" * 60_000,
    b"9" * 60_000,
]


@pytest.mark.parametrize("token", [None, "", "x" * 43, "ü"])
def test_a_stranger_is_asked_for_a_token(stranger: Api, token: str | None) -> None:
    stranger.token = token

    answers = [stranger(call.method, call.path, dict(call.about.example)) for call in WITH_TOKEN]

    assert {answer.status_code for answer in answers} == {401}
    asked_for = {answer.headers["WWW-Authenticate"].partition(",")[0] for answer in answers}
    assert asked_for == {'Bearer realm="klarwert"'}


@dataclass
class AnyApi:
    """Somebody signed in, who also runs a brand's program: each operation gets the token it is for."""

    person: Api
    program: Api

    def __call__(self, call: Call, path: str | None = None, *sent: Any, **given: Any) -> Answered:
        api = self.program if call.about.scope is not None else self.person
        return api(call.method, path or call.path, *sent, **given)


@pytest.fixture
def either(api: Api, sqlite_house: House) -> AnyApi:
    return AnyApi(api, brand_api(api.app, sqlite_house, new_brand(sqlite_house)))


def test_what_is_required_is_missed_and_nothing_else_is_taken(either: AnyApi) -> None:
    for call in WITH_BODY:
        answer = either(call, None, {"unheard_of": 1})

        assert call.about.takes is not None
        assert answer.status_code == 422
        required = {name for name, field in call.about.takes().fields.items() if field.required}
        assert set(answer.json["errors"]) == {"unheard_of", *required}


def test_a_query_nobody_asked_for_is_refused(either: AnyApi) -> None:
    for call in EVERY:
        answer = either(call, f"{call.path}?unheard_of=1", dict(call.about.example) or None)

        asks = call.about.asks
        required = {name for name, field in asks().fields.items() if field.required} if asks else set()
        assert answer.status_code == 422
        assert set(answer.json["errors"]) == {"unheard_of", *required}


@pytest.mark.parametrize("call", WITH_BODY, ids=lambda call: f"{call.method} {call.path}")
def test_a_body_that_is_no_json_object_is_refused(either: AnyApi, call: Call) -> None:
    for body in NO_JSON_OBJECTS:
        answer = either(call, data=body, content_type="application/json")

        assert answer.status_code == 400
        assert answer.json["type"] == "/problems/body-unreadable"


@pytest.mark.parametrize("call", WITH_BODY, ids=lambda call: f"{call.method} {call.path}")
def test_a_body_of_another_media_type_is_refused(either: AnyApi, call: Call) -> None:
    assert either(call, data=b"{}", content_type="text/plain").status_code == 415
    assert either(call, data=b"{}").status_code == 415


def test_a_body_that_is_too_large_is_refused(either: AnyApi) -> None:
    large = json.dumps({"padding": "x" * 70_000}).encode()

    for call in WITH_BODY:
        assert either(call, data=large, content_type="application/json").status_code == 413


def test_a_query_field_given_twice_or_wrongly_is_refused(api: Api) -> None:
    assert api("GET", "/consents?language=en&language=de").status_code == 422
    assert api("GET", "/consents?language=fr").status_code == 422
    assert api("GET", "/score?platform=elsewhere").status_code == 422
    assert api("GET", "/score?platform=").status_code == 422


def test_another_method_is_refused_with_those_allowed(api: Api) -> None:
    answer = api("PATCH", "/account")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"DELETE", "GET", "HEAD", "OPTIONS"}


def test_an_unknown_address_is_a_problem_too(api: Api) -> None:
    assert api("GET", "/nothing").status_code == 404
    assert api("GET", "/imports/1").status_code == 404


def test_head_is_get_without_a_body_and_options_names_the_methods(api: Api) -> None:
    head, options = api("HEAD", "/account"), api("OPTIONS", "/sessions")

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(api("GET", "/account").data))
    assert (options.status_code, set(options.headers["Allow"].split(", "))) == (200, {"OPTIONS", "POST"})


def test_what_was_not_expected_says_nothing_about_itself(sqlite_house: House) -> None:
    app = create_app(sqlite_house)
    sqlite_house.high_water.path.unlink()
    sqlite_house.high_water.path.mkdir()  # reading it now fails where nobody expects it

    answer = app.test_client().get(f"{PREFIX}/log/checkpoint")

    assert (answer.status_code, answer.mimetype) == (500, PROBLEM_TYPE)
    assert set(answer.json or {}) == {"type", "title", "status", "detail"}
    assert str(sqlite_house.config.home) not in answer.text
