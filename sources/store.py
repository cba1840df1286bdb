"""`ImportBatch`: what one import left behind, one sealed record per data subject and platform.

A new import of a platform replaces the old record whole, and supersedes what was corrected in it; nothing is
ever added to it.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import Written, append
from consent.access import note_read
from consent.purpose import Scope, score_scope
from sources.activity import ActivityRecord, Platform
from sources.correction import supersede
from sources.record_json import OUTLINE_FORM, outline, record_from_json, record_to_json, week_lines
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Opening, Term
from vault.permit import Permit
from vault.subject import Subject


class ImportBatch(Base):
    """The record of one platform, sealed under that platform's consent."""

    __tablename__ = "import_batch"
    __table_args__ = (UniqueConstraint("subject_id", "platform"),)
    __holding__ = Holding(
        what="Weekly counts of own posts and of responses to them; followers, lists, first and last day",
        purpose="score.compute",
        basis="gdpr-6-1-a",
        retained="until consent is withdrawn or ends, or the account is erased; at most 24 months",
        ends=(Term("imported_at", timedelta(days=730)),),
        source="the archive the person brought",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "platform": "which platform",
            "imported_at": "when it was imported",
            "record": "counts and days (sealed)",
        },
        rests_on=lambda batch: (str(score_scope(batch.platform)),),
        copied_to="data/connections.jsonl",
        opened_by={
            # Without its weeks, which may be many: they have a file of their own (rights/package/weeks.py).
            "record": Opening(
                lambda vault, permits, batch: outline(_plain(vault, permits, batch)), OUTLINE_FORM
            )
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id))
    platform: Mapped[Platform] = mapped_column(by_value(Platform))
    row_version: Mapped[int] = mapped_column(default=1)
    imported_at: Mapped[datetime]
    record: Mapped[bytes]


def replace_record(vault: Vault, permit: Permit, record: ActivityRecord) -> ImportBatch:
    """Seal a platform's record in place of the one before, and log it."""
    vault.session.execute(
        delete(ImportBatch).where(
            ImportBatch.subject_id == permit.subject_id, ImportBatch.platform == record.platform
        )
    )
    supersede(vault, permit.subject_id, record.platform)
    batch = ImportBatch(
        id=uuid4(),
        subject_id=permit.subject_id,
        platform=record.platform,
        row_version=1,
        imported_at=vault.now(),
    )
    plain = json.dumps(record_to_json(record), separators=(",", ":")).encode()
    batch.record = vault.seal(permit, batch.cell("record"), plain)
    vault.session.add(batch)
    append(
        vault,
        Action.IMPORT_STORED,
        subject_id=permit.subject_id,
        scope=permit.scope,
        basis=permit.basis,
        written=Written(batch.cell("record"), batch.record),
        counts={"weeks": len(record.weeks)},
    )
    return batch


def find_batches(vault: Vault, subject_id: UUID) -> dict[Platform, ImportBatch]:
    """What lies here of a subject, still sealed."""
    statement = select(ImportBatch).where(ImportBatch.subject_id == subject_id)
    return {batch.platform: batch for batch in vault.session.scalars(statement)}


def open_records(vault: Vault, permits: Mapping[Scope, Permit]) -> dict[Platform, ActivityRecord]:
    """The records of every platform a permit is held for; logged, unless the person looks at their own."""
    records = {}
    for permit in permits.values():
        for platform, batch in find_batches(vault, permit.subject_id).items():
            if str(score_scope(platform)) == permit.scope:
                plain = vault.unseal(permit, batch.cell("record"), batch.record)
                records[platform] = record_from_json(json.loads(plain))
                note_read(vault, permit, "import_batch.record")
    return records


def open_weeks(vault: Vault, permits: Mapping[str, Permit], batch: ImportBatch) -> Iterator[bytes]:
    """The weeks of a record for its owner's copy, one JSON object at a time.

    Raises:
        KeyError: no permit is held for the platform.
    """
    return week_lines(_plain(vault, permits, batch))


def _plain(vault: Vault, permits: Mapping[str, Permit], batch: ImportBatch) -> bytes:
    permit = permits[str(score_scope(batch.platform))]
    return vault.unseal(permit, batch.cell("record"), batch.record)
