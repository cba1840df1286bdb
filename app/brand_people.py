"""How a brand's programs are handed what people agreed to: one by one, each in a transaction of its own.

    who waits -> (one: on record, committed -> sent) -> the next

So a withdrawal, a suspension or a log that cannot be written stops the rest, whatever was sent already.
Whoever withdrew in between is left out without a word. Nobody is searched for, sorted or counted here.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from app.transaction import House
from consent.disclosure import Disclosed
from consent.errors import ProcessingLimited
from consent.recipient import RecipientNotReady, require_ready, require_recipient
from perks.claim import ship, to_ship
from perks.handover import read, waiting_ids
from perks.life import StepIllegal
from perks.offer import find_published, require_offer
from perks.participation import ParticipationUnknown
from perks.received import PAGE, LabelStatus, Received, label_status, label_statuses, received
from perks.use_context import UseContext
from vault.errors import DomainError


def hand_over_waiting(
    house: House, slug: str, offer_id: UUID, use_context: UseContext
) -> Iterator[tuple[UUID, Disclosed]]:
    """What waits for a brand in one offer, each person once per consent.

    Raises:
        RecipientNotReady, OfferUnknown: before anything is handed over.
    """
    with house.open_reading_vault("recipient", slug) as vault:
        recipient = require_recipient(vault, slug)
        require_ready(recipient)
        require_offer(vault, recipient.id, offer_id)
        waiting = waiting_ids(vault, offer_id)
    return _handed_over(house, slug, waiting, use_context)


def _handed_over(
    house: House, slug: str, waiting: tuple[UUID, ...], use_context: UseContext
) -> Iterator[tuple[UUID, Disclosed]]:
    for participation_id in waiting:
        try:
            with house.open_vault("recipient", slug) as vault:
                handover = read(vault, require_recipient(vault, slug), participation_id, use_context)
        except RecipientNotReady:  # suspended meanwhile
            return
        except DomainError:  # withdrew, or was handed over by another request, meanwhile
            continue
        yield participation_id, handover.open()


def labels(
    house: House, slug: str, offer_id: UUID, use_context: UseContext, page: int
) -> Sequence[LabelStatus]:
    """How the posts stand of those who were handed over for one offer, a page of them.

    Raises:
        RecipientNotReady, OfferUnknown, LabelsNotForThis: nothing is told.
    """
    with house.open_vault("recipient", slug) as vault:
        recipient = require_recipient(vault, slug)
        require_ready(recipient)
        offer = require_offer(vault, recipient.id, offer_id)
        expects = offer.version > 0 and find_published(vault, offer_id).terms.expected is not None
        return label_statuses(
            vault, recipient, offer_id, use_context, is_expected=expects, offset=(page - 1) * PAGE
        )


def one_label(house: House, slug: str, participation_id: UUID, use_context: UseContext) -> LabelStatus:
    """How the post of one of them stands.

    Raises:
        RecipientNotReady, ParticipationUnknown, LabelsNotForThis: nothing is told.
    """
    with house.open_vault("recipient", slug) as vault:
        return label_status(vault, require_recipient(vault, slug), participation_id, use_context)


def handed_before(house: House, slug: str, offer_id: UUID, page: int) -> Sequence[Received]:
    """What was handed over for one offer, without its values, a page of it.

    Raises:
        RecipientNotReady, OfferUnknown: nothing is told.
    """
    with house.open_reading_vault("recipient", slug) as vault:
        recipient = require_recipient(vault, slug)
        require_ready(recipient)
        require_offer(vault, recipient.id, offer_id)
        return received(vault, recipient, offer_id, offset=(page - 1) * PAGE)


def waiting_shipments(house: House, slug: str) -> tuple[UUID, ...]:
    """What a shipper has to send, by random names.

    Raises:
        RecipientNotReady: nothing is handed to it.
    """
    with house.open_reading_vault("recipient", slug) as vault:
        shipper = require_recipient(vault, slug)
        require_ready(shipper)
        return to_ship(vault, shipper)


def hand_over_address(house: House, slug: str, participation_id: UUID) -> Disclosed:
    """One address, to its shipper, once.

    Raises:
        RecipientNotReady: nothing is handed to it.
        ParticipationUnknown: none, or it must not be sent now; why is nothing a shipper learns.
    """
    try:
        with house.open_vault("recipient", slug) as vault:
            handover = ship(vault, require_recipient(vault, slug), participation_id)
    except (ProcessingLimited, StepIllegal):
        raise ParticipationUnknown from None
    return handover.open()
