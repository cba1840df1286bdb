"""What people agreed to hand a brand, how their posts stand, and addresses for whoever ships."""

from uuid import UUID

from flask import Response
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from app.api.answering import answer
from app.api.asking import query
from app.api.brand_asking import (
    LINES,
    OFFER,
    FulfilmentSchema,
    LabelCheckSchema,
    brand_blueprint,
    caller,
    lines,
)
from app.api.fields import Instant, Truth
from app.api.operation import Answer, Operation, operation
from app.brand_people import (
    hand_over_address,
    handed_before,
    labels,
    one_label,
    waiting_shipments,
)
from app.current import house as this_house
from app.handing_over import hand_over_offer
from consent.part import SharedField
from perks.client import ApiScope
from perks.errors import OfferUnknown
from perks.participation import ParticipationUnknown
from perks.received import LabelStanding

views = brand_blueprint("people")
PARTICIPATION = {"participation_id": {"type": "string", "format": "uuid"}}
_PSEUDONYM = {"description": "the name under which this brand, and nobody else, knows a person"}


class DisclosuresQuerySchema(FulfilmentSchema):
    """Which page."""

    page = fields.Integer(load_default=1, validate=Range(1, 10_000))


class LabelsQuerySchema(LabelCheckSchema):
    """Which page."""

    page = fields.Integer(load_default=1, validate=Range(1, 10_000))


class LabelSchema(Schema):
    """How one person's post stands."""

    participation_id = fields.UUID(required=True)
    pseudonym = fields.String(required=True, validate=Length(equal=32), metadata=_PSEUDONYM)
    standing = fields.Enum(LabelStanding, by_value=fields.String, required=True)
    due_at = Instant(required=True, allow_none=True)


class LabelsSchema(Schema):
    """A page of them, who was handed over last first."""

    labels = fields.List(fields.Nested(LabelSchema), required=True)


class ReceivedSchema(Schema):
    """One handover there was, without its values."""

    participation_id = fields.UUID(required=True)
    pseudonym = fields.String(required=True, validate=Length(equal=32), metadata=_PSEUDONYM)
    fields_ = fields.List(fields.Enum(SharedField, by_value=fields.String), required=True, data_key="fields")
    at = Instant(required=True)
    is_over = Truth(required=True, metadata={"description": "the consent has ended: erase what you have"})


class DisclosuresSchema(Schema):
    """A page of them, the last first."""

    disclosures = fields.List(fields.Nested(ReceivedSchema), required=True)


class ShipmentsSchema(Schema):
    """What waits to be sent."""

    shipments = fields.List(fields.UUID(), required=True)


class ShippingAddressSchema(Schema):
    """Where one sample goes."""

    participation_id = fields.UUID(required=True)
    pseudonym = fields.String(required=True, validate=Length(equal=32), metadata=_PSEUDONYM)
    address = fields.String(required=True)


@views.post("/brand/offers/<uuid:offer_id>/handover")
@operation(
    Operation(
        "Be handed what waits: a line of JSON for each person, once per consent, on record beforehand: "
        "`participation_id`, `pseudonym`, `disclosure`, `handed_at` and `values`, as the person saw them",
        Answer(200, "As many lines as people agreed since", media_type=LINES),
        asks=FulfilmentSchema,
        refuses=(OfferUnknown,),
        places=OFFER,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def take_handover(offer_id: UUID) -> Response:
    use = query(FulfilmentSchema)["use_context"]
    return lines(hand_over_offer(this_house(), caller().recipient.slug, offer_id, use))


@views.get("/brand/offers/<uuid:offer_id>/disclosures")
@operation(
    Operation(
        "What was handed over for an offer, without its values, 50 a page",
        Answer(200, "Pseudonyms, fields and instants", (DisclosuresSchema,)),
        asks=DisclosuresQuerySchema,
        refuses=(OfferUnknown,),
        places=OFFER,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def list_disclosures(offer_id: UUID) -> Response:
    asked = query(DisclosuresQuerySchema)
    found = handed_before(this_house(), caller().recipient.slug, offer_id, asked["page"])
    said = [{**vars(one), "fields_": one.fields} for one in found]
    return answer(DisclosuresSchema().dump({"disclosures": said}))


@views.get("/brand/offers/<uuid:offer_id>/labels")
@operation(
    Operation(
        "How the posts stand of everybody who was handed over for an offer, 50 a page",
        Answer(200, "By pseudonym", (LabelsSchema,)),
        asks=LabelsQuerySchema,
        refuses=(OfferUnknown,),
        places=OFFER,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def list_labels(offer_id: UUID) -> Response:
    asked = query(LabelsQuerySchema)
    found = labels(this_house(), caller().recipient.slug, offer_id, asked["use_context"], asked["page"])
    return answer(LabelsSchema().dump({"labels": found}))


@views.get("/brand/participants/<uuid:participation_id>/label")
@operation(
    Operation(
        "One of them; unknown are nobody, another brand's, who never agreed and who withdrew, all alike",
        Answer(200, "How the promised post stands", (LabelSchema,)),
        asks=LabelCheckSchema,
        refuses=(ParticipationUnknown,),
        places=PARTICIPATION,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def show_label(participation_id: UUID) -> Response:
    use = query(LabelCheckSchema)["use_context"]
    found = one_label(this_house(), caller().recipient.slug, participation_id, use)
    return answer(LabelSchema().dump(found))


@views.get("/brand/shipments")
@operation(
    Operation(
        "What waits to be sent by this shipper, by random names",
        Answer(200, "The shipments", (ShipmentsSchema,)),
        asks=FulfilmentSchema,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def list_shipments() -> Response:
    query(FulfilmentSchema)
    found = waiting_shipments(this_house(), caller().recipient.slug)
    return answer({"shipments": [str(one) for one in found]})


@views.post("/brand/shipments/<uuid:participation_id>/handover")
@operation(
    Operation(
        "Be handed one address, once; unknown are those sent before, another shipper's, and none",
        Answer(200, "The address", (ShippingAddressSchema,)),
        asks=FulfilmentSchema,
        refuses=(ParticipationUnknown,),
        places=PARTICIPATION,
        scope=ApiScope.PARTICIPANTS_READ,
    )
)
def take_address(participation_id: UUID) -> Response:
    query(FulfilmentSchema)
    handed = hand_over_address(this_house(), caller().recipient.slug, participation_id)
    (address,) = handed.values.values()
    return answer(
        {"participation_id": str(participation_id), "pseudonym": handed.pseudonym, "address": address}
    )
