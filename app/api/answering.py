"""How a view answers: compact JSON. The score path goes through here too, with no schema in between.

That nothing is kept by a cache is said once for the whole application, in app/security.py.
"""

import json
from collections.abc import Mapping

from flask import Response

from app.api.operation import JSON, TEXT


def answer(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; the payload holds strings, numbers, lists and mappings only."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text, status, headers, mimetype=JSON)


def answer_text(text: str) -> Response:
    """A plain text: signed notes and verifier keys."""
    return Response(text, mimetype=TEXT)


def answer_nothing(status: int = 204) -> Response:
    """Done, and nothing to say."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response
