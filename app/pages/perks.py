"""Offers for a creator: what there is and why they see it, whether they reach it, and every step.

Each button is one step of perks/life.py. What is not possible is not shown, and refused all the same: 409,
and in the log. Values are agreed to on a page of their own, beside the words about them.
"""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.current import house, signed_in
from app.errors import status_of
from app.forms import Form, read_form, require_form
from app.language import language
from app.pages.perk_page import back_to, offer_page, spoken_offers
from app.perks import is_matched, seen_offers
from consent.errors import ConsentChanged, ConsentMissing, SignalHeeded
from consent.signal import heard_since
from perks.claim import AddressUnfit, claim
from perks.errors import CodesGone
from perks.handover import (
    PreviewOutdated,
    ValuesLacking,
    Yes,
    consent,
    decline,
    leave,
    look_at_values,
    preview,
)
from perks.life import State
from perks.matching import OfferNotOpen, look_again, take_part
from perks.participation import OfferTaken
from perks.review import ReviewUnfit, ask_review
from vault.errors import DomainError

pages = Blueprint("perks", __name__)
YES, NO, DESPITE = "yes", "no", "despite-signal"
ADDRESS_MOST = 400


class ButtonForm(Form):
    """A button."""


class StatementForm(Form):
    """Why a no should be looked at."""

    statement = fields.String(load_default="")


class SharingForm(Form):
    """Yes or no to the very values that were shown."""

    decision = fields.String(required=True, validate=validate.OneOf([YES, NO, DESPITE]))
    digest = fields.String(required=True)
    seen = fields.Integer(required=True, validate=validate.Range(min=0))
    notice_language = fields.String(required=True, validate=validate.OneOf(["en", "de"]))


class ClaimForm(Form):
    """Where to send something; empty where nothing is sent."""

    address = fields.String(load_default=None, validate=validate.Length(max=ADDRESS_MOST))


@pages.get("/perks")
def show_all() -> ResponseReturnValue:
    with house().open_reading_vault() as vault:
        subject_id = signed_in().subject_id
        return render_template(
            "perks.html",
            is_matched=is_matched(vault, subject_id),
            offers=seen_offers(vault, subject_id),
            **spoken_offers(),
        )


@pages.get("/perks/<uuid:offer_id>")
def show(offer_id: UUID) -> ResponseReturnValue:
    try:
        return offer_page(offer_id)
    except ConsentMissing:
        return redirect(url_for("perks.show_all"), 303)


@pages.post("/perks/<uuid:offer_id>/take-part")
def join(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    try:
        with house().open_vault("subject") as vault:
            take_part(vault, signed_in().subject_id, offer_id)
    except (OfferNotOpen, OfferTaken) as refusal:
        return offer_page(offer_id, refusal), status_of(refusal)
    return back_to(offer_id, "taken")


@pages.post("/perks/<uuid:offer_id>/recheck")
def recheck(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    try:
        with house().open_vault("subject") as vault:
            look_again(vault, signed_in().subject_id, offer_id)
    except OfferNotOpen as refusal:
        return offer_page(offer_id, refusal), status_of(refusal)
    return back_to(offer_id, "rechecked")


@pages.post("/perks/<uuid:offer_id>/review")
def review(offer_id: UUID) -> ResponseReturnValue:
    values = require_form(StatementForm())
    try:
        with house().open_vault("subject") as vault:
            ask_review(vault, signed_in().subject_id, offer_id, values["statement"])
    except ReviewUnfit as refusal:
        return offer_page(offer_id, refusal, values), status_of(refusal)
    return back_to(offer_id, "review")


@pages.post("/perks/<uuid:offer_id>/preview")
def show_preview(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    try:
        with house().open_vault("subject") as vault:
            shown = preview(vault, signed_in().subject_id, offer_id, language(), house().notices)
    except OfferNotOpen as refusal:
        return offer_page(offer_id, refusal), status_of(refusal)
    if shown is None:
        return back_to(offer_id, "not-any-more")
    return redirect(url_for("perks.show_values", offer_id=offer_id), 303)


@pages.get("/perks/<uuid:offer_id>/values")
def show_values(offer_id: UUID) -> ResponseReturnValue:
    return _values_page(offer_id)


@pages.post("/perks/<uuid:offer_id>/values")
def decide(offer_id: UUID) -> ResponseReturnValue:
    values = require_form(SharingForm())
    spoken_language, subject_id = values["notice_language"], signed_in().subject_id
    try:
        with house().open_vault("subject") as vault:
            if values["decision"] == NO:
                decline(vault, subject_id, offer_id, spoken_language, house().notices)
                return back_to(offer_id, "declined")
            is_despite = values["decision"] == DESPITE
            yes = Yes(values["digest"], spoken_language, values["seen"], despite_signal=is_despite)
            consent(vault, subject_id, offer_id, yes, house().notices)
    except (ConsentChanged, OfferNotOpen, PreviewOutdated, SignalHeeded, ValuesLacking) as refusal:
        return _values_page(offer_id, refusal), status_of(refusal)
    return back_to(offer_id, "agreed")


@pages.post("/perks/<uuid:offer_id>/claim")
def take(offer_id: UUID) -> ResponseReturnValue:
    values, unusable = read_form(ClaimForm())
    try:
        with house().open_vault("subject") as vault:
            claim(vault, signed_in().subject_id, offer_id, "" if unusable else values["address"])
    except (AddressUnfit, CodesGone, OfferNotOpen) as refusal:
        return offer_page(offer_id, refusal, {"address": values.get("address") or ""}), status_of(refusal)
    return back_to(offer_id, "claimed")


@pages.post("/perks/<uuid:offer_id>/leave")
def withdraw(offer_id: UUID) -> ResponseReturnValue:
    require_form(ButtonForm())
    with house().open_vault("subject") as vault:
        leave(vault, signed_in().subject_id, offer_id, language(), notices=house().notices)
    return back_to(offer_id, "left")


def _values_page(offer_id: UUID, refusal: DomainError | None = None) -> str:
    with house().open_reading_vault() as vault:
        subject_id = signed_in().subject_id
        shown = look_at_values(vault, subject_id, offer_id, language(), house().notices)
        return render_template(
            "perk-values.html",
            shown=shown,
            is_first=shown.participation.state is State.PREVIEWED,
            signal_since=heard_since(vault, subject_id),
            refusal=refusal.slug if refusal else None,
        )
