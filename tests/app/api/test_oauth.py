"""Tokens of brands' programs: by secret or by key, for an hour, and every refusal the same."""

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey
from sqlalchemy import select

from app.transaction import House
from app.web import create_app
from consent.recipient import suspend_recipient
from perks.client import ApiScope, BrandClient, BrandToken, ClientUnfit, add_client, end_client
from tests.app.api.brand_programs import (
    ASSERTION,
    TOKEN_URL,
    Program,
    ask_token,
    basic,
    brand_api,
    by_proof,
    proof,
    register,
)
from tests.app.api.speaking import Api
from tests.architecture.checkout import ROOT
from tests.perks.offering import SLUG, new_brand

ANY = "use_context=offer-figures"


def makes_ed25519() -> OKPKey:
    return OKPKey.generate_key("Ed25519", private=True)


def public_part(program: Program) -> dict[str, Any]:
    assert program.key is not None
    return {**program.key.as_dict(private=False)}


def test_a_program_signs_in_with_its_secret_and_reads_its_own_offers_for_an_hour(house, clock):
    app, brand = create_app(house), new_brand(house)
    program = register(house, brand, [ApiScope.OFFERS_READ])

    in_header = program.token(app)
    in_form = ask_token(app, client_id=str(program.id), client_secret=program.secret or "")

    for given in (in_header, in_form):
        assert given.status_code == 200
        assert given.headers["Cache-Control"] == "no-store"
        assert {name: given.json[name] for name in ("token_type", "expires_in", "scope")} == {
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "offers:read",
        }
    api = Api(app, in_header.json["access_token"])
    assert api("GET", f"/brand/offers?{ANY}").json == {"offers": []}
    clock.advance(timedelta(minutes=59))
    assert api("GET", f"/brand/offers?{ANY}").status_code == 200
    clock.advance(timedelta(minutes=1))
    over = api("GET", f"/brand/offers?{ANY}")
    assert (over.status_code, over.headers["WWW-Authenticate"]) == (
        401,
        'Bearer realm="klarwert", error="invalid_token"',
    )


@pytest.mark.parametrize("makes", [makes_ed25519, lambda: ECKey.generate_key("P-256", private=True)])
def test_a_program_signs_in_with_its_key_and_each_proof_counts_once(house, clock, makes):
    app = create_app(house)
    program = register(house, new_brand(house), key=makes())
    made = proof(program, clock().timestamp())

    first, again = by_proof(app, made), by_proof(app, made)
    other = by_proof(app, proof(program, clock().timestamp(), aud=TOKEN_URL.removesuffix("/oauth/token")))

    assert (first.status_code, again.status_code, other.status_code) == (200, 401, 200)


def test_whatever_is_wrong_about_a_program_is_answered_alike(sqlite_house, clock):
    app, brand = create_app(sqlite_house), new_brand(sqlite_house)
    now = clock().timestamp()
    program, ended = register(sqlite_house, brand, key=makes_ed25519()), register(sqlite_house, brand)
    with_secret = register(sqlite_house, brand)
    with sqlite_house.open_vault("subject") as vault:
        end_client(vault, brand, ended.id)
    hashed = OctKey.import_key(json.dumps(public_part(program)))
    confused = jwt.encode({"alg": "HS256"}, {"sub": program.id.hex, "iss": program.id.hex}, hashed)

    answers = [
        with_secret.token(app, scope="offers:read").status_code,
        ended.token(app),
        Program(with_secret.id, "wrong").token(app),
        ask_token(app),
        ask_token(
            app, {"Authorization": "Basic \udcff".encode("utf-8", "surrogateescape").decode("latin-1")}
        ),
        ask_token(app, basic("nobody", "nothing")),
        ask_token(app, client_id=program.id.hex, client_secret="x"),
        ask_token(app, client_id=program.id.hex),
        by_proof(app, proof(program, now, key=makes_ed25519())),
        by_proof(app, proof(program, now, aud="https://other.example/oauth/token")),
        by_proof(app, proof(program, now, aud=[TOKEN_URL, "https://other.example"])),
        by_proof(app, proof(program, now, iss="somebody")),
        by_proof(app, proof(program, now, jti=None)),
        by_proof(app, proof(program, now, iat=None)),
        by_proof(app, proof(program, now, exp=None)),
        by_proof(app, proof(program, now, exp=int(now) + 3600)),
        by_proof(app, proof(program, now - 600)),
        by_proof(app, proof(program, now + 600)),
        by_proof(app, proof(program, now, exp=10**30)),
        by_proof(app, confused),
        by_proof(app, "a.b.c"),
        by_proof(app, proof(Program(with_secret.id, key=makes_ed25519()), now)),
    ]

    assert answers.pop(0) == 200
    assert {(one.status_code, one.data) for one in answers} == {(401, b'{"error":"invalid_client"}')}
    assert {one.headers["WWW-Authenticate"] for one in answers} == {'Basic realm="klarwert"'}


def test_a_request_that_is_none_or_asks_for_more_than_it_may_is_said_to_be_so(sqlite_house, clock):
    app, brand = create_app(sqlite_house), new_brand(sqlite_house)
    program = register(sqlite_house, brand, [ApiScope.OFFERS_READ])
    head = basic(program.id.hex, program.secret or "")
    post = app.test_client().post

    errors = [
        ask_token(app, head, grant_type="password"),
        ask_token(app, head, grant_type=""),
        ask_token(app, head, scope="offers:write"),
        ask_token(app, head, scope="everything"),
        ask_token(app, head, client_id=program.id.hex, client_secret=program.secret or ""),
        ask_token(app, head, client_assertion="x", client_assertion_type=ASSERTION),
        post("/oauth/token", json={"grant_type": "client_credentials"}, headers=head),
        post("/oauth/token", data="grant_type=client_credentials&scope=a&scope=b", headers=head),
        post("/oauth/token?scope=offers:read", data={"grant_type": "client_credentials"}, headers=head),
    ]

    assert [one.json["error"] for one in errors] == [
        "unsupported_grant_type",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_scope",
        "invalid_request",
        "invalid_request",
        "invalid_request",
        "invalid_request",
        "invalid_request",
    ]
    assert {one.status_code for one in errors} == {400}
    with sqlite_house.open_reading_vault("system") as vault:
        assert vault.session.scalars(select(BrandToken)).all() == []


