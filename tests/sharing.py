"""Sharing for tests: a recipient who may receive, and a person who agreed to it."""

from collections.abc import Mapping
from uuid import UUID

from app.transaction import House
from consent.decision import give, withdraw
from consent.disclosure import Disclosed, disclose
from consent.notice import Notice, notice
from consent.part import SharedField
from consent.purpose import Purpose, Scope
from consent.recipient import (
    NewRecipient,
    Recipient,
    RecipientKind,
    accept_terms,
    add_recipient,
    require_recipient,
    verify_recipient,
)

BRAND = "rosengarten"
SHARE = Scope(Purpose.BRAND_SHARE, f"{BRAND}/seeds")
VALUES = {SharedField.SCORE_BAND: "41-50", SharedField.HANDLES: "@lovelace-handle"}
NAMES = {"brand": "Rosengarten GmbH", "perk": "Seeds for a year"}


def new_recipient(
    house: House,
    slug: str = BRAND,
    url: str = "https://brand.example/notices",
    name: str = "Rosengarten GmbH",
) -> Recipient:
    """A verified recipient that accepted the terms."""
    new = NewRecipient(slug, name, RecipientKind.BRAND, "DE", "privacy@brand.example", url)
    with house.open_vault("operator") as vault:
        add_recipient(vault, new)
        accept_terms(vault, slug)
        verify_recipient(vault, slug)
        vault.flush()
        return require_recipient(vault, slug)


def agree_to_share(house: House, subject_id: UUID, *fields: SharedField, scope: Scope = SHARE) -> None:
    """Consent to share fields, all of VALUES if none is named."""
    with house.open_vault("subject") as vault:
        give(vault, subject_id, sharing_notice(scope, *fields))


def stop_sharing(house: House, subject_id: UUID, scope: Scope = SHARE) -> None:
    """Withdraw that consent."""
    with house.open_vault("subject") as vault:
        withdraw(vault, subject_id, sharing_notice(scope))


def sharing_notice(scope: Scope, *fields: SharedField) -> Notice:
    """The words about sharing fields, all of VALUES if none is named."""
    return notice(scope, "en", chosen=fields or tuple(VALUES), names=NAMES)


def hand_over(
    house: House, subject_id: UUID, slug: str, scope: Scope, values: Mapping[SharedField, str]
) -> Disclosed:
    """Any values, as `disclose` lets them out; how a brand really gets its own: perks/handover.py."""
    with house.open_vault("recipient") as vault:
        handover = disclose(vault, subject_id, require_recipient(vault, slug), scope, values)
    return handover.open()
