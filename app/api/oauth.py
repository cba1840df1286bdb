"""Where brands' programs get their tokens: `/oauth/token`, and what may be read about it (RFC 6749, 8414)."""

from flask import Blueprint, Response, request

from app.api.answering import answer
from app.current import house as this_house

FORM = "application/x-www-form-urlencoded"
views = Blueprint("oauth", __name__)


@views.post("/oauth/token")
def issue_token() -> Response:
    from app.oauth_server import answer_token_request

    fields = request.form
    twice = any(len(values) > 1 for _, values in fields.lists())
    if request.mimetype != FORM or twice or request.query_string:
        return answer({"error": "invalid_request"}, 400)
    house = this_house()
    with house.open_vault("recipient") as vault:
        status, body, headers = answer_token_request(
            vault, house.config.public_url, fields.to_dict(), request.headers.get("Authorization")
        )
    return answer(body, status, headers)


@views.get("/.well-known/oauth-authorization-server")
def show_metadata() -> Response:
    from app.oauth_server import metadata

    return answer(metadata(this_house().config.public_url))
