"""What a person says about themselves for offers: country, languages, topics, and the names they go by.

Chosen of closed lists or written by the person, never guessed; sealed under the consent to matching, and
gone with it. The names are for a brand to see and for nothing else: matching does not look at them, and they
leave only in a handover whose exact values the person saw (handover.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.access import note_read
from consent.gate import require_permit
from perks.lists import COUNTRIES, LANGUAGES, NICHES
from perks.participation import MATCH
from sources.activity import Platform
from vault.base import Base
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit
from vault.subject import Subject, lock_subject

MOST_NICHES = 5  # topics one stands for, not a list to be found by
MOST_LANGUAGES = 5
MOST_SIGNS = 80


class ProfileUnfit(DomainError):
    """A choice is none of the closed list, or there are too many of them."""

    slug = "profile-unfit"
    title = "Choice cannot be used"

    def __init__(self, field: str) -> None:
        super().__init__(f"This cannot be used as written: {field}.", field=field)
        self.field = field


@dataclass(frozen=True)
class PerkProfile:
    """What one person chose; everything may be left open."""

    country: str | None = None
    languages: frozenset[str] = frozenset()
    niches: frozenset[str] = frozenset()
    display_name: str | None = None
    handles: Mapping[Platform, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.country is not None and self.country not in COUNTRIES:
            raise ProfileUnfit("country")
        if not self.languages <= LANGUAGES or len(self.languages) > MOST_LANGUAGES:
            raise ProfileUnfit("languages")
        if not self.niches <= NICHES or len(self.niches) > MOST_NICHES:
            raise ProfileUnfit("niches")
        if self.display_name is not None and not _is_line(self.display_name):
            raise ProfileUnfit("display_name")
        if not all(_is_line(handle) and " " not in handle for handle in self.handles.values()):
            raise ProfileUnfit("handles")

    def __repr__(self) -> str:
        return "PerkProfile(…)"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, as it is sealed and copied."""
        return {
            "country": self.country,
            "languages": sorted(self.languages),
            "niches": sorted(self.niches),
            "display_name": self.display_name,
            "handles": {platform.value: handle for platform, handle in sorted(self.handles.items())},
        }


def _own(vault: Vault, permits: Mapping[str, Permit], row: "PerkProfileRow") -> Any:
    return json.loads(vault.unseal(permits[str(MATCH)], row.cell("content"), row.content))


class PerkProfileRow(Base):
    """One person's choices, sealed."""

    __tablename__ = "perk_profile"
    __holding__ = Holding(
        what="What you chose for offers: country, languages, topics, and the names a brand may see",
        purpose="perk.match",
        basis="gdpr-6-1-a",
        retained="until you say no to matching or the account is erased",
        source="the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"content": "country, languages, topics and names (sealed)", "written_at": "when"},
        rests_on=lambda _: (str(MATCH),),
        copied_to="perks/profile.jsonl",
        opened_by={"content": Opening(_own, {"type": "object"})},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), unique=True)
    written_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


def write_profile(vault: Vault, subject_id: UUID, profile: PerkProfile) -> None:
    """Keep a person's choices in place of what they chose before.

    Raises:
        ConsentMissing: matching was not agreed to.
    """
    lock_subject(vault, subject_id)
    permit = require_permit(vault, subject_id, MATCH)
    row = _find(vault, subject_id)
    if row is None:
        row = PerkProfileRow(id=uuid4(), subject_id=subject_id, row_version=0)
        vault.session.add(row)
    row.row_version, row.written_at = row.row_version + 1, vault.now()
    plain = json.dumps(profile.to_json(), ensure_ascii=False).encode()
    row.content = vault.seal(permit, row.cell("content"), plain)
    vault.flush()


def read_profile(vault: Vault, permit: Permit) -> PerkProfile:
    """What a person chose; nothing at all where they chose nothing yet.

    Args:
        permit: of the consent to matching.
    """
    row = _find(vault, permit.subject_id)
    if row is None:
        return PerkProfile()
    plain = json.loads(vault.unseal(permit, row.cell("content"), row.content))
    note_read(vault, permit, "perk_profile.content")
    return PerkProfile(
        country=plain["country"],
        languages=frozenset(plain["languages"]),
        niches=frozenset(plain["niches"]),
        display_name=plain["display_name"],
        handles={Platform(name): handle for name, handle in plain["handles"].items()},
    )


def _find(vault: Vault, subject_id: UUID) -> PerkProfileRow | None:
    return vault.session.scalar(select(PerkProfileRow).where(PerkProfileRow.subject_id == subject_id))


def _is_line(text: str) -> bool:
    return 0 < len(text) <= MOST_SIGNS and text == text.strip() and text.isprintable()
