"""A brand's own pages: signing up, showing who it is, the terms. Its team and offers: the files beside."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.brands import look_for_proof, proof_of, sign_up, write_to_contact
from app.current import house, signed_in
from app.domains import FILE, PREFIX, Seen
from app.errors import status_of
from app.forms import Form, read_form, require_form
from app.language import language
from app.pages.brand_door import acting, for_brand, looking, slug
from consent.errors import TooYoung
from consent.recipient import EEA, PRESENT_TERMS, RecipientRefused, TransferTool
from perks.brand import NewBrand, Proof, accept_present_terms, is_ready
from perks.errors import BrandUnfit
from perks.lists import COUNTRIES, country_name
from perks.offer import offers_of
from perks.team import Role, has_owner, memberships

pages = Blueprint("brands", __name__)
SAID = ("contact_sent", "contact_waits", "accepted", "left", *(f"seen_{seen}" for seen in Seen))
CLAUSES = (
    "role",
    "purpose",
    "uses",
    "names",
    "end",
    "notices",
    "transfers",
    "breaches",
    "offers",
    "team",
    "suspension",
)
SEATS = sorted(COUNTRIES)
LOOKED_FOR = (Proof.DNS, Proof.FILE)


class BrandForm(Form):
    """What somebody says about a brand."""

    name = fields.String(required=True)
    slug = fields.String(required=True)
    domain = fields.String(required=True)
    contact = fields.String(required=True)
    country = fields.String(required=True, validate=OneOf(SEATS))
    transfer_tool = fields.String(load_default="", validate=OneOf(["", *TransferTool]))
    notices_url = fields.String(required=True)


class LookForm(Form):
    """Where to look for the proof."""

    by = fields.Enum(Proof, by_value=True, required=True, validate=OneOf(LOOKED_FOR))


class ButtonForm(Form):
    """A button."""


class TermsForm(Form):
    """The terms that were shown."""

    version = fields.String(required=True)


@pages.get("/brand")
def show_all() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        mine = memberships(vault, signed_in().subject_id)
    return render_template(
        "brands.html", mine=[(each, is_ready(each.recipient)) for each in mine], said=_said()
    )


@pages.get("/brand/new")
def show_new() -> ResponseReturnValue:
    return _form({}, frozenset())


@pages.post("/brand/new")
def send_new() -> ResponseReturnValue:
    values, unusable = read_form(BrandForm())
    if unusable:
        return _form(values, unusable), 422
    try:
        new = _new_brand(values)
        sign_up(house(), signed_in().subject_id, new)
    except BrandUnfit as unfit:
        return _form(values, frozenset({unfit.field})), 422
    except RecipientRefused as refusal:
        # All else was looked at before: what is left is a short name that is taken, or a missing tool.
        needs_tool = values["country"] not in EEA and not values["transfer_tool"]
        return _form(values, frozenset({"transfer_tool" if needs_tool else "slug"})), status_of(refusal)
    except TooYoung as refusal:
        return _form(values, frozenset(), refusal.slug), status_of(refusal)
    return redirect(url_for("brands.show", slug=new.slug, said="contact_sent"), 303)


@pages.get("/brand/<slug>")
@for_brand()
def show() -> ResponseReturnValue:
    with looking() as (vault, member):
        return render_template(
            "brand.html",
            member=member,
            is_ready=is_ready(member.recipient),
            has_terms=member.recipient.terms_version == PRESENT_TERMS,
            has_owner=has_owner(vault, member.brand.recipient_id),
            offers=[offer.state for offer in offers_of(vault, member.brand.recipient_id)],
            line=PREFIX + proof_of(house(), member.brand),
            file=FILE,
            places=LOOKED_FOR,
            may_edit=member.role.includes(Role.EDITOR),
            is_owner=member.role is Role.OWNER,
            said=_said(),
        )


@pages.post("/brand/<slug>/domain")
@for_brand(Role.EDITOR)
def look() -> ResponseReturnValue:
    seen = look_for_proof(house(), slug(), require_form(LookForm())["by"])
    return redirect(url_for("brands.show", slug=slug(), said=f"seen_{seen}"), 303)


@pages.post("/brand/<slug>/contact")
@for_brand(Role.EDITOR)
def write() -> ResponseReturnValue:
    require_form(ButtonForm())
    with acting() as (vault, _):
        is_sent = write_to_contact(vault, signed_in().subject_id, slug())
    said = "contact_sent" if is_sent else "contact_waits"
    return redirect(url_for("brands.show", slug=slug(), said=said), 303)


@pages.get("/brand/<slug>/terms")
@for_brand()
def show_terms() -> ResponseReturnValue:
    with looking() as (_, member):
        return render_template(
            "brand-terms.html",
            member=member,
            clauses=CLAUSES,
            version=PRESENT_TERMS,
            is_accepted=member.recipient.terms_version == PRESENT_TERMS,
            is_owner=member.role is Role.OWNER,
        )


@pages.post("/brand/<slug>/terms")
@for_brand(Role.OWNER)
def accept_terms() -> ResponseReturnValue:
    version = require_form(TermsForm())["version"]
    with acting() as (vault, _):
        accept_present_terms(vault, slug(), version)
    return redirect(url_for("brands.show", slug=slug(), said="accepted"), 303)


def _new_brand(values: dict[str, Any]) -> NewBrand:
    given = {name: value.strip() for name, value in values.items()}
    tool = TransferTool(given["transfer_tool"]) if given["transfer_tool"] else None
    return NewBrand(**given | {"transfer_tool": tool, "domain": given["domain"].lower()})


def _by_name(country: tuple[str, str]) -> str:
    return country[1]


def _said() -> str | None:
    said = request.args.get("said")
    return said if said in SAID else None


def _form(values: dict[str, Any], unusable: frozenset[str], refusal: str | None = None) -> str:
    return render_template(
        "brand-new.html",
        values=values,
        unusable=unusable,
        refusal=refusal,
        countries=sorted(((code, country_name(code, str(language()))) for code in SEATS), key=_by_name),
        tools=list(TransferTool),
    )
