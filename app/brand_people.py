"""What a brand's programs are told after a handover, and addresses for whoever ships.

The handover itself: handing_over.py. Nobody is searched for or sorted here, and why somebody is not there is
told to nobody.
"""

from collections.abc import Sequence
from uuid import UUID

from app.transaction import House
from consent.disclosure import Disclosed
from consent.errors import ProcessingLimited
from consent.recipient import require_ready, require_recipient
from perks.claim import ship, to_ship
from perks.life import StepIllegal
from perks.offer import find_published, require_offer
from perks.participation import ParticipationUnknown
from perks.received import PAGE, LabelStatus, Received, label_status, label_statuses, received
from perks.use_context import UseContext


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
