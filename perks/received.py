"""What a brand is told again about what it once read: under which name, which fields, when; and the labels.

No value is in here: what was handed over is handed over once per consent (handover.py). Who has only opted
in, or only agreed, is not in here either. Whether a promised post says that it is paid for is asked for as
such (`UseContext.LABEL_CHECK`), and every person it is about can see that it was.

Source: GDPR Art. 5(1)(b), 5(1)(c), 18(2); DSA Art. 26(2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from consent.access import note_read
from consent.disclosure import SharedFields, pseudonym
from consent.gate import find_permit
from consent.part import SharedField
from consent.purpose import Purpose
from consent.recipient import Recipient, require_ready
from consent.record import STANDING, ConsentRecord, Decision, find_in_force
from perks.life import SHARING, Overlay, State
from perks.offer import Offer, find_published
from perks.participation import Participation, ParticipationUnknown, overlays
from perks.use_context import UseContext
from vault.desk import Vault
from vault.errors import DomainError

PAGE = 50


class LabelsNotForThis(DomainError):
    """How labels stand was asked for with another use than looking after them."""

    slug = "labels-not-for-this"
    title = "Labels are read for another use"

    def __init__(self) -> None:
        super().__init__(f"How a label stands is read for “{UseContext.LABEL_CHECK}” only.")


class LabelStanding(StrEnum):
    """How the promised post of one person stands, as its brand may know it."""

    NOTHING_DUE = "nothing-due"  # nothing is expected, or not yet
    DUE = "due"
    IN_CHECK = "in-check"
    LABELLED = "labelled"
    LABEL_MISSING = "label-missing"  # within the time to mend it
    MISSED = "missed"
    ON_HOLD = "on-hold"  # the person restricted processing, or objected: nothing more is said
    ENDED = "ended"  # the consent is over: the brand was told to erase what it has


_STANDINGS = {
    State.POST_DUE: LabelStanding.DUE,
    State.POST_SUBMITTED: LabelStanding.IN_CHECK,
    State.LABEL_MISSING: LabelStanding.LABEL_MISSING,
    State.POST_MISSED: LabelStanding.MISSED,
}


@dataclass(frozen=True)
class Received:
    """One handover that was read: who it was about as the brand knows them, which fields, and when.

    fields: none once the person's consent is over.
    """

    pseudonym: str
    participation_id: UUID
    fields: tuple[SharedField, ...]
    at: datetime
    is_over: bool


@dataclass(frozen=True)
class LabelStatus:
    """How the post of one person stands. due_at: until when it is expected, or to be mended."""

    pseudonym: str
    participation_id: UUID
    standing: LabelStanding
    due_at: datetime | None


def count_received(vault: Vault, offer_id: UUID) -> int:
    """How many people's values a brand has read for one offer; it could count them itself."""
    statement = select(func.count(Participation.id)).where(*_read(offer_id))
    return vault.session.scalar(statement) or 0


def received(
    vault: Vault, recipient: Recipient, offer_id: UUID, *, offset: int = 0, most: int = PAGE
) -> Sequence[Received]:
    """What one brand read for one of its offers, the last first."""
    rows = _of(vault, offer_id, offset, most)
    return [_received(vault, recipient, one) for one in rows]


def label_statuses(
    vault: Vault,
    recipient: Recipient,
    offer_id: UUID,
    use_context: UseContext,
    *,
    is_expected: bool,
    offset: int = 0,
    most: int = PAGE,
) -> Sequence[LabelStatus]:
    """How the posts stand of those whose values the brand has read, noted for each of them.

    Args:
        is_expected: whether the offer expects a post at all.

    Raises:
        LabelsNotForThis: another use was named. RecipientNotReady: the brand may read nothing.
    """
    if use_context is not UseContext.LABEL_CHECK:
        raise LabelsNotForThis
    require_ready(recipient)
    rows = _of(vault, offer_id, offset, most)
    return [_status(vault, recipient, one, is_expected=is_expected) for one in rows]


