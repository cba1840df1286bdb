"""Human review of a score: somebody who does not answer for the model looks again (GDPR Art. 22(3)).

    contested  ->  the reviewer sees inputs, explanation and statement  ->  changed | upheld, with reasons

Changed means that a figure was corrected (sources/correction.py), so every point stays explained. Whatever
comes of it, the score never falls by it: a correction that would lower it is not made, which the answer says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from uuid import UUID

from sqlalchemy import select

from audit.entry import Action, ActorRole
from audit.log import Row, append
from consent.gate import permits_for_rights
from consent.purpose import score_scope
from model.inputs import platform_inputs
from model.release import active_card
from model.scoring import exact_score
from model.units import pool
from rights.errors import ReviewerNeeded, require_reasons
from rights.rectification import counted_records, require_record
from rights.request import (
    OPEN,
    Channel,
    RequestState,
    Right,
    RightsRequest,
    move,
    open_request,
    requests_of,
    say,
)
from sources.activity import ActivityRecord
from sources.correction import Correction, correct, figure_of, with_figure
from sources.figure import Figure
from vault.desk import Vault
from vault.subject import lock_subject

K = 10
TARGET_DAYS = 14  # ours; the law's is the request's own clock
KEPT = "The correction was not made, because the score would have been lower by it."


@dataclass(frozen=True)
class Finding:
    """A figure the reviewer found to be another."""

    figure: Figure
    value: int


@dataclass(frozen=True)
class ReviewFigures:
    """Reviews over at least ten people: how many and shares in tens, days from asking to answer."""

    reviews: int
    changed_percent: int
    refused_percent: int
    median_days: int


def contest(vault: Vault, subject_id: UUID, statement: str, channel: Channel) -> RightsRequest:
    """Ask that a person looks at the score; asked again while one is open, it adds to that."""
    lock_subject(vault, subject_id)
    for known in requests_of(vault, subject_id):
        if known.right is Right.REVIEW and known.is_open:
            say(vault, known, statement, "person")
            return known
    return open_request(vault, subject_id, Right.REVIEW, channel, statement)


def open_reviews(vault: Vault) -> Sequence[RightsRequest]:
    """What waits for a reviewer, the most urgent first."""
    statement = (
        select(RightsRequest)
        .where(RightsRequest.right == Right.REVIEW, RightsRequest.state.in_(OPEN))
        .order_by(RightsRequest.due_at, RightsRequest.reference)
    )
    return vault.session.scalars(statement).all()


def decide(vault: Vault, request: RightsRequest, reasons: str, found: Finding | None = None) -> bool:
    """Answer a review; returns whether a figure was corrected. Queueing the new score is the caller's.

    Raises:
        ReviewerNeeded: somebody in another role decides, who answers for the model perhaps.
        ReasonsMissing: nothing was written. RequestStateWrong: it is answered already.
        FigureUnknown: the record holds no such figure.
    """
    if vault.actor != ActorRole.REVIEWER:
        raise ReviewerNeeded
    reasons = require_reasons(reasons)
    lock_subject(vault, request.subject_id)
    is_changed = found is not None and _correct(vault, request, found)
    say(vault, request, reasons if is_changed or found is None else f"{reasons}\n{KEPT}")
    move(vault, request, RequestState.FULFILLED)
    append(
        vault,
        Action.REVIEW_DECIDED,
        subject_id=request.subject_id,
        scope="rights/review",
        basis="gdpr-22-3",
        row=Row(RightsRequest.__tablename__, request.id),
    )
    return is_changed


def review_figures(vault: Vault) -> ReviewFigures | None:
    """For the public report; None below ten people with an answered review."""
    rows = [
        row
        for row in vault.session.scalars(select(RightsRequest).where(RightsRequest.right == Right.REVIEW))
        if row.closed_at is not None and row.state is not RequestState.WITHDRAWN
    ]
    if len({row.subject_id for row in rows}) < K:
        return None
    corrected = set(vault.session.scalars(select(Correction.reference)))
    return ReviewFigures(
        reviews=len(rows) // K * K,
        changed_percent=_share(sum(row.reference in corrected for row in rows), len(rows)),
        refused_percent=_share(sum(row.state is RequestState.REFUSED for row in rows), len(rows)),
        median_days=round(median((row.closed_at - row.received_at).days for row in rows if row.closed_at)),
    )


def _share(some: int, of: int) -> int:
    """A share in percent, to the nearest ten: a finer one would say how many they were."""
    return round(10 * some / of) * 10


def _correct(vault: Vault, request: RightsRequest, found: Finding) -> bool:
    permits = permits_for_rights(vault, request.subject_id)
    record = require_record(vault, permits, found.figure)
    before = figure_of(record, found.figure)
    records = counted_records(vault, permits)
    changed = {**records, record.platform: with_figure(record, found.figure, found.value)}
    if _exact(vault, changed.values()) < _exact(vault, records.values()):
        return False
    permit = permits[score_scope(record.platform)]
    correct(vault, permit, found.figure, before, found.value, request.reference)
    return True


def _exact(vault: Vault, records: Iterable[ActivityRecord]) -> float:
    card = active_card(vault)
    return exact_score(card, pool([platform_inputs(one) for one in records], card.units))
