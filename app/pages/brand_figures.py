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
STEPS = (Counted.OPTED_IN, Counted.AGREED, Counted.CLAIMED)
OF_POSTS = (Counted.POSTED, Counted.LABELLED, Counted.UNLABELLED, Counted.MISSED)  # where one is expected
OVER_TIME = (Counted.OPTED_IN, Counted.CLAIMED, Counted.LABELLED)
DAYS = 60
SCALE = 40  # a scale ends at a multiple of that: its quarters are tens, and a few people do not fill it


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
    steps_shown = (*STEPS, *OF_POSTS) if published.terms.expected is not None else STEPS
    lines = _lines(found, steps_shown) if found else []
    counts = [(one, found.latest[one]) for one in steps_shown if one in found.latest] if found else []
    return render_template(
        "brand-figures.html",
        member=member,
        offer=offer,
        title=published.terms.title.said(str(language())),
        reach=reach,
        found=found,
        counts=counts,
        chart=_bars(counts),
        lines=lines,
        days=sorted({day for line in lines for day, _ in line.days}, reverse=True),
        by_day={line.counted: dict(line.days) for line in lines},
        height_of=height_of,
    )


def _bars(counts: Sequence[tuple[Counted, str]]) -> Bars:
    values = [_tens(said) for _, said in counts]
    return bars([((value,), _scale(values)) for value in values])


def _lines(found: Figures, steps_shown: Sequence[Counted]) -> list[Line]:
    return [_line(found, one) for one in OVER_TIME if one in steps_shown and one in found.by_day]


def _line(found: Figures, counted: Counted) -> Line:
    days = found.by_day[counted][-DAYS:]
    values = [(datetime.combine(day, time(), UTC), _tens(said)) for day, said in days]
    most = _scale([value for _, value in values])
    return Line(counted, steps(values, most), most, days)


def _scale(values: Sequence[int]) -> int:
    return SCALE * max([1, *(math.ceil(value / SCALE) for value in values)])


def _tens(said: str) -> int:
    """A count as it is drawn: “<10” has no length."""
    return int(said) if said.isdecimal() else 0
