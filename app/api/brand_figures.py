"""Counts for a brand: how far an offer could reach and what became of it, never of fewer than ten people."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from app.api.answering import answer
from app.api.asking import query
from app.api.brand_asking import OFFER, FiguresUseSchema, brand_blueprint, caller
from app.api.operation import Answer, Operation, operation
from app.current import house as this_house
from consent.recipient import require_ready, require_recipient
from perks.client import ApiScope
from perks.errors import OfferUnknown
from perks.figures import Figures, figures
from perks.offer import find_published, require_offer
from perks.reach import Counted, find_reach

views = brand_blueprint("figures")
_ROUNDED = {"description": "“<10”, or tens; up to nine too few, never too many"}


class DaySchema(Schema):
    """What was counted at the beginning of one day."""

    day = fields.Date(required=True)
    count = fields.String(required=True, metadata=_ROUNDED)


class FigureSchema(Schema):
    """One figure, as last counted and day by day."""

    counted = fields.Enum(Counted, by_value=fields.String, required=True)
    count = fields.String(required=True, metadata=_ROUNDED)
    by_day = fields.List(fields.Nested(DaySchema), required=True)


class FiguresSchema(Schema):
    """What became of an offer; nulls before the first day after it was published."""

    reach = fields.String(required=True, allow_none=True, metadata=_ROUNDED)
    as_of = fields.Date(required=True, allow_none=True)
    figures = fields.List(fields.Nested(FigureSchema), required=True)


@views.get("/brand/offers/<uuid:offer_id>/figures")
@operation(
    Operation(
        "How far a published offer could reach and what became of it, counted once a day",
        Answer(200, "The figures", (FiguresSchema,)),
        asks=FiguresUseSchema,
        refuses=(OfferUnknown,),
        places=OFFER,
        scope=ApiScope.FIGURES_READ,
    )
)
def show_figures(offer_id: UUID) -> Response:
    use = query(FiguresUseSchema)["use_context"]
    with this_house().open_reading_vault("recipient") as vault:
        recipient = require_recipient(vault, caller().recipient.slug)
        require_ready(recipient)
        require_offer(vault, recipient.id, offer_id)
        reach = find_reach(vault, find_published(vault, offer_id))
        found = figures(vault, offer_id, use)
    said = _said(found) if found is not None else []
    as_of = found.as_of if found is not None else None
    return answer(FiguresSchema().dump({"reach": reach, "as_of": as_of, "figures": said}))


def _said(found: Figures) -> list[dict[str, Any]]:
    return [
        {
            "counted": counted,
            "count": count,
            "by_day": [{"day": day, "count": of_day} for day, of_day in found.by_day[counted]],
        }
        for counted, count in found.latest.items()
    ]
