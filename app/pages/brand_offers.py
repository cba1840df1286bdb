"""A brand's offers: made in a form, seen as a creator will see them, published, closed; and their codes."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.errors import status_of
from app.forms import Form, read_form, require_form
from app.language import language
from app.pages.brand_door import acting, for_brand, looking, slug
from app.pages.offer_form import TICKED, field_of, flawed_fields, read_offer_form, values_of
from consent.recipient import RecipientNotReady
from explain.statement import catalog
from explain.voice import Voice
from model.inputs import Criterion
from perks.codes import add_codes, count_free, read_codes
from perks.errors import CodesUnfit, OfferIncomplete, OfferScreened, OfferStepIllegal, OfferUnusable
from perks.lists import CURRENCIES, country_name, language_name, niche_name
from perks.offer import (
    Offer,
    OfferState,
    close_offer,
    create_offer,
    delete_draft,
    edit_offer,
    improve_offer,
    offers_of,
    publish_offer,
    require_offer,
    screen_offer,
    versions_of,
)
from perks.offer_terms import Assurance, Kind, read_terms
from perks.team import Membership, Role
from sources.activity import Platform
from vault.errors import DomainError

pages = Blueprint("brand_offers", __name__)
SAID = ("saved", "screened", "published", "closed", "deleted", "improved", "codes", "codes_known")
NEW = "new"


class ButtonForm(Form):
    """A button."""


class CodesForm(Form):
    """Codes, one a line."""

    codes = fields.String(required=True)


@pages.get("/brand/<slug>/offers")
@for_brand()
def show_all() -> ResponseReturnValue:
    with looking() as (vault, member):
        offers = [(offer, _title(offer)) for offer in offers_of(vault, member.brand.recipient_id)]
        return render_template(
            "brand-offers.html", member=member, offers=offers, may_edit=_may_edit(member), said=_said()
        )


@pages.get("/brand/<slug>/offers/new")
@for_brand(Role.EDITOR)
def show_new() -> ResponseReturnValue:
    with looking() as (_, member):
        return _form(member, _preset(member), {}, None)


@pages.post("/brand/<slug>/offers/new")
@for_brand(Role.EDITOR)
def make() -> ResponseReturnValue:
    raw = read_offer_form()
    if flawed := _flaws(raw):
        return _refused_form(raw, flawed, None)
    with acting() as (vault, member):
        offer_id = create_offer(vault, member.brand.recipient_id, raw).id
    return _to(offer_id, "saved")


@pages.get("/brand/<slug>/offers/<uuid:offer_id>")
@for_brand()
def show(offer_id: UUID) -> ResponseReturnValue:
    return _page(offer_id)


@pages.get("/brand/<slug>/offers/<uuid:offer_id>/edit")
@for_brand(Role.EDITOR)
def show_edit(offer_id: UUID) -> ResponseReturnValue:
    with looking() as (vault, member):
        offer = require_offer(vault, member.brand.recipient_id, offer_id)
        if offer.state is OfferState.CLOSED:
            raise OfferStepIllegal(offer.state)
        raw = json.loads(offer.terms)
        return _form(member, raw, flawed_fields(read_terms(raw)[1], with_missing=True), offer)


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/edit")
@for_brand(Role.EDITOR)
def edit(offer_id: UUID) -> ResponseReturnValue:
    raw = read_offer_form()
    with looking() as (vault, member):
        offer = require_offer(vault, member.brand.recipient_id, offer_id)
        is_published = offer.state is OfferState.PUBLISHED
    if flawed := flawed_fields(read_terms(raw)[1], with_missing=is_published):
        return _refused_form(raw, flawed, offer)
    try:
        with acting() as (vault, member):
            change = improve_offer if is_published else edit_offer
            change(vault, member.brand.recipient_id, offer_id, raw)
    except (OfferScreened, OfferUnusable) as refusal:
        return _refused_form(raw, {}, offer, refusal)
    return _to(offer_id, "improved" if is_published else "saved")


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/screen")
@for_brand(Role.EDITOR)
def look(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    try:
        with acting() as (vault, member):
            screen_offer(vault, member.brand.recipient_id, offer_id)
    except (OfferIncomplete, OfferUnusable, OfferScreened) as refusal:
        return _page(offer_id, refusal), status_of(refusal)
    return _to(offer_id, "screened")


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/publish")
@for_brand(Role.EDITOR)
def publish(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    try:
        with acting() as (vault, member):
            publish_offer(vault, member.brand.recipient_id, offer_id)
    except (OfferIncomplete, OfferUnusable, OfferScreened, RecipientNotReady) as refusal:
        return _page(offer_id, refusal), status_of(refusal)
    return _to(offer_id, "published")


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/close")
@for_brand(Role.EDITOR)
def close(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    with acting() as (vault, member):
        close_offer(vault, member.brand.recipient_id, offer_id)
    return _to(offer_id, "closed")


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/delete")
@for_brand(Role.EDITOR)
def delete(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    with acting() as (vault, member):
        delete_draft(vault, member.brand.recipient_id, offer_id)
    return redirect(url_for("brand_offers.show_all", slug=slug(), said="deleted"), 303)


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/codes")
@for_brand(Role.EDITOR)
def add(offer_id: UUID) -> ResponseReturnValue:
    values, unusable = read_form(CodesForm())
    try:
        codes = read_codes("" if unusable else values["codes"])
    except CodesUnfit as refusal:
        return _page(offer_id, refusal), status_of(refusal)
    with acting() as (vault, member):
        offer = require_offer(vault, member.brand.recipient_id, offer_id)
        if offer.state is OfferState.CLOSED:
            raise OfferStepIllegal(offer.state)
        new = add_codes(vault, member.brand.recipient_id, offer_id, codes)
    return _to(offer_id, "codes" if new else "codes_known")


def _page(offer_id: UUID, refusal: DomainError | None = None) -> str:
    with looking() as (vault, member):
        offer = require_offer(vault, member.brand.recipient_id, offer_id)
        raw = json.loads(offer.terms)
        terms, flaws = read_terms(raw)
        return render_template(
            "brand-offer.html",
            member=member,
            offer=offer,
            title=_title(offer),
            terms=terms,
            lacking=sorted(flawed_fields(flaws, with_missing=True)),
            needs_codes=raw.get("kind") in (Kind.VOUCHER, Kind.DISCOUNT),
            free=count_free(vault, offer.id),
            versions=versions_of(vault, offer.id),
            may_edit=_may_edit(member),
            refusal=refusal,
            refused_at=_refused_at(refusal),
            said=_said(),
            **spoken(),
        )


def spoken() -> dict[str, Any]:
    """What the card of an offer needs to say it in the language of the page."""
    voice, spoken_language = Voice(catalog(), language()), str(language())
    return {
        "names": lambda codes, name: ", ".join(sorted(name(code) for code in codes)),
        "network": lambda each: voice.network(Platform(each)),
        "criterion": voice.criterion,
        "niche": lambda each: niche_name(each, spoken_language),
        "country": lambda each: country_name(each, spoken_language),
        "tongue": lambda each: language_name(each, spoken_language),
    }


def _form(
    member: Membership,
    raw: dict[str, Any],
    flawed: dict[str, str],
    offer: Offer | None,
    refusal: DomainError | None = None,
) -> str:
    return render_template(
        "brand-offer-edit.html",
        member=member,
        offer=offer,
        values=values_of(raw),
        flawed=flawed | ({_refused_at(refusal): "unusable"} if refusal is not None else {}),
        refusal=refusal,
        ticked=TICKED,
        kinds=list(Kind),
        assurances=list(Assurance),
        currencies=sorted(CURRENCIES),
        criteria=list(Criterion),
        has_points=bool((raw.get("criteria") or {}).get("min_points")),
        refused_at=_refused_at(refusal),
        **spoken(),
    )


def _refused_form(
    raw: dict[str, Any], flawed: dict[str, str], offer: Offer | None, refusal: DomainError | None = None
) -> ResponseReturnValue:
    with looking() as (_, member):
        return _form(member, raw, flawed, offer, refusal), 422


def _flaws(raw: dict[str, Any]) -> dict[str, str]:
    return flawed_fields(read_terms(raw)[1], with_missing=False)


def _preset(member: Membership) -> dict[str, Any]:
    """What a new offer begins with: who usually pays, and for whom."""
    name = member.recipient.name
    return {"payer": name, "on_behalf_of": name, "shipper": slug(), "value": {"currency": "EUR"}}


def _refused_at(refusal: DomainError | None) -> str:
    return field_of(str(refusal.facts.get("field", ""))) if refusal is not None else ""


def _title(offer: Offer) -> str:
    title = json.loads(offer.terms).get("title") or {}
    return str(title.get(str(language())) or title.get("en") or title.get("de") or "")


def _may_edit(member: Membership) -> bool:
    return member.role.includes(Role.EDITOR)


def _to(offer_id: UUID, said: str) -> ResponseReturnValue:
    return redirect(url_for("brand_offers.show", slug=slug(), offer_id=offer_id, said=said), 303)


def _said() -> str | None:
    said = request.args.get("said")
    return said if said in SAID else None
