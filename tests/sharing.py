"""Sharing for tests: a recipient who may receive, and a person who agreed to it."""

from uuid import UUID

from app.transaction import House
from consent.disclosure import SharedField, cover_fields
from consent.notice import PRESENT, Notice
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
from consent.record import give, withdraw

BRAND = "rosengarten"
SHARE = Scope(Purpose.BRAND_SHARE, f"{BRAND}/seeds")
VALUES = {SharedField.SCORE_BAND: "41-50", SharedField.HANDLES: "@lovelace-handle"}
WORDS = Notice(SHARE, "2026-11", "en", "May Rosengarten GmbH have your score band and your handles?")


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
    PRESENT.setdefault(Purpose.BRAND_SHARE, WORDS.version)
    words = Notice(scope, PRESENT[Purpose.BRAND_SHARE], "en", WORDS.text)
    with house.open_vault("subject") as vault:
        record = give(vault, subject_id, words)
        vault.flush()
        cover_fields(vault, record, fields or tuple(VALUES))


def stop_sharing(house: House, subject_id: UUID, scope: Scope = SHARE) -> None:
    """Withdraw that consent."""
    with house.open_vault("subject") as vault:
        withdraw(vault, subject_id, Notice(scope, PRESENT[Purpose.BRAND_SHARE], "en", WORDS.text))
