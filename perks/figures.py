"""What became of a campaign, in tens: how many opted in, agreed, claimed, posted, with a label or without.

Counted once a day by the worker and kept only blurred and rounded (reach.py), so that neither asking often
nor comparing two days tells what one person did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from perks.life import SHARING, Event, State
from perks.offer import Offer, OfferState
from perks.participation import Participation, ParticipationStep
from perks.reach import Counted, counts_of, keep_count, last_counted, shown
from perks.use_context import UseContext
from vault.desk import Vault
from vault.errors import DomainError

COUNTED_AFTER_END = timedelta(days=183)


class FiguresNotForThis(DomainError):
    """Figures were asked for with another use than figures have."""

    slug = "figures-not-for-this"
    title = "Figures are for another use"

    def __init__(self) -> None:
        super().__init__(f"Figures of an offer are read for “{UseContext.OFFER_FIGURES}” only.")


@dataclass(frozen=True)
class Figures:
    """A campaign as of one day; by day what was said before. Everything is “<10” or tens."""

    as_of: date
    latest: Mapping[Counted, str]
    by_day: Mapping[Counted, tuple[tuple[date, str], ...]]


def count_day(vault: Vault) -> int:
    """Count every published offer that was not counted today; returns how many."""
    today = vault.now().date()
    open_lately = Offer.closed_at.is_(None) | (Offer.closed_at > vault.now() - COUNTED_AFTER_END)
    statement = select(Offer.id).where(
        Offer.state.in_((OfferState.PUBLISHED, OfferState.CLOSED)),
        open_lately,
        Offer.published_at < datetime.combine(today, time(), UTC),
    )
    due = [one for one in vault.session.scalars(statement) if last_counted(vault, about(one)) != today]
    for offer_id in due:
        for counted, which in _WHICH.items():
            keep_count(vault, about(offer_id), counted, _count(vault, offer_id, which))
    return len(due)


def figures(vault: Vault, offer_id: UUID, use_context: UseContext) -> Figures | None:
    """What became of an offer; None before the first day after it was published.

    Raises:
        FiguresNotForThis: another use was named.
    """
    if use_context is not UseContext.OFFER_FIGURES:
        raise FiguresNotForThis
    kept = counts_of(vault, about(offer_id))
    if not kept:
        return None
    by_day = {one: tuple((day, shown(tens)) for day, tens in days) for one, days in kept.items()}
    return Figures(
        as_of=max(days[-1][0] for days in by_day.values()),
        latest={one: days[-1][1] for one, days in by_day.items()},
        by_day=by_day,
    )


def about(offer_id: UUID) -> str:
    """What counts of one offer are kept under."""
    return offer_id.hex


def _stepped(event: Event) -> ColumnElement[bool]:
    return Participation.id.in_(
        select(ParticipationStep.participation_id).where(ParticipationStep.event == event)
    )


_WHICH: Mapping[Counted, ColumnElement[bool]] = {
    Counted.OPTED_IN: Participation.state != State.WITHDRAWN,
    Counted.AGREED: Participation.state.in_(SHARING),
    Counted.CLAIMED: Participation.claimed_at.is_not(None),
    Counted.POSTED: _stepped(Event.SUBMIT_POST),
    Counted.LABELLED: _stepped(Event.LABEL_OK),
    Counted.UNLABELLED: Participation.state == State.LABEL_MISSING,
    Counted.MISSED: Participation.state == State.POST_MISSED,
}


def _count(vault: Vault, offer_id: UUID, which: ColumnElement[bool]) -> int:
    statement = select(func.count(Participation.id)).where(Participation.offer_id == offer_id, which)
    return vault.session.scalar(statement) or 0
