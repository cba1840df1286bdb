"""The token endpoint of brands' programs: OAuth 2 client credentials, carried by Authlib (RFC 6749, 7523).

    who it is: secret (basic or post) or a proof of its key -> brand not suspended -> scopes it has -> token

One grant, no refresh token, no browser in it. Every refusal of a program says the same, whichever part was
wrong, so nobody learns which programs there are. Loaded when the endpoint is first asked: Authlib is needed
for nothing else.
"""

import json
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from audit.client_assertion import ALGORITHMS, claimed_subject, open_assertion
from audit.errors import SignatureInvalid
from consent.recipient import Recipient
from perks.client import (
    TOKEN_LIVES,
    ApiScope,
    BrandClient,
    find_client,
    issue_token,
    spend_assertion,
)
from vault.desk import Vault

TOKEN_PATH = "/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BY_SECRET = ("client_secret_basic", "client_secret_post")
BY_KEY = "private_key_jwt"
CHALLENGE = 'Basic realm="klarwert"'
Answered = tuple[int, Any, dict[str, str]]


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = (*BY_SECRET, BY_KEY)


class _Known:
    """A program as Authlib asks about it."""

    def __init__(self, vault: Vault, row: BrandClient) -> None:
        self.row = row
        self.recipient = vault.session.get_one(Recipient, row.recipient_id)

    def check_client_secret(self, secret: str) -> bool:
        return self.row.has_secret(secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and (method == BY_KEY) == (self.row.public_key is not None)

    def check_grant_type(self, grant_type: str) -> bool:
        # Nothing is to be had for a suspended brand, not even a token.
        if self.recipient.suspended_at is not None:
            raise UnauthorizedClientError("The brand is suspended.", status_code=403)
        return bool(grant_type == _Grant.GRANT_TYPE)


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, uri: str, form: Mapping[str, str], authorization: str | None) -> None:
        headers = {"Authorization": authorization} if authorization is not None else {}
        super().__init__("POST", uri, headers=headers)
        self.payload = BasicOAuth2Payload(dict(form))

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        given: dict[str, str] = self.payload.data
        return given


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Authlib's server over one open transaction."""

    def __init__(self, vault: Vault, issuer: str) -> None:
        super().__init__(scopes_supported=[scope.value for scope in ApiScope])
        self._vault, self._issuer = vault, issuer
        self.register_grant(_Grant)
        self.register_token_generator("default", self._generate)
        self.register_client_auth_method(BY_KEY, self._by_key)

    def query_client(self, client_id: str) -> _Known | None:
        row = find_client(self._vault, client_id)
        return _Known(self._vault, row) if row is not None else None

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, payload: Any, headers: Any) -> Answered:
        return status, payload, dict(headers)

    def save_token(self, token: object, request: object) -> None:
        """Kept where it is made: here it is in the clear already."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def _generate(self, *, client: _Known, scope: str | None, **_: object) -> dict[str, object]:
        asked = frozenset(map(ApiScope, scope.split())) if scope else client.row.allowed
        if not asked <= client.row.allowed:
            raise InvalidScopeError()
        return {
            "access_token": issue_token(self._vault, client.row, asked),
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "scope": " ".join(sorted(asked)),
        }

    def _by_key(self, query_client: Any, request: _Request) -> _Known | None:
        """The program whose key made the proof, if it holds and was not used before (RFC 7523 section 3)."""
        proof = request.form.get("client_assertion")
        if proof is None or request.form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        subject = claimed_subject(proof)
        known = query_client(subject) if subject is not None else None
        if known is None or known.row.public_key is None:
            return None
        audiences = (self._issuer, self._issuer + TOKEN_PATH)
        try:
            held = open_assertion(
                proof, json.loads(known.row.public_key), str(subject), audiences, self._vault.now()
            )
        except SignatureInvalid:
            return None
        return known if spend_assertion(self._vault, known.row, held.jti, held.expires_at) else None


def answer_token_request(
    vault: Vault, issuer: str, form: Mapping[str, str], authorization: str | None
) -> Answered:
    """What the token endpoint answers: status, JSON body, headers."""
    try:
        request = _Request(issuer + TOKEN_PATH, form, authorization)
        _require_one_way(form, authorization)
        status, body, headers = _Server(vault, issuer).create_token_response(request)
    except OAuth2Error as error:
        status, body, headers = error.status_code, dict(error.get_body()), {}
    except (ValueError, UnicodeError):  # an Authorization header that is no text
        status, body, headers = 401, {"error": "invalid_client"}, {}
    body = dict(body)
    if body.get("error") == InvalidClientError.error:
        return 401, {"error": "invalid_client"}, {"WWW-Authenticate": CHALLENGE}
    kept = {name: value for name, value in body.items() if name != "error_description" or status == 403}
    return status, kept, {"Pragma": "no-cache"} if headers else {}


def metadata(issuer: str) -> dict[str, object]:
    """What programs may read about the endpoint (RFC 8414)."""
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "token_endpoint_auth_methods_supported": [*BY_SECRET, BY_KEY],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": [_Grant.GRANT_TYPE],
        "response_types_supported": [],
        "scopes_supported": [scope.value for scope in ApiScope],
        "service_documentation": f"{issuer}/api/v1/openapi.json",
    }


def _require_one_way(form: Mapping[str, str], authorization: str | None) -> None:
    """No request uses more than one way to say who it is from (RFC 6749 section 2.3)."""
    ways = (authorization is not None, "client_secret" in form, "client_assertion" in form)
    if sum(ways) > 1:
        raise InvalidRequestError()
