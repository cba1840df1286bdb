"""Who takes part in one offer, as its brand may know it: counts, what waits, what was read, labels.

    opt-ins, reach   “<10” or tens, counted once a day
    waiting          how many agreed and were not read yet; read by a button that says for what
    received         under which name, which fields, when; the values were on the page once
    labels           asked for as such, and on record for everybody they are about

Values are read by the same call as a program's (app/handing_over.py), each person in a transaction of their
own, and stand on the answer to the button and nowhere else.
"""

import json
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import house
from app.errors import status_of
from app.forms import Form, require_form
from app.handing_over import hand_over_offer
from app.language import language
from app.pages.brand_door import acting, for_brand, looking, slug
from perks.figures import figures
from perks.handover import UseNotAllowed, waiting_ids
from perks.offer import Offer, find_published, require_offer
from perks.reach import Counted, find_reach
from perks.received import PAGE, LabelsNotForThis, LabelStatus, count_received, label_statuses, received
from perks.team import Membership, Role
from perks.use_context import UseContext
from vault.desk import Vault
from vault.errors import DomainError

pages = Blueprint("brand_people", __name__)
AT_ONCE = 20  # so many are read with one button; then the next ones


class UseForm(Form):
    """For what something is read."""

    use_context = fields.Enum(UseContext, by_value=True, required=True)


@dataclass(frozen=True)
class Counts:
    """What a brand may know of people before they agreed; None: not counted yet."""

    opted_in: str | None
    reach: str | None


@pages.get("/brand/<slug>/offers/<uuid:offer_id>/people")
@for_brand()
def show(offer_id: UUID) -> ResponseReturnValue:
    return _page(offer_id)


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/people/values")
@for_brand(Role.EDITOR)
def read_values(offer_id: UUID) -> ResponseReturnValue:
    use_context = require_form(UseForm())["use_context"]
    try:
        lines = hand_over_offer(house(), slug(), offer_id, use_context)
    except UseNotAllowed as refusal:
        return _page(offer_id, refusal=refusal), status_of(refusal)
    return _page(offer_id, handed=[json.loads(line) for line in islice(lines, AT_ONCE)])


@pages.post("/brand/<slug>/offers/<uuid:offer_id>/people/labels")
@for_brand(Role.EDITOR)
def read_labels(offer_id: UUID) -> ResponseReturnValue:
    use_context = require_form(UseForm())["use_context"]
    try:
        with acting() as (vault, member):
            offer = _published(vault, member, offer_id)
            is_expected = find_published(vault, offer.id).terms.expected is not None
            statuses = label_statuses(
                vault, member.recipient, offer.id, use_context, is_expected=is_expected, offset=_offset()
            )
    except LabelsNotForThis as refusal:
        return _page(offer_id, refusal=refusal), status_of(refusal)
    return _page(offer_id, statuses={one.participation_id: one for one in statuses})


def _page(
    offer_id: UUID,
    *,
    handed: list[dict[str, Any]] | None = None,
    statuses: dict[UUID, LabelStatus] | None = None,
    refusal: DomainError | None = None,
) -> str:
    with looking() as (vault, member):
        offer = _published(vault, member, offer_id)
        shown = find_published(vault, offer.id)
        said: dict[str, Any] = {
            "member": member,
            "offer": offer,
            "title": shown.terms.title.said(str(language())),
            "expects_post": shown.terms.expected is not None,
            "counts": _counts(vault, offer),
            "waiting": len(waiting_ids(vault, offer.id)),
            "received": received(vault, member.recipient, offer.id, offset=_offset()),
            "received_count": count_received(vault, offer.id),
            "offset": _offset(),
        }
    return render_template(
        "brand-people.html",
        handed=handed,
        statuses=statuses,
        refusal=refusal,
        uses=list(UseContext),
        may_read=member.role.includes(Role.EDITOR),
        at_once=AT_ONCE,
        page=PAGE,
        **said,
    )


def _published(vault: Vault, member: Membership, offer_id: UUID) -> Offer:
    """The brand's own offer, once people could see it."""
    offer = require_offer(vault, member.brand.recipient_id, offer_id)
    find_published(vault, offer.id)
    return offer


def _counts(vault: Vault, offer: Offer) -> Counts:
    counted = figures(vault, offer.id, UseContext.OFFER_FIGURES)
    return Counts(
        opted_in=counted.latest.get(Counted.OPTED_IN) if counted is not None else None,
        reach=find_reach(vault, find_published(vault, offer.id)),
    )


def _offset() -> int:
    asked = request.args.get("from", "0")
    return int(asked) if asked.isdecimal() and len(asked) < 7 else 0
