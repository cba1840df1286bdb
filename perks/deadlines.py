"""What the clock does to participations: an offer is over, a post is not there in time, somebody is reminded.

Each of them is locked and looked at again, so a claim or a post at the same moment comes wholly before or
wholly after. What stands still for its person or because of its brand waits. A missed post is told to its
creator, and changes no score.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select

from perks.life import BEFORE_CLAIM, Event, State
from perks.offer import Offer, OfferState
from perks.participation import Participation, advance, lock_participation, overlays
from vault.desk import Vault

REMIND_BEFORE = timedelta(days=3)
MOST_AT_ONCE = 200  # the rest a minute later, so that nobody waits long behind them
_EXPECTING = (State.POST_DUE, State.LABEL_MISSING)


def lapse_over(vault: Vault) -> int:
    """End what nobody claimed of offers that are closed; returns how many."""
    is_over = Participation.offer_id.in_(select(Offer.id).where(Offer.state == OfferState.CLOSED))
    return _all(vault, Event.LAPSE, BEFORE_CLAIM, is_over)


def miss_due(vault: Vault) -> int:
    """Note which posts were not there, or not mended, in time; returns how many."""
    return _all(vault, Event.MISS, _EXPECTING, Participation.due_at <= vault.now())


def remind_due(vault: Vault) -> tuple[UUID, ...]:
    """Whose post is due within three days and who was not told so yet; they are noted as told, once each."""
    is_soon = (
        (Participation.due_at <= vault.now() + REMIND_BEFORE)
        & (Participation.due_at > vault.now())
        & Participation.reminded_at.is_(None)
    )
    told = []
    for one in _standing(vault, _EXPECTING, is_soon):
        one.reminded_at = vault.now()
        told.append(one.subject_id)
    return tuple(dict.fromkeys(told))


def _all(vault: Vault, event: Event, states: Sequence[State], which: ColumnElement[bool]) -> int:
    moved = 0
    for one in _standing(vault, states, which):
        advance(vault, one, event)
        moved += 1
    return moved


def _standing(vault: Vault, states: Sequence[State], which: ColumnElement[bool]) -> Iterator[Participation]:
    """Those it is about, locked one by one in the order of their persons, and still so once they are."""
    done = 0
    statement = (
        select(Participation)
        .where(Participation.state.in_(states), which)
        .order_by(Participation.subject_id, Participation.id)
    )
    for found in vault.session.scalars(statement).all():
        one = lock_participation(vault, found)
        is_still = vault.session.scalar(select(Participation.id).where(Participation.id == one.id, which))
        if one.state in states and is_still and not overlays(vault, one):
            yield one
            done += 1
        if done == MOST_AT_ONCE:
            return
