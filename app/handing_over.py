"""What a brand reads of an offer: one person a line (NDJSON), each in a transaction of its own.

    who waits -> one read recorded and committed -> its line sent -> the next

So a withdrawal in the middle stops what was not sent yet, a log that refuses ends the stream before the
values leave, and a line lost on its way is on record all the same. Whoever may not be read about is left
out without a word: their line would tell the brand of a withdrawal or a restriction.
"""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID

from app.transaction import House
from consent.disclosure import Disclosed
from consent.recipient import RecipientNotReady, require_ready, require_recipient
from perks.handover import UseNotAllowed, read, waiting_ids
from perks.offer import require_offer
from perks.use_context import UseContext
from vault.errors import DomainError


def hand_over_offer(house: House, slug: str, offer_id: UUID, use_context: UseContext) -> Iterator[bytes]:
    """The lines a brand reads of one of its offers, made while they are sent.

    Raises:
        RecipientUnknown, RecipientNotReady, OfferUnknown, UseNotAllowed: before the first line.
    """
    if use_context is not UseContext.OFFER_FULFILMENT:
        raise UseNotAllowed
    with house.open_reading_vault("recipient", alias=slug) as vault:
        recipient = require_recipient(vault, slug)
        require_ready(recipient)
        require_offer(vault, recipient.id, offer_id)
        ids = waiting_ids(vault, offer_id)
    return _lines(house, slug, ids, use_context)


def hand_over_one(house: House, slug: str, participation_id: UUID, use_context: UseContext) -> Disclosed:
    """What a brand reads of one participation.

    Raises:
        Whatever perks/handover.py `read` raises; then nothing was handed over.
    """
    with house.open_vault("recipient", alias=slug) as vault:
        handover = read(vault, require_recipient(vault, slug), participation_id, use_context)
    return handover.open()


def _lines(house: House, slug: str, ids: Sequence[UUID], use_context: UseContext) -> Iterator[bytes]:
    for participation_id in ids:
        try:
            handed = hand_over_one(house, slug, participation_id, use_context)
        except RecipientNotReady:  # suspended meanwhile
            return
        except DomainError:  # withdrawn, restricted or read elsewhere meanwhile
            continue
        yield _line(participation_id, handed)


def _line(participation_id: UUID, handed: Disclosed) -> bytes:
    told = {
        "participation_id": str(participation_id),
        "pseudonym": handed.pseudonym,
        "disclosure": str(handed.id),
        "handed_at": handed.at.isoformat(),
        "values": dict(handed.values),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
