"""A brand's own offers, for its programs: made, screened, published, worded anew, closed; and their codes."""

import json
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length

from app.api.answering import answer, answer_nothing
from app.api.asking import body, query
from app.api.brand_asking import OFFER, AnyUseSchema, brand_blueprint, caller
from app.api.fields import Count, Instant, Text
from app.api.operation import Answer, Operation, operation
from app.current import house as this_house
from consent.recipient import RecipientNotReady
from perks.client import ApiScope
from perks.codes import add_codes, count_free, read_codes
from perks.errors import (
    CodesUnfit,
    OfferIncomplete,
    OfferScreened,
    OfferStepIllegal,
    OfferUnknown,
    OfferUnusable,
)
from perks.offer import (
    Offer,
    OfferState,
    close_offer,
    create_offer,
    delete_draft,
    edit_offer,
    improve_offer,
    lock_offer,
    offers_of,
    publish_offer,
    require_offer,
    screen_offer,
)
from vault.desk import Vault

views = brand_blueprint("offers")
TERMS = {"description": "what an offer says: docs/api.md; a draft may lack what it likes"}
EXAMPLE = {
    "terms": {
        "kind": "voucher",
        "title": {"en": "Seeds for a year", "de": "Saatgut für ein Jahr"},
        "text": {"en": "Twelve bags of seeds.", "de": "Zwölf Beutel Saatgut."},
        "redeem": {"en": "Enter the code in the shop.", "de": "Code im Laden eingeben."},
        "payer": "Rosengarten GmbH",
        "on_behalf_of": "Rosengarten GmbH",
        "expected": {"platforms": ["instagram"], "within_days": 30},
        "label": [{"platform": "instagram", "country": "DE", "wording": "Anzeige"}],
        "criteria": {
            "min_score": 40,
            "min_points": {},
            "platforms": [],
            "countries": ["DE"],
            "languages": ["de"],
            "niches": ["gardening"],
            "assurance": "any",
        },
        "admits_down_to": None,
        "quantity": 30,
        "opens_on": "2026-12-01",
        "closes_on": "2026-12-31",
        "shares": ["score-band", "handles"],
        "shipper": None,
        "value": {"cents": 4800, "currency": "EUR"},
    }
}


class OfferBodySchema(Schema):
    """The terms of an offer."""

    terms = fields.Dict(keys=fields.String(), required=True, metadata=TERMS)


class CodesBodySchema(Schema):
    """Codes, one a line."""

    codes = Text(required=True, validate=Length(min=1))


class OfferSchema(Schema):
    """One offer, as it stands on the brand's side."""

    id = fields.UUID(required=True)
    state = fields.Enum(OfferState, by_value=fields.String, required=True)
    version = Count(required=True, metadata={"description": "0: never published"})
    terms = fields.Dict(keys=fields.String(), required=True, metadata=TERMS)
    created_at = Instant(required=True)
    changed_at = Instant(required=True)
    published_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    codes_left = Count(required=True)


class OffersSchema(Schema):
    """All of them, the newest first."""

    offers = fields.List(fields.Nested(OfferSchema), required=True)


class StockSchema(Schema):
    """How many codes were new, and how many nobody has yet."""

    added = Count(required=True)
    codes_left = Count(required=True)


@views.get("/brand/offers")
@operation(
    Operation(
        "The brand's own offers",
        Answer(200, "All of them, the newest first", (OffersSchema,)),
        asks=AnyUseSchema,
        scope=ApiScope.OFFERS_READ,
    )
)
def list_offers() -> Response:
    query(AnyUseSchema)
    with this_house().open_reading_vault("recipient") as vault:
        found = [_said(vault, offer) for offer in offers_of(vault, caller().recipient.id)]
    return answer({"offers": found})


@views.post("/brand/offers")
@operation(
    Operation(
        "Begin an offer; what it lacks may follow",
        Answer(201, "The draft", (OfferSchema,), headers={"Location": "where it is"}),
        takes=OfferBodySchema,
        refuses=(OfferUnusable,),
        scope=ApiScope.OFFERS_WRITE,
        example=EXAMPLE,
    )
)
def begin_offer() -> Response:
    terms = body(OfferBodySchema)["terms"]
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        offer = create_offer(vault, caller().recipient.id, terms)
        vault.flush()
        made = _said(vault, offer)
    return answer(made, 201, {"Location": f"/api/v1/brand/offers/{offer.id}"})


@views.get("/brand/offers/<uuid:offer_id>")
@operation(
    Operation(
        "One of them",
        Answer(200, "The offer", (OfferSchema,)),
        asks=AnyUseSchema,
        refuses=(OfferUnknown,),
        places=OFFER,
        scope=ApiScope.OFFERS_READ,
    )
)
def show_offer(offer_id: UUID) -> Response:
    query(AnyUseSchema)
    with this_house().open_reading_vault("recipient") as vault:
        found = _said(vault, require_offer(vault, caller().recipient.id, offer_id))
    return answer(found)


