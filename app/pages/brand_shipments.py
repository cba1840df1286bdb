"""What a brand that ships for itself or for others has to send: addresses, each shown once.

An address is on the answer to the button and nowhere else; the deadline of a post begins with it. It goes to
the shipper of the offer alone (perks/claim.py).
"""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from marshmallow import fields
from marshmallow.validate import OneOf

from app.brand_people import hand_over_address
from app.current import house
from app.forms import Form, require_form
from app.language import language
from app.pages.brand_door import for_brand, looking, slug
from consent.disclosure import Disclosed
from perks.claim import to_ship
from perks.offer import find_published
from perks.participation import Participation, ParticipationUnknown
from perks.team import Role
from perks.use_context import UseContext
from vault.desk import Vault

pages = Blueprint("brand_shipments", __name__)


class ShipForm(Form):
    """Which parcel, and for what its address is read: there is one use of an address."""

    participation = fields.UUID(required=True)
    use_context = fields.Enum(
        UseContext, by_value=True, required=True, validate=OneOf([UseContext.OFFER_FULFILMENT])
    )


@dataclass(frozen=True)
class Parcel:
    """Something to send: for which offer, under a random name."""

    id: UUID
    title: str


@pages.get("/brand/<slug>/shipments")
@for_brand()
def show() -> ResponseReturnValue:
    return _page()


@pages.post("/brand/<slug>/shipments")
@for_brand(Role.EDITOR)
def read_address() -> ResponseReturnValue:
    participation_id = require_form(ShipForm())["participation"]
    try:
        handed = hand_over_address(house(), slug(), participation_id)
    except ParticipationUnknown:
        return _page(is_gone=True), 409
    return _page(handed=handed)


def _page(*, handed: Disclosed | None = None, is_gone: bool = False) -> str:
    with looking() as (vault, member):
        waiting = [_parcel(vault, one) for one in to_ship(vault, member.recipient)]
        return render_template(
            "brand-shipments.html",
            member=member,
            waiting=waiting,
            handed=handed,
            is_gone=is_gone,
            may_read=member.role.includes(Role.EDITOR),
            use=UseContext.OFFER_FULFILMENT,
        )


def _parcel(vault: Vault, participation_id: UUID) -> Parcel:
    participation = vault.session.get_one(Participation, participation_id)
    offer = find_published(vault, participation.offer_id)
    return Parcel(participation_id, offer.terms.title.said(str(language())))
