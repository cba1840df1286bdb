"""Who has something of a person: each recipient by name, what it got when, and what it was told since.

The same for the page /rights/recipients and for programs (GDPR Art. 15(1)(c), 19; CJEU C-154/21).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from consent.disclosure import Disclosed, disclosures
from consent.purpose import Scope, scope_of
from consent.recipient import Recipient
from rights.notice import Told, notices_about
from vault.desk import Vault


@dataclass(frozen=True)
class HandedOver:
    """One handover, with its fields and values as sent."""

    disclosed: Disclosed
    scope: Scope


@dataclass(frozen=True)
class Holder:
    """One recipient of something; newest first within."""

    recipient: Recipient
    handed: tuple[HandedOver, ...]
    told: tuple[Told, ...]

    @property
    def pseudonym(self) -> str:
        """The name under which it, and no other recipient, knows the person."""
        return self.handed[0].disclosed.pseudonym


def holders(vault: Vault, subject_id: UUID) -> Sequence[Holder]:
    """Everybody who was ever handed something of a person, by name.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    told, had = notices_about(vault, subject_id), disclosures(vault, subject_id)
    found = {one.recipient.id: one.recipient for one in had}
    return [
        Holder(
            recipient,
            tuple(HandedOver(one, scope_of(one.scope)) for one in had if one.recipient.id == recipient.id),
            tuple(one for one in told if one.recipient_id == recipient.id),
        )
        for recipient in sorted(found.values(), key=lambda one: (one.name, one.slug))
    ]
