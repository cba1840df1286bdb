"""What every operation of the brand's API has in common: the door before it, `use_context`, streams of lines.

    GET /brand/...?use_context=offer-figures         required wherever something is read

Which scope an operation needs is what it says about itself (operation.py), so none can forget to ask.
"""

from collections.abc import Iterator
from typing import cast

from flask import Blueprint, Response, current_app, g, request, stream_with_context
from marshmallow import Schema, fields
from marshmallow.validate import Equal

from app.api.fields import Text
from app.api.operation import api_blueprint, find_operation
from app.brand_access import BrandDoor, BrandTokenInvalid, ScopeMissing
from app.current import house as this_house
from perks.client import Caller
from perks.use_context import UseContext

LINES = "application/x-ndjson"
OFFER = {"offer_id": {"type": "string", "format": "uuid"}}
_DOOR = "klarwert.brand-door"
_USE = {"description": "what it is read for; anything else is not a value"}


def _only(use: UseContext) -> fields.Enum[UseContext]:
    """The field where one use is the only one there is."""
    return fields.Enum(
        UseContext,
        by_value=Text,
        required=True,
        validate=Equal(use),
        metadata={**_USE, "enum": [use.value]},
    )


class AnyUseSchema(Schema):
    """For what a brand reads of its own."""

    use_context = fields.Enum(UseContext, by_value=Text, required=True, metadata=_USE)


class FulfilmentSchema(Schema):
    """To fulfil an offer."""

    use_context = _only(UseContext.OFFER_FULFILMENT)


class LabelCheckSchema(Schema):
    """To see whether a promised post says that it is paid for."""

    use_context = _only(UseContext.LABEL_CHECK)


class FiguresUseSchema(Schema):
    """For counts."""

    use_context = _only(UseContext.OFFER_FIGURES)


def brand_blueprint(name: str) -> Blueprint:
    """A blueprint whose every operation is behind the brand's door."""
    views = api_blueprint(f"brand_{name}")
    views.before_request(_let_in)
    views.after_request(_challenge)
    return views


def caller() -> Caller:
    """The program that asks, and its brand."""
    return cast(Caller, g.brand_caller)


def lines(made: Iterator[bytes]) -> Response:
    """Lines of JSON, each sent as soon as it is there."""
    return Response(stream_with_context(made), mimetype=LINES)


def _let_in() -> None:
    about = find_operation(current_app.view_functions[str(request.endpoint)])
    if about is None or about.scope is None:
        raise RuntimeError("An operation of the brand's API without a scope.")
    made = current_app.extensions
    if _DOOR not in made:
        made[_DOOR] = BrandDoor(this_house())
    door = cast(BrandDoor, made[_DOOR])
    try:
        writes = request.method not in ("GET", "HEAD")
        g.brand_caller = door.require(request.headers.get("Authorization", ""), about.scope, writes=writes)
    except BrandTokenInvalid:
        if "Authorization" in request.headers:  # else there is nothing to say about it
            g.brand_challenge = 'Bearer realm="klarwert", error="invalid_token"'
        raise
    except ScopeMissing as refused:
        g.brand_challenge = (
            f'Bearer realm="klarwert", error="insufficient_scope", scope="{refused.scope.value}"'
        )
        raise


def _challenge(response: Response) -> Response:
    """Which token is wanted (RFC 6750 section 3)."""
    if "brand_challenge" in g:
        response.headers["WWW-Authenticate"] = g.brand_challenge
    return response