def test_nothing_kept_is_a_secret_or_a_token_and_what_was_ended_opens_nothing(sqlite_house):
    app, brand = create_app(sqlite_house), new_brand(sqlite_house)
    program = register(sqlite_house, brand)
    token = program.token(app).json["access_token"]
    with sqlite_house.open_reading_vault("system") as vault:
        (client,) = vault.session.scalars(select(BrandClient))
        (kept,) = vault.session.scalars(select(BrandToken))

    assert kept.token_sha256 == hashlib.sha256(token.encode()).digest()
    assert client.secret_sha256 == hashlib.sha256((program.secret or "").encode()).digest()
    with sqlite_house.open_vault("subject") as vault:
        end_client(vault, brand, program.id)
    assert Api(app, token)("GET", f"/brand/offers?{ANY}").status_code == 401


def test_a_suspended_brand_gets_no_token_and_those_it_has_open_nothing(sqlite_house):
    app, brand = create_app(sqlite_house), new_brand(sqlite_house)
    program = register(sqlite_house, brand)
    api = Api(app, program.token(app).json["access_token"])
    with sqlite_house.open_vault("operator") as vault:
        suspend_recipient(vault, SLUG)

    refused = program.token(app)

    assert (refused.status_code, refused.json["error"]) == (403, "unauthorized_client")
    assert api("GET", f"/brand/offers?{ANY}").json["why"] == "suspended"


def test_a_token_covers_what_it_names_and_nobody_elses_token_covers_anything(sqlite_house, app: Flask, api):
    brand = brand_api(app, sqlite_house, new_brand(sqlite_house), ApiScope.OFFERS_READ)

    missing = brand("POST", "/brand/offers", {"terms": {}})
    of_a_person = api("GET", f"/brand/offers?{ANY}")
    as_a_person = Api(app, brand.token)("GET", "/score")
    of_nobody = Api(app)("GET", f"/brand/offers?{ANY}")

    assert (missing.status_code, missing.json["scope"]) == (403, "offers:write")
    assert missing.headers["WWW-Authenticate"] == (
        'Bearer realm="klarwert", error="insufficient_scope", scope="offers:write"'
    )
    assert {of_a_person.status_code, as_a_person.status_code, of_nobody.status_code} == {401}


def test_who_asks_too_often_is_told_how_long_to_wait_and_refusals_count(sqlite_house: House, clock):
    from dataclasses import replace

    house = replace(sqlite_house, config=replace(sqlite_house.config, brand_reads=3, brand_writes=1))
    app, brand = create_app(house), new_brand(house)
    one, other = brand_api(app, house, brand), brand_api(app, house, brand)
    missing = "/brand/offers/00000000-0000-4000-8000-000000000000"

    reads = [api("GET", f"{missing}?{ANY}").status_code for api in (one, other, one)]
    spent = other("GET", f"/brand/offers?{ANY}")
    writes = [other("DELETE", missing).status_code for _ in range(2)]
    clock.advance(timedelta(hours=12))
    next_day = brand_api(app, house, brand)("GET", f"/brand/offers?{ANY}")

    assert (reads, writes) == ([404] * 3, [404, 429])
    assert (spent.status_code, spent.headers["Retry-After"]) == (429, str(12 * 3600))
    assert next_day.status_code == 200


def test_the_metadata_is_what_rfc_8414_asks_for(app: Flask):
    shown = app.test_client().get("/.well-known/oauth-authorization-server")

    assert shown.json is not None
    described = AuthorizationServerMetadata(shown.json)
    for claim in ("issuer", "token_endpoint", "response_types_supported", "grant_types_supported"):
        assert claim in described
    described.validate_token_endpoint_auth_methods_supported()
    described.validate_token_endpoint_auth_signing_alg_values_supported()
    assert shown.json["token_endpoint"] == TOKEN_URL
    assert shown.json["scopes_supported"] == [scope.value for scope in ApiScope]


def test_only_public_keys_of_two_kinds_are_registered(sqlite_house):
    brand, public = new_brand(sqlite_house), makes_ed25519().as_dict(private=False)
    unfit: list[Any] = [
        makes_ed25519().as_dict(private=True),
        OctKey.generate_key(256).as_dict(),
        ECKey.generate_key("P-384", private=True).as_dict(private=False),
        {**ECKey.generate_key("P-256", private=True).as_dict(private=False), "x": "AAAA"},
        {**public, "x": "AAAA"},
        {},
    ]

    for key in unfit:
        with pytest.raises(ClientUnfit), sqlite_house.open_vault("subject") as vault:
            add_client(vault, brand, "Shop", [ApiScope.OFFERS_READ], key)


def test_authlibs_own_jose_is_not_loaded():
    report = (
        "import sys, app.web, app.oauth_server; print(*[name for name in sys.modules if 'authlib' in name])"
    )

    done = subprocess.run(
        [sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "authlib.oauth2.rfc6749" in done.stdout.split()
    assert not [name for name in done.stdout.split() if "jose" in name]
