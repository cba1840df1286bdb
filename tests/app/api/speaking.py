"""A client of the API that holds every answer it gets to the API's own documentation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from marshmallow import Schema
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.api.openapi import operations
from app.api.operation import PREFIX, Operation
from app.api.problem_schema import PROBLEM_TYPE, ProblemSchema, problem_examples
from consent.notice import notice
from consent.purpose import score_scope
from sources.activity import Platform
from tests.people import PASSWORD


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status_code: int
    mimetype: str
    headers: Headers
    data: bytes
    json: Any  # None where it is no JSON

    @property
    def text(self) -> str:
        return self.data.decode()


@dataclass
class Api:
    """Speaks JSON with one application, with a token once signed in."""

    app: Flask
    token: str | None = None

    def __call__(self, method: str, path: str, json: object = None, **given: Any) -> Answered:
        """Send one request and check that the answer is a documented one."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= given.pop("headers", {})
        if json is not None:
            given["json"] = json
        sent = self.app.test_client().open(PREFIX + path, method=method, headers=headers, **given)
        read = sent.get_json(silent=True)
        answer = Answered(sent.status_code, sent.mimetype or "", sent.headers, sent.data, read)
        check_documented(self.app, method, PREFIX + path.partition("?")[0], answer)
        return answer

    def join(self, address: str, /, **other: object) -> Answered:
        wanted = {"address": address, "password": PASSWORD, "language": "en", "age": "18-plus"}
        return self("POST", "/accounts", wanted | other)

    def sign_in(self, address: str, password: str = PASSWORD) -> Answered:
        answer = self("POST", "/sessions", {"address": address, "password": password})
        if answer.status_code == 201:
            self.token = answer.json["token"]
        return answer

    def decide(self, platform: Platform, decision: str, seen: int, /, **other: object) -> Answered:
        shown = {"notice_sha256": notice(score_scope(platform), "en").sha256, "language": "en"}
        return self(
            "PUT", f"/consents/{score_scope(platform)}", shown | {"decision": decision, "seen": seen} | other
        )

    def bring(self, platform: Platform, archive: bytes, media_type: str = "application/zip") -> Answered:
        return self("POST", f"/imports/{platform}", data=archive, content_type=media_type)


def check_documented(app: Flask, method: str, path: str, answer: Answered) -> None:
    """Whatever comes back is what the OpenAPI document says may come back."""
    assert answer.headers["Cache-Control"] == "no-store"
    matched = _match(app, method, path)
    if answer.status_code >= 400:
        _check_problem(matched, answer)
    elif matched is not None and method not in ("HEAD", "OPTIONS"):
        _check_success(matched[1], answer)


def errors_of(schema: type[Schema], document: Any) -> Mapping[str, Any]:
    """Where a document is not of a schema's form."""
    return schema().validate(document)


def _check_problem(matched: tuple[Rule, Operation] | None, answer: Answered) -> None:
    document = answer.json
    assert answer.mimetype == PROBLEM_TYPE
    assert not errors_of(ProblemSchema, document)
    assert document["status"] == answer.status_code
    if matched is not None:
        rule, about = matched
        writes = not {"GET"} <= (rule.methods or set())
        documented = problem_examples(about, writes=writes)
        slugs = {f"/problems/{slug}" for slug in documented.get(answer.status_code, {})}
        assert document["type"] in slugs


def _check_success(about: Operation, answer: Answered) -> None:
    assert answer.status_code == about.answer.status
    if about.answer.schemas:
        assert answer.mimetype == "application/json"
        fitting = [schema for schema in about.answer.schemas if not errors_of(schema, answer.json)]
        assert len(fitting) == 1
    elif about.answer.media_type is not None:
        assert answer.mimetype == about.answer.media_type
    elif about.answer.is_text:
        assert answer.mimetype == "text/plain"
    elif about.answer.status != 200:
        assert answer.data == b""


def _match(app: Flask, method: str, path: str) -> tuple[Rule, Operation] | None:
    try:
        rule, _ = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
    except HTTPException:
        return None
    return next(((known, about) for known, _, about in operations(app) if known is rule), None)
