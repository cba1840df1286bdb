"""Refusals as the OpenAPI document shows them: one schema, and an example for each that may come."""

from collections.abc import Iterator
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from app.api.fields import Count
from app.api.operation import Operation
from app.api.refusing import (
    BODY_UNREADABLE,
    FIELDS_INVALID,
    MEDIA_TYPE_UNSUPPORTED,
    PROBLEMS,
)
from app.brand_access import BRAND_REFUSALS
from app.errors import STATUS, WEB_PROBLEMS, WebProblem

PROBLEM_TYPE = "application/problem+json"


class ProblemSchema(Schema):
    """A refusal (RFC 9457). Further members are facts of its type: numbers and closed words."""

    class Meta:
        """Facts differ from type to type."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"description": "/problems/<slug>, stable"})
    title = fields.String(required=True, metadata={"description": "the same at every occurrence"})
    status = Count(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(
        keys=fields.String(),
        metadata={"description": "for each field that was refused: what is wrong about it"},
    )


def problem_examples(about: Operation, *, writes: bool) -> dict[int, dict[str, Any]]:
    """For each status an operation may refuse with, an example of each refusal, by slug."""
    found: dict[int, dict[str, Any]] = {}
    for status, said in _of_the_web(about, writes=writes):
        found.setdefault(status, {})[said.slug] = _example(said, status)
    for refusal in (*about.refuses, *(BRAND_REFUSALS if about.scope is not None else ())):
        said = WebProblem(refusal.slug, refusal.title, (refusal.__doc__ or "").strip())
        found.setdefault(STATUS[refusal], {})[refusal.slug] = _example(said, STATUS[refusal])
    return dict(sorted(found.items()))


def _of_the_web(about: Operation, *, writes: bool) -> Iterator[tuple[int, WebProblem]]:
    own = [FIELDS_INVALID]
    if about.takes is not None:
        own += [MEDIA_TYPE_UNSUPPORTED, BODY_UNREADABLE]
    if about.uploads:
        own += [MEDIA_TYPE_UNSUPPORTED]
    statuses = {
        400: about.takes is not None or bool(about.uploads),
        401: not about.is_public and about.scope is None,
        404: bool(about.places),
        413: about.takes is not None or bool(about.uploads),
        429: writes,
        500: True,
    }
    yield from ((PROBLEMS[said], said) for said in own)
    yield from ((status, WEB_PROBLEMS[status]) for status, may_come in statuses.items() if may_come)


def _example(said: WebProblem, status: int) -> dict[str, Any]:
    value: dict[str, Any] = {
        "type": f"/problems/{said.slug}",
        "title": said.title,
        "status": status,
        "detail": said.detail,
    }
    if said is FIELDS_INVALID:
        value["errors"] = {"language": ["Must be one of: en, de."]}
    return {"value": value}
