"""A brand's programs: what each may do, its secret shown once or its public key taken, and its end.

Whoever holds a secret acts for the brand, so owners alone make programs and end them.
"""

import json
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import house
from app.errors import status_of
from app.forms import Form, read_form, require_form
from app.pages.brand_door import acting, for_brand, looking, slug
from perks.client import LONGEST_NAME, ApiScope, ClientUnfit, add_client, clients_of, end_client
from perks.team import Role

pages = Blueprint("brand_programs", __name__)
SCOPES = {f"scope_{scope.name.lower()}": scope for scope in ApiScope}


class ProgramForm(Form):
    """A program as an owner describes it."""

    name = fields.String(required=True)
    public_key = fields.String(load_default="")
    scope_offers_read = fields.String(load_default="")
    scope_offers_write = fields.String(load_default="")
    scope_participants_read = fields.String(load_default="")
    scope_figures_read = fields.String(load_default="")
    scope_webhooks_write = fields.String(load_default="")


class EndForm(Form):
    """Which program."""

    program = fields.UUID(required=True)


@pages.get("/brand/<slug>/programs")
@for_brand()
def show() -> ResponseReturnValue:
    return _page({})


@pages.post("/brand/<slug>/programs")
@for_brand(Role.OWNER)
def make() -> ResponseReturnValue:
    values, unusable = read_form(ProgramForm())
    if unusable:
        return _page(values, unfit="name"), 422
    try:
        key = json.loads(values["public_key"]) if values["public_key"].strip() else None
        with acting() as (vault, member):
            scopes = [scope for name, scope in SCOPES.items() if values[name]]
            made = add_client(vault, member.brand.recipient_id, values["name"], scopes, key)
            shown = {"name": made.client.name, "id": made.client.id.hex, "secret": made.secret}
    except ClientUnfit as refusal:
        return _page(values, unfit=refusal.facts["field"]), status_of(refusal)
    except (ValueError, RecursionError):
        return _page(values, unfit="public_key"), 422
    # On the answer itself: a secret is kept nowhere, so no address could lead to it again.
    return _page({}, made=shown)


@pages.post("/brand/<slug>/programs/end")
@for_brand(Role.OWNER)
def end() -> ResponseReturnValue:
    program_id = require_form(EndForm())["program"]
    with acting() as (vault, member):
        end_client(vault, member.brand.recipient_id, program_id)
    return redirect(url_for("brand_programs.show", slug=slug(), said="ended"), 303)


def _page(values: dict[str, Any], *, made: dict[str, Any] | None = None, unfit: object = None) -> str:
    with looking() as (vault, member):
        return render_template(
            "brand-programs.html",
            member=member,
            programs=clients_of(vault, member.brand.recipient_id),
            made=made,
            values=values,
            unfit=unfit,
            scopes=SCOPES,
            longest=LONGEST_NAME,
            address=house().config.public_url,
            is_owner=member.role is Role.OWNER,
            is_ended="said" in request.args,
        )
