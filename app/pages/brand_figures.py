"""What became of one offer, for its brand: how many at each step, and day by day; everything “<10” or tens.

Each chart has a table that says the same. Counted once a day, blurred before it is kept (perks/figures.py).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.chart import Bars, Steps, bars, height_of, steps
from app.language import language
from app.pages.brand_door import for_brand, looking
from perks.figures import Figures, figures
from perks.offer import find_published, require_offer
from perks.reach import Counted, find_reach
from perks.use_context import UseContext

pages = Blueprint("brand_figures", __name__)
STEPS = (
    Counted.OPTED_IN,
    Counted.AGREED,
    Counted.CLAIMED,
    Counted.POSTED,
    Counted.LABELLED,
    Counted.UNLABELLED,
    Counted.MISSED,
)
OVER_TIME = (Counted.OPTED_IN, Counted.CLAIMED, Counted.LABELLED)
DAYS = 60
HUNDRED = 100  # a scale ends at a whole hundred, so that a few people do not fill it


@dataclass(frozen=True)
class Line:
    """One count over the last days: its chart, where its scale ends, and what the table says."""

    counted: Counted
    chart: Steps
    most: int
    days: Sequence[tuple[date, str]]


@pages.get("/brand/<slug>/offers/<uuid:offer_id>/figures")
@for_brand()
def show(offer_id: UUID) -> ResponseReturnValue:
    with looking() as (vault, member):
        offer = require_offer(vault, member.brand.recipient_id, offer_id)
        published = find_published(vault, offer.id)
        reach = find_reach(vault, published)
        found = figures(vault, offer.id, UseContext.OFFER_FIGURES)
    lines = [_line(found, one) for one in OVER_TIME if one in found.by_day] if found else []
    return render_template(
        "brand-figures.html",
        member=member,
        offer=offer,
        title=published.terms.title.said(str(language())),
        reach=reach,
        found=found,
        counts=_latest(found) if found else [],
        chart=_bars(found) if found else None,
        lines=lines,
        days=sorted({day for line in lines for day, _ in line.days}, reverse=True),
        by_day={line.counted: dict(line.days) for line in lines},
        height_of=height_of,
    )


def _latest(found: Figures) -> list[tuple[Counted, str]]:
    return [(one, found.latest[one]) for one in STEPS if one in found.latest]


def _bars(found: Figures) -> Bars:
    values = [_tens(said) for _, said in _latest(found)]
    most = max([HUNDRED, *values])
    return bars([((value,), most) for value in values])


def _line(found: Figures, counted: Counted) -> Line:
    days = found.by_day[counted][-DAYS:]
    values = [(datetime.combine(day, time(), UTC), _tens(said)) for day, said in days]
    most = HUNDRED * max(1, *(math.ceil(value / HUNDRED) for _, value in values))
    return Line(counted, steps(values, most), most, days)


def _tens(said: str) -> int:
    """A count as it is drawn: “<10” has no length."""
    return int(said) if said.isdecimal() else 0
