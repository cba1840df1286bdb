"""Handing over: on record first, out of the house second. The only way anything reaches a recipient."""

from collections.abc import Mapping
from uuid import UUID

from app.transaction import House
from consent.disclosure import Disclosed, disclose
from consent.part import SharedField
from consent.purpose import Scope
from consent.recipient import require_recipient


def hand_over(
    house: House, subject_id: UUID, slug: str, scope: Scope, values: Mapping[SharedField, str]
) -> Disclosed:
    """Record one disclosure, commit it, and return what may now be sent.

    Raises:
        RecipientUnknown, RecipientNotReady, ConsentMissing, ProcessingLimited, FieldsNotCovered: nothing
            is handed over, and the refusal is noted for the person to see.
    """
    with house.open_vault("recipient") as vault:
        handover = disclose(vault, subject_id, require_recipient(vault, slug), scope, values)
    return handover.open()