def label_status(
    vault: Vault, recipient: Recipient, participation_id: UUID, use_context: UseContext
) -> LabelStatus:
    """How the post of one of them stands.

    Everybody else is unknown by one and the same statement: nobody of that name, another brand's, who never
    agreed, who withdrew. So neither the answer nor the work behind it tells them apart.

    Raises:
        LabelsNotForThis, RecipientNotReady: as above.
        ParticipationUnknown: nobody the brand may know.
    """
    if use_context is not UseContext.LABEL_CHECK:
        raise LabelsNotForThis
    require_ready(recipient)
    statement = (
        select(Participation)
        .join(Offer, Offer.id == Participation.offer_id)
        .where(
            Participation.id == participation_id,
            Offer.recipient_id == recipient.id,
            Participation.state.in_(SHARING),
            Participation.handed_at.is_not(None),
        )
    )
    one = vault.session.scalar(statement)
    if one is None or _is_over(vault, one):
        raise ParticipationUnknown
    expects = find_published(vault, one.offer_id).terms.expected is not None
    return _status(vault, recipient, one, is_expected=expects)


def _read(offer_id: UUID) -> tuple[Any, ...]:
    return Participation.offer_id == offer_id, Participation.handed_at.is_not(None)


def _of(vault: Vault, offer_id: UUID, offset: int, most: int) -> Sequence[Participation]:
    statement = (
        select(Participation)
        .where(*_read(offer_id))
        .order_by(Participation.handed_at.desc(), Participation.id)
        .offset(offset)
        .limit(most)
    )
    return vault.session.scalars(statement).all()


def _received(vault: Vault, recipient: Recipient, one: Participation) -> Received:
    if one.handed_at is None:
        raise ValueError("Nothing was read yet.")
    return Received(
        pseudonym=pseudonym(vault, one.subject_id, recipient),
        participation_id=one.id,
        fields=_fields(vault, one),
        at=one.handed_at,
        is_over=_is_over(vault, one),
    )


def _fields(vault: Vault, one: Participation) -> tuple[SharedField, ...]:
    """What the consent named under which the brand read last."""
    statement = (
        select(SharedFields.fields)
        .join(ConsentRecord, ConsentRecord.id == SharedFields.consent_id)
        .where(
            ConsentRecord.subject_id == one.subject_id,
            ConsentRecord.purpose == Purpose.BRAND_SHARE,
            ConsentRecord.about == one.about,
            ConsentRecord.number == one.handed_number,
        )
    )
    named = vault.session.scalar(statement)
    return tuple(SharedField(name) for name in named.split()) if named is not None else ()


def _is_over(vault: Vault, one: Participation) -> bool:
    """Whether the consent the brand read under has ended, even where there is a new one by now."""
    if find_in_force(vault, one.subject_id, one.share_scope) is None:
        return True
    statement = select(ConsentRecord.id).where(
        ConsentRecord.subject_id == one.subject_id,
        ConsentRecord.purpose == Purpose.BRAND_SHARE,
        ConsentRecord.about == one.about,
        ConsentRecord.number > (one.handed_number or 0),
        ConsentRecord.decision.in_(STANDING - {Decision.GIVEN}),
    )
    return vault.session.scalar(statement.limit(1)) is not None


def _status(vault: Vault, recipient: Recipient, one: Participation, *, is_expected: bool) -> LabelStatus:
    standing = _standing(vault, one, is_expected=is_expected)
    is_open = standing in (LabelStanding.DUE, LabelStanding.LABEL_MISSING)
    return LabelStatus(
        pseudonym=pseudonym(vault, one.subject_id, recipient),
        participation_id=one.id,
        standing=standing,
        due_at=one.due_at if is_open else None,
    )


def _standing(vault: Vault, one: Participation, *, is_expected: bool) -> LabelStanding:
    if _is_over(vault, one):
        return LabelStanding.ENDED
    permit = find_permit(vault, one.subject_id, one.share_scope)
    if permit is None or Overlay.FROZEN in overlays(vault, one):
        return LabelStanding.ON_HOLD
    note_read(vault, permit, "participation.state")
    if one.state is State.DONE:
        return LabelStanding.LABELLED if is_expected else LabelStanding.NOTHING_DUE
    return _STANDINGS.get(one.state, LabelStanding.NOTHING_DUE)