@views.put("/brand/offers/<uuid:offer_id>")
@operation(
    Operation(
        "Change a draft, which is then screened again; of a published offer title, text and redeem only",
        Answer(200, "The offer", (OfferSchema,)),
        takes=OfferBodySchema,
        refuses=(OfferUnknown, OfferUnusable, OfferIncomplete, OfferScreened, OfferStepIllegal),
        places=OFFER,
        scope=ApiScope.OFFERS_WRITE,
        example=EXAMPLE,
    )
)
def change_offer(offer_id: UUID) -> Response:
    terms, brand = body(OfferBodySchema)["terms"], caller().recipient
    with this_house().open_vault("recipient", brand.slug) as vault:
        is_published = lock_offer(vault, brand.id, offer_id).state is OfferState.PUBLISHED
        change = improve_offer if is_published else edit_offer
        changed = _said(vault, change(vault, brand.id, offer_id, terms))
    return answer(changed)


@views.delete("/brand/offers/<uuid:offer_id>")
@operation(
    Operation(
        "Throw a draft away, with its codes",
        Answer(204, "Gone"),
        refuses=(OfferUnknown, OfferStepIllegal),
        places=OFFER,
        scope=ApiScope.OFFERS_WRITE,
    )
)
def discard_offer(offer_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        delete_draft(vault, caller().recipient.id, offer_id)
    return answer_nothing()


@views.post("/brand/offers/<uuid:offer_id>/screening")
@operation(
    Operation(
        "Have a whole draft screened; as it is it may then be published",
        Answer(200, "The offer", (OfferSchema,)),
        refuses=(OfferUnknown, OfferUnusable, OfferIncomplete, OfferScreened, OfferStepIllegal),
        places=OFFER,
        scope=ApiScope.OFFERS_WRITE,
    )
)
def screen_draft(offer_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        screened = _said(vault, screen_offer(vault, caller().recipient.id, offer_id))
    return answer(screened)


@views.post("/brand/offers/<uuid:offer_id>/publication")
@operation(
    Operation(
        "Publish a screened offer",
        Answer(200, "The offer", (OfferSchema,)),
        refuses=(
            OfferUnknown,
            OfferUnusable,
            OfferIncomplete,
            OfferScreened,
            OfferStepIllegal,
            RecipientNotReady,
        ),
        places=OFFER,
        scope=ApiScope.OFFERS_WRITE,
    )
)
def publish_screened(offer_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        published = _said(vault, publish_offer(vault, caller().recipient.id, offer_id))
    return answer(published)


@views.post("/brand/offers/<uuid:offer_id>/closing")
@operation(
    Operation(
        "End an offer: what was claimed goes on, codes nobody got are deleted",
        Answer(200, "The offer", (OfferSchema,)),
        refuses=(OfferUnknown, OfferStepIllegal),
        places=OFFER,
        scope=ApiScope.OFFERS_WRITE,
    )
)
def close_published(offer_id: UUID) -> Response:
    with this_house().open_vault("recipient", caller().recipient.slug) as vault:
        closed = _said(vault, close_offer(vault, caller().recipient.id, offer_id))
    return answer(closed)


@views.post("/brand/offers/<uuid:offer_id>/codes")
@operation(
    Operation(
        "Bring codes, one a line, as many as fit into a body; those brought before are left out",
        Answer(200, "How many were new", (StockSchema,)),
        takes=CodesBodySchema,
        refuses=(OfferUnknown, CodesUnfit, OfferStepIllegal),
        places=OFFER,
        scope=ApiScope.OFFERS_WRITE,
        example={"codes": "SEED-0001\nSEED-0002"},
    )
)
def bring_codes(offer_id: UUID) -> Response:
    codes, brand = body(CodesBodySchema)["codes"], caller().recipient
    with this_house().open_vault("recipient", brand.slug) as vault:
        offer = lock_offer(vault, brand.id, offer_id)
        if offer.state is OfferState.CLOSED:
            raise OfferStepIllegal(offer.state)
        added = add_codes(vault, brand.id, offer_id, read_codes(codes))
        left = count_free(vault, offer_id)
    return answer({"added": added, "codes_left": left})


def _said(vault: Vault, offer: Offer) -> dict[str, Any]:
    names = ("id", "state", "version", "created_at", "changed_at", "published_at", "closed_at")
    said: dict[str, Any] = OfferSchema().dump(
        {
            **{name: getattr(offer, name) for name in names},
            "terms": json.loads(offer.terms),
            "codes_left": count_free(vault, offer.id),
        }
    )
    return said
