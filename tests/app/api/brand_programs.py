"""Programs of brands, as their makers write them."""

import json
import time
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey

from app.transaction import House
from perks.client import ApiScope, Registered, add_client
from tests.app.api.speaking import Answered, Api

TOKEN_URL = "http://127.0.0.1:8000/oauth/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FULFIL, FIGURES, LABELS = (
    f"use_context={use}" for use in ("offer-fulfilment", "offer-figures", "label-check")
)
Key = OKPKey | ECKey
_ADDRESSES = count()


@dataclass(frozen=True)
class Program:
    """One registered program and what only its brand knows."""

    id: UUID
    secret: str | None = None
    key: Key | None = None

    def token(self, app: Flask, **fields: str) -> Any:
        """Ask for a token by secret, basic."""
        return ask_token(app, basic(self.id.hex, self.secret or ""), **fields)


def register(
    house: House,
    recipient_id: UUID,
    scopes: Collection[ApiScope] = tuple(ApiScope),
    key: Key | None = None,
) -> Program:
    """A program of a brand, with a secret or with a key."""
    public = key.as_dict(private=False) if key is not None else None
    with house.open_vault("subject") as vault:
        made: Registered = add_client(vault, recipient_id, "Shop", scopes, public)
    return Program(made.client.id, made.secret, key)


def basic(name: str, secret: str) -> dict[str, str]:
    """The header of client_secret_basic."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


def ask_token(app: Flask, headers: dict[str, str] | None = None, **fields: str) -> Any:
    """One request to the token endpoint."""
    form = {"grant_type": "client_credentials", **fields}
    # Each from an address of its own: how often one may try is tested elsewhere.
    origin = {"REMOTE_ADDR": f"192.0.2.{next(_ADDRESSES) % 250 + 1}"}
    return app.test_client().post("/oauth/token", data=form, headers=headers or {}, environ_base=origin)


def proof(program: Program, now: float, *, key: Key | None = None, **changes: object) -> str:
    """A proof of the program's key, or one with something else in it."""
    held = key or program.key
    assert held is not None
    claims = {
        "iss": program.id.hex,
        "sub": program.id.hex,
        "aud": TOKEN_URL,
        "iat": int(now),
        "exp": int(now) + 120,
        "jti": f"proof-{time.monotonic_ns()}",
    } | changes
    algorithm = "Ed25519" if isinstance(held, OKPKey) else "ES256"
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm}, kept, held, algorithms=["Ed25519", "ES256"])


def by_proof(app: Flask, made: str, **fields: str) -> Any:
    """Ask for a token by a proof."""
    return ask_token(app, None, client_assertion=made, client_assertion_type=ASSERTION, **fields)


def brand_api(app: Flask, house: House, recipient_id: UUID, *scopes: ApiScope) -> Api:
    """A client of the API with a token of a brand's program."""
    given = register(house, recipient_id, scopes or tuple(ApiScope)).token(app)
    assert given.status_code == 200
    return Api(app, given.json["access_token"])


def lines_of(answer: Answered) -> list[dict[str, Any]]:
    """What came, line by line."""
    return [json.loads(line) for line in answer.text.splitlines()]
