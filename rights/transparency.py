"""The public transparency report: how many, never who; nothing below ten people, and in tens above.

Counted from what lies here now, so what an erasure took is not in it. A count on the edge of a ten still
shows one person more or less to whoever reads it twice (docs/threat-model.md).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from sqlalchemy import func, select

from consent.purpose import Purpose
from consent.record import people_consenting
from rights.breach import Breach
from rights.request import RequestState, Right, RightsRequest
from rights.review import ReviewFigures, review_figures
from vault.desk import Vault
from vault.subject import Subject

K = 10


@dataclass(frozen=True)
class RequestFigures:
    """Requests about one right; None is “fewer than ten”."""

    received: int | None
    fulfilled: int | None
    refused: int | None
    median_days: int | None  # from receipt to answer, where at least ten were answered


@dataclass(frozen=True)
class Transparency:
    """The report; None is “fewer than ten”.

    breaches: every one in the register is counted, since a breach is nobody's secret.
    reviews: what came of people's looks at scores (Art. 22(3)).
    """

    people: int | None
    consenting: Mapping[Purpose, int | None]
    requests: Mapping[Right, RequestFigures]
    breaches: int
    reviews: ReviewFigures | None


def in_tens(count: int) -> int | None:
    """A count as it may be published: in tens, and nothing below ten."""
    return None if count < K else count // K * K


def transparency(vault: Vault) -> Transparency:
    """The figures as they stand."""
    people = vault.session.scalar(
        select(func.count()).select_from(Subject).where(Subject.confirmed_at.is_not(None))
    )
    by_purpose = people_consenting(vault)
    return Transparency(
        people=in_tens(people or 0),
        consenting={purpose: in_tens(by_purpose[purpose]) for purpose in Purpose if purpose in by_purpose},
        requests={right: _requests(vault, right) for right in Right},
        breaches=vault.session.scalar(select(func.count()).select_from(Breach)) or 0,
        reviews=review_figures(vault),
    )


def _requests(vault: Vault, right: Right) -> RequestFigures:
    rows = vault.session.execute(
        select(RightsRequest.state, RightsRequest.received_at, RightsRequest.closed_at).where(
            RightsRequest.right == right
        )
    ).all()
    states = Counter(row.state for row in rows)
    days = [(row.closed_at - row.received_at).days for row in rows if row.closed_at is not None]
    return RequestFigures(
        received=in_tens(len(rows)),
        fulfilled=in_tens(states[RequestState.FULFILLED] + states[RequestState.PARTLY]),
        refused=in_tens(states[RequestState.REFUSED]),
        median_days=int(median(days)) if len(days) >= K else None,
    )
