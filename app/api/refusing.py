"""What the API itself refuses, before the domain is asked: bodies, fields, media types, missing tokens.

The one shape is that of app/errors.py, `application/problem+json` (RFC 9457); `errors` names every field.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from flask import Response, abort

from app.errors import WebProblem, problem

BODY_UNREADABLE = WebProblem("body-unreadable", "Body cannot be read", "The body is not a valid JSON object.")
FIELDS_INVALID = WebProblem(
    "fields-invalid",
    "Fields are not as documented",
    "Some fields are missing, unknown or not of the documented form.",
)
MEDIA_TYPE_UNSUPPORTED = WebProblem(
    "media-type-unsupported", "Media type is not supported", "A body of this media type is not read here."
)
PROBLEMS = {BODY_UNREADABLE: 400, MEDIA_TYPE_UNSUPPORTED: 415, FIELDS_INVALID: 422}
CHALLENGE = 'Bearer realm="klarwert"'


def refuse_fields(errors: Mapping[str, Any]) -> NoReturn:
    """422: the fields are not as documented; each is named, with what is wrong about it."""
    _refuse(FIELDS_INVALID, errors=dict(errors))


def refuse_body() -> NoReturn:
    """400: the body is not a JSON object."""
    _refuse(BODY_UNREADABLE)


def refuse_media_type(accepted: Iterable[str]) -> NoReturn:
    """415: the body is of a media type that is not read here; those that are, are named."""
    _refuse(MEDIA_TYPE_UNSUPPORTED, accepted=list(accepted))


def challenge(response: Response) -> Response:
    """Say with every 401 which kind of credentials is wanted (RFC 9110 section 15.5.2)."""
    if response.status_code == 401:
        response.headers.setdefault("WWW-Authenticate", CHALLENGE)
    return response


def _refuse(said: WebProblem, **members: Any) -> NoReturn:
    abort(problem(said.slug, said.title, PROBLEMS[said], said.detail, **members))
