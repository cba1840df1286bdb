"""From preview to handover: a person sees exact values, agrees to those, and a brand reads those, once.

    preview -> consent with the digest of what was seen -> values sealed -> read: on record, committed, sent

The values are sealed when the person agrees, under that consent and every network's scoring they rest on:
what is sent is what was seen, and whoever ends one of these consents makes it unreadable before it was read.
A brand reads once per consent, and what it gets leaves after its disclosure is committed and not before.

Source: GDPR Art. 4(11), 6(1)(a), 7, 15(1)(c); CJEU C-154/21.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy import ForeignKey, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import ActorRole
from consent.decision import give, refuse, withdraw
from consent.disclosure import Handover, disclose
from consent.gate import permits_in_force, require_permit
from consent.notice import Notice, notice
from consent.part import SharedField
from consent.purpose import Purpose
from consent.recipient import Recipient, require_ready
from consent.record import ConsentRecord, Surface, find_in_force, find_latest
from consent.register import PUBLISHED, Notices
from perks.ending import end
from perks.life import RUNNING, SHARING, Event, State, StepIllegal, possible
from perks.matching import OfferNotOpen, is_still_eligible, look_again, require_open
from perks.offer import PublishedOffer, find_published
from perks.participation import (
    Participation,
    advance,
    lock_participation,
    require_of_brand,
    require_participation,
    tell_brand,
)
from perks.use_context import UseContext
from perks.values import values_of
from perks.webhook import WebhookEvent
from vault.base import Base
from vault.desk import Denial, Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit
from vault.subject import Subject

UNDECIDED = (State.ELIGIBLE, State.PREVIEWED, State.DECLINED)
SHARED_AFTER_END = timedelta(days=30)


class PreviewOutdated(DomainError):
    """What a person would agree to is not what they saw last: the values, the words or the offer changed."""

    slug = "preview-outdated"
    title = "Values have changed meanwhile"

    def __init__(self) -> None:
        super().__init__("These are not the present values; look at them once more and decide then.")


class ValuesLacking(DomainError):
    """An offer asks for something there is nothing for yet."""

    slug = "values-lacking"
    title = "Something the offer asks for is not there"

    def __init__(self, fields: Sequence[SharedField]) -> None:
        named = [str(field) for field in fields]
        super().__init__(f"There is nothing yet for: {', '.join(named)}.", fields=named)


class AlreadyHandedOver(DomainError):
    """A brand asks again for what it was given under the same consent."""

    slug = "already-handed-over"
    title = "Was handed over before"

    def __init__(self) -> None:
        super().__init__("This was handed over under this consent before, and is not handed over twice.")


class NothingToHandOver(DomainError):
    """The values a person agreed to share are gone, because a consent they rested on has ended."""

    slug = "nothing-to-hand-over"
    title = "Nothing to hand over"

    def __init__(self) -> None:
        super().__init__("There is nothing to hand over under this consent any more.")


class UseNotAllowed(DomainError):
    """A brand would read for something else than the person agreed to."""

    slug = "use-not-allowed"
    title = "Not for this use"

    def __init__(self) -> None:
        super().__init__(f"What a person handed over is read for “{UseContext.OFFER_FULFILMENT}” only.")


def _own(vault: Vault, permits: Mapping[str, Permit], row: "PerkShare") -> Any:
    used = [permits[scope] for scope in row.rests_on.split()]
    return json.loads(vault.unseal(used, row.cell("content"), row.content))


class PerkShare(Base):
    """The exact values one person agreed to share for one offer, until they are read and after."""

    __tablename__ = "perk_share"
    __holding__ = Holding(
        what="The exact values you agreed to share with a brand for an offer",
        purpose="brand.share",
        basis="gdpr-6-1-a",
        retained="until the consent to share, or one the values rest on, ends",
        source="the person, and their score",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "participation_id": "which participation",
            "rests_on": "the consents they rest on",
            "agreed_at": "when you agreed to them",
            "content": "the values (sealed)",
        },
        rests_on=lambda row: row.rests_on.split(),
        copied_to="perks/shares.jsonl",
        opened_by={"content": Opening(_own, {"type": "object", "additionalProperties": {"type": "string"}})},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    participation_id: Mapped[UUID] = mapped_column(
        ForeignKey(Participation.id, ondelete="CASCADE"), unique=True
    )
    rests_on: Mapped[str] = mapped_column(String(2000))  # scopes, separated by blanks
    number: Mapped[int] = mapped_column(Integer)  # of the consent they were agreed to under
    agreed_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


@dataclass(frozen=True)
class Preview:
    """What a person is about to agree to.

    values: exactly as they will be sent. digest: of values, words and offer; a yes names it.
    seen: the number of the last decision about this consent. lacking: what is asked for and not there.
    """

    offer: PublishedOffer
    participation: Participation
    values: Mapping[SharedField, str]
    lacking: tuple[SharedField, ...]
    notice: Notice | None
    digest: str
    seen: int
    rests_on: tuple[Permit, ...]


@dataclass(frozen=True)
class Yes:
    """How a person said yes: with the digest of the preview they saw, where, and despite what."""

    digest: str
    language: str
    seen: int
    surface: Surface = Surface.PAGE
    despite_signal: bool = False


def preview(
    vault: Vault, subject_id: UUID, offer_id: UUID, language: str, notices: Notices = PUBLISHED
) -> Preview | None:
    """Show the exact values; None where today's figures say no, and the participation then says why.

    Raises:
        ParticipationUnknown, ConsentMissing, OfferNotOpen, StepIllegal: there is nothing to agree to.
    """
    participation = lock_participation(vault, require_participation(vault, subject_id, offer_id))
    if participation.state not in SHARING:
        require_open(vault, offer_id)
        if participation.state in UNDECIDED and not is_still_eligible(vault, participation):
            look_again(vault, subject_id, offer_id)
            return None
        participation = advance(vault, participation, Event.PREVIEW)
    return _preview(vault, participation, language, notices)


def look_at_values(
    vault: Vault, subject_id: UUID, offer_id: UUID, language: str, notices: Notices = PUBLISHED
) -> Preview:
    """The same once more, for a page that is opened again; takes no step.

    Raises:
        ParticipationUnknown, ConsentMissing, StepIllegal: they were not to be seen yet, or not any more.
    """
    participation = require_participation(vault, subject_id, offer_id)
    if Event.CONSENT not in possible(participation.state, ActorRole.SUBJECT):
        raise StepIllegal(participation.state, Event.PREVIEW)
    return _preview(vault, participation, language, notices)


def consent(
    vault: Vault, subject_id: UUID, offer_id: UUID, yes: Yes, notices: Notices = PUBLISHED
) -> Participation:
    """Agree to the very values that were seen; they are sealed as they will be sent.

    Raises:
        PreviewOutdated: values, words or offer changed since. ValuesLacking: something is not there.
        ConsentChanged, TooYoung, GrantNotTheirs, SignalHeeded, StepIllegal, OfferNotOpen: their own words.
    """
    participation = lock_participation(vault, require_participation(vault, subject_id, offer_id))
    _require_up_to_date(vault, participation)
    shown = _preview(vault, participation, yes.language, notices)
    if not hmac.compare_digest(shown.digest.encode(), yes.digest.encode()):
        raise PreviewOutdated
    if shown.lacking:
        raise ValuesLacking(shown.lacking)
    given = _give(vault, subject_id, shown, shown.notice, yes, notices) if shown.notice is not None else None
    moved = advance(vault, participation, Event.CONSENT)
    if given is not None:
        moved.grant_number = given.number
        _keep(vault, moved, shown)
        tell_brand(vault, moved, WebhookEvent.CONSENTED)
    return moved


def decline(
    vault: Vault, subject_id: UUID, offer_id: UUID, language: str, notices: Notices = PUBLISHED
) -> Participation:
    """Say no to sharing, which costs nothing and may be thought over.

    Raises:
        ParticipationUnknown, StepIllegal: nothing was asked.
    """
    moved = advance(vault, require_participation(vault, subject_id, offer_id), Event.DECLINE)
    asked = share_notice(vault, moved, language, notices)
    if asked is not None:
        refuse(vault, subject_id, asked, notices=notices)
    return moved


def leave(
    vault: Vault,
    subject_id: UUID,
    offer_id: UUID,
    language: str,
    surface: Surface = Surface.PAGE,
    notices: Notices = PUBLISHED,
) -> Participation:
    """Withdraw from an offer in any state: the consent to share ends with it.

    Raises:
        ParticipationUnknown, StepIllegal: there is nothing to withdraw from.

    Source: GDPR Art. 7(3).
    """
    participation = lock_participation(vault, require_participation(vault, subject_id, offer_id))
    asked = share_notice(vault, participation, language, notices)
    if asked is not None and find_in_force(vault, subject_id, participation.share_scope) is not None:
        withdraw(vault, subject_id, asked, surface=surface)
    return end(vault, participation)


def share_notice(
    vault: Vault, participation: Participation, language: str, notices: Notices = PUBLISHED
) -> Notice | None:
    """The words about sharing all that an offer asks for; None where it asks for nothing."""
    offer = find_published(vault, participation.offer_id)
    if not offer.terms.shares:
        return None
    names = {"brand": offer.recipient.name, "perk": offer.terms.title.said(language)}
    return notice(
        participation.share_scope, language, chosen=offer.terms.shares, names=names, notices=notices
    )


def waiting_ids(vault: Vault, offer_id: UUID) -> tuple[UUID, ...]:
    """The participations whose values wait to be read, by their random names: an order that tells nothing."""
    is_unread = Participation.handed_number.is_(None) | (
        Participation.handed_number != Participation.grant_number
    )
    statement = (
        select(Participation.id)
        .where(
            Participation.offer_id == offer_id,
            Participation.state.in_(SHARING),
            Participation.grant_number.is_not(None),
            is_unread,
        )
        .order_by(Participation.id)
    )
    return tuple(vault.session.scalars(statement))


def read(vault: Vault, recipient: Recipient, participation_id: UUID, use_context: UseContext) -> Handover:
    """Put on record that a brand reads what one person agreed to; the values leave after the commit.

    Raises:
        ParticipationUnknown: none, or of another brand's offer: the same for both.
        RecipientNotReady, UseNotAllowed, ConsentMissing, ProcessingLimited, FieldsNotCovered, OfferNotOpen,
        AlreadyHandedOver, NothingToHandOver, StepIllegal: nothing is handed over.
    """
    if use_context is not UseContext.OFFER_FULFILMENT:
        raise UseNotAllowed
    require_ready(recipient)
    participation = lock_participation(vault, require_of_brand(vault, recipient, participation_id))
    require_permit(vault, participation.subject_id, participation.share_scope)
    _require_readable(vault, participation)
    values = _open_share(vault, participation)
    handover = disclose(vault, participation.subject_id, recipient, participation.share_scope, values)
    moved = advance(vault, participation, Event.DISCLOSE)
    moved.handed_number, moved.handed_at = moved.grant_number, vault.now()
    return handover


def _preview(vault: Vault, participation: Participation, language: str, notices: Notices) -> Preview:
    offer = find_published(vault, participation.offer_id)
    found = values_of(vault, participation.subject_id, offer.terms.shares)
    asked = share_notice(vault, participation, language, notices)
    latest = find_latest(vault, participation.subject_id, participation.share_scope)
    return Preview(
        offer=offer,
        participation=participation,
        values=found.values,
        lacking=found.lacking,
        notice=asked,
        digest=_digest(offer, found.values, asked),
        seen=latest.number if latest is not None else 0,
        rests_on=found.rests_on,
    )


def _digest(offer: PublishedOffer, values: Mapping[SharedField, str], asked: Notice | None) -> str:
    seen: dict[str, Any] = {
        "offer": offer.sha256,
        "words": asked.sha256 if asked is not None else "",
        "values": {str(field): value for field, value in values.items()},
    }
    return hashlib.sha256(rfc8785.dumps(seen)).hexdigest()


def _require_up_to_date(vault: Vault, participation: Participation) -> None:
    """Before a yes: the offer is still there, and so is what made the person eligible."""
    if participation.state in RUNNING:
        return
    require_open(vault, participation.offer_id)
    if participation.state in UNDECIDED and not is_still_eligible(vault, participation):
        raise PreviewOutdated


def _give(
    vault: Vault, subject_id: UUID, shown: Preview, asked: Notice, yes: Yes, notices: Notices
) -> ConsentRecord:
    given = give(
        vault,
        subject_id,
        asked,
        seen=yes.seen,
        surface=yes.surface,
        until=_ends_at(shown.offer),
        despite_signal=yes.despite_signal,
        notices=notices,
    )
    vault.flush()
    return given


def _ends_at(offer: PublishedOffer) -> datetime:
    """Thirty days after the last day of the offer."""
    return datetime.combine(offer.terms.closes_on + timedelta(days=1), time(), UTC) + SHARED_AFTER_END


def _keep(vault: Vault, participation: Participation, shown: Preview) -> None:
    """Seal the values as they will be sent, in place of those agreed to before."""
    row = _find_share(vault, participation)
    if row is None:
        row = PerkShare(
            id=uuid4(), subject_id=participation.subject_id, participation_id=participation.id, row_version=0
        )
        vault.session.add(row)
    permits = [require_permit(vault, participation.subject_id, participation.share_scope), *shown.rests_on]
    row.row_version, row.agreed_at = row.row_version + 1, vault.now()
    row.number = participation.grant_number or 0
    row.rests_on = " ".join(permit.scope for permit in permits)
    plain = {str(field): value for field, value in shown.values.items()}
    row.content = vault.seal(permits, row.cell("content"), json.dumps(plain, ensure_ascii=False).encode())
    vault.flush()


def _require_readable(vault: Vault, participation: Participation) -> None:
    offer = find_published(vault, participation.offer_id)
    if participation.state not in RUNNING and not offer.is_open(vault.now().date()):
        raise OfferNotOpen("closed")
    if participation.handed_number is not None and participation.handed_number == participation.grant_number:
        refused = AlreadyHandedOver()
        scope = str(participation.share_scope)
        vault.denials.append(Denial(participation.subject_id, scope, refused.slug))
        raise refused


def _open_share(vault: Vault, participation: Participation) -> dict[SharedField, str]:
    """The sealed values, if every consent they rest on is in force."""
    row = _find_share(vault, participation)
    held = {
        permit.scope: permit
        for purpose in (Purpose.BRAND_SHARE, Purpose.SCORE_COMPUTE)
        for permit in permits_in_force(vault, participation.subject_id, purpose).values()
    }
    if (
        row is None
        or row.number != participation.grant_number
        or not held.keys() >= set(row.rests_on.split())
    ):
        raise NothingToHandOver
    return {SharedField(name): value for name, value in _own(vault, held, row).items()}


def _find_share(vault: Vault, participation: Participation) -> PerkShare | None:
    statement = select(PerkShare).where(PerkShare.participation_id == participation.id)
    return vault.session.scalar(statement)
