"""A public page of a person, only while a consent of theirs is in force; field by field.

    shown_field   one row a consent: which field, the page's random name, and the display name sealed

The page's name is chosen with the first consent and says nothing about anybody. Each row rests on its own
consent and goes with it (consent/decision.py), so with the last consent the name is gone too, and the next
page has another. What is shown is read anew at each opening, under a permit of the field's scope; a
restriction stops it like a withdrawal. Nobody is listed, searched for or ranked.
"""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.transaction import House
from consent.access import note_opening
from consent.gate import permits_in_force, require_permit
from consent.part import SharedField
from consent.purpose import Purpose, Scope, scope_of
from model.score import open_parts, readable_scores
from model.scoring import is_usable, result_from_json
from model.shown import shown_fields
from vault.base import Base
from vault.desk import Vault
from vault.errors import DomainError, EnvelopeInvalid, KeyDestroyed
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit
from vault.subject import Subject

NAME_MOST = 60  # characters of a display name
SLUG_BYTES = 16
PUBLIC_FIELDS = (
    SharedField.DISPLAY_NAME,
    SharedField.SCORE_BAND,
    SharedField.SCORE,
    SharedField.PLATFORM_SCORES,
)


class DisplayNameUnfit(DomainError):
    """A display name has no letter or sign one could see, too many, or comes with another field."""

    slug = "display-name-unfit"
    title = "Display name cannot be used"

    def __init__(self) -> None:
        super().__init__(f"A display name is one line of at most {NAME_MOST} visible characters.")


def _own(vault: Vault, permits: Mapping[str, Permit], row: "ShownField") -> str | None:
    return _name(vault, permits[row.scope], row)


class ShownField(Base):
    """One field that a person shows to everybody."""

    __tablename__ = "shown_field"
    __table_args__ = (UniqueConstraint("subject_id", "scope"),)
    __holding__ = Holding(
        what="What a public page shows: which fields, the page's random name, the display name (sealed)",
        purpose="profile.public",
        basis="gdpr-6-1-a",
        retained="until the consent is withdrawn or the account is erased",
        source="the person",
        fate=Fate.DELETED,
        disclosed_to=("everybody who has the link",),
        subject_column="subject_id",
        personal={
            "scope": "which field",
            "slug": "the random name of the page",
            "content": "the display name, as written for this page (sealed)",
        },
        rests_on=lambda row: [row.scope],
        opened_by={"content": Opening(_own, {"type": ["string", "null"]})},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    scope: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(43), index=True)
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes | None]


@dataclass(frozen=True)
class Shown:
    """One field as everybody sees it."""

    field: SharedField
    value: str


@dataclass(frozen=True)
class OwnPage:
    """A person's page as they see it beside the consents.

    slug: the page's name; None while nothing is shown.
    values: what each field says now, consented to or not; a field without a value shows nothing.
    """

    slug: str | None
    values: Mapping[SharedField, str]


def profile_scope(field: SharedField) -> Scope:
    """The scope under which one field is shown to everybody."""
    return Scope(Purpose.PROFILE_PUBLIC, field)


def show_field(vault: Vault, subject_id: UUID, scope: Scope, name: str | None) -> None:
    """Put a field on the page, in the transaction of its consent; the display name as given now.

    Raises:
        DisplayNameUnfit: no name that can be shown, or a name where none belongs.
        ConsentMissing: no consent is in force for the scope.
    """
    is_named = scope == profile_scope(SharedField.DISPLAY_NAME)
    if is_named != (name is not None):
        raise DisplayNameUnfit
    vault.flush()
    permit = require_permit(vault, subject_id, scope)
    known = {row.scope: row for row in _rows(vault, subject_id)}
    row = known.get(str(scope))
    if row is None:
        slug = next(iter(known.values())).slug if known else secrets.token_urlsafe(SLUG_BYTES)
        row = ShownField(id=uuid4(), subject_id=subject_id, scope=str(scope), slug=slug, row_version=0)
        vault.session.add(row)
    row.row_version += 1
    row.content = None
    if name is not None:
        row.content = vault.seal(permit, row.cell("content"), _fit(name).encode())


def own_page(vault: Vault, subject_id: UUID) -> OwnPage:
    """What a person's page shows, or would show, right now."""
    permits = permits_in_force(vault, subject_id, Purpose.PROFILE_PUBLIC)
    rows = [row for row in _rows(vault, subject_id) if scope_of(row.scope) in permits]
    values = dict(_score_fields(vault, subject_id))
    for row in rows:
        name = _name(vault, permits[scope_of(row.scope)], row)
        if name is not None:
            values[SharedField.DISPLAY_NAME] = name
    return OwnPage(rows[0].slug if rows else None, values)


def visit(house: House, slug: str) -> tuple[Shown, ...]:
    """What anybody who has the link sees, once it is on record; nothing where there is no such page."""
    with house.open_reading_vault("visitor") as vault:  # asked first, so that guessing writes nothing
        known = vault.session.scalar(select(ShownField.id).where(ShownField.slug == slug).limit(1))
    if known is None:
        return ()
    with house.open_vault("visitor") as vault:
        return open_page(vault, slug)


def open_page(vault: Vault, slug: str) -> tuple[Shown, ...]:
    """What a visitor sees, each opening noted for the person; nothing where there is no such page."""
    found = vault.session.scalars(select(ShownField).where(ShownField.slug == slug)).all()
    person = vault.session.get(Subject, found[0].subject_id) if found else None
    if person is None or person.suspended_at is not None:
        return ()
    subject_id = person.id
    permits = permits_in_force(vault, subject_id, Purpose.PROFILE_PUBLIC)
    rows = {scope_of(row.scope): row for row in found if scope_of(row.scope) in permits}
    wants_score = any(scope != profile_scope(SharedField.DISPLAY_NAME) for scope in rows)
    values = dict(_score_fields(vault, subject_id)) if wants_score else {}
    shown = []
    for field in PUBLIC_FIELDS:
        scope = profile_scope(field)
        if scope not in rows:
            continue
        value = _name(vault, permits[scope], rows[scope]) or values.get(field)
        if value is not None:
            note_opening(vault, permits[scope], field)
            shown.append(Shown(field, value))
    return tuple(shown)


def _rows(vault: Vault, subject_id: UUID) -> list[ShownField]:
    return list(vault.session.scalars(select(ShownField).where(ShownField.subject_id == subject_id)))


def _name(vault: Vault, permit: Permit, row: ShownField) -> str | None:
    if row.content is None:
        return None
    return vault.unseal(permit, row.cell("content"), row.content).decode()


def _score_fields(vault: Vault, subject_id: UUID) -> Mapping[SharedField, str]:
    """What the newest score says, if it may be read now and its data are not old."""
    permits = permits_in_force(vault, subject_id, Purpose.SCORE_COMPUTE)
    for newest in readable_scores(vault, subject_id, permits, limit=1):
        try:
            parts: dict[str, Any] = open_parts(vault, permits, newest)
        except (EnvelopeInvalid, KeyDestroyed):  # from a backup older than a withdrawal: nobody can read it
            return {}
        result = result_from_json(parts)
        return shown_fields(result) if is_usable(result, vault.now().date()) else {}
    return {}


def _fit(name: str) -> str:
    """The name as it will be shown: NFC, blanks joined, no control or invisible sign.

    Raises:
        DisplayNameUnfit: nothing is left, or too much, or signs that could change the page around it.
    """
    fit = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(fit) <= NAME_MOST or any(unicodedata.category(sign)[0] == "C" for sign in fit):
        raise DisplayNameUnfit
    return fit
