"""An erasure in steps that survive a crash between any two; rights/erasure.py does the one that counts.

    begun ──▶ [mail, ledger, uploads] ──▶ erased ──▶ [keys] ──▶ forgotten ──▶ [remnants, scan] ──▶ done
    consents, sessions,                   rows, the one         the subject's            certificate
    jobs, notices                         log entry, keys       id, here too
                                          ordered

Every arrow is one transaction that locks the row and looks at its state first, so whoever comes second, after
a crash or at the same time, finds the step done. What stands in brackets is idempotent. Who carries it out:
app/erasing.py, in the person's own request, and at every start and every minute for what was left undone.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from consent.ending import withdraw_all
from consent.purpose import ACCOUNT
from rights.erasure import ErasureReport, HeldPart, erase, kept_parts
from rights.erasure_scan import Scan
from rights.notice import NoticeKind, notify_recipients
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Term
from vault.subject import lock_subject

CERTIFICATE_KEPT = timedelta(days=30)


class ErasureState(StrEnum):
    """How far an erasure is."""

    BEGUN = "begun"
    ERASED = "erased"
    FORGOTTEN = "forgotten"
    DONE = "done"


class Erasure(Base):
    """One erasure under way, and its certificate for those who come for it later."""

    __tablename__ = "erasure"
    __holding__ = Holding(
        what="Erasures under way, and for 30 days the certificate under a secret link; it names nobody",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="the account's random id until it is erased, the certificate 30 days",
        source="an erasure",
        fate=Fate.NOT_PERSONAL,  # gone by itself; deleting it with the person would undo the erasure
        ends=(Term("finished_at", CERTIFICATE_KEPT),),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID | None]  # until the keys are gone
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    state: Mapped[ErasureState] = mapped_column(by_value(ErasureState))
    begun_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    told: Mapped[str] = mapped_column(Text)  # the recipients' names, a JSON list
    deleted: Mapped[str | None] = mapped_column(Text)  # what went, a JSON list
    entry: Mapped[bytes | None]  # the log entry
    certificate: Mapped[str | None] = mapped_column(Text)


class ErasureMark(Base):
    """How far into the erasure ledger this database has followed; a restored one is behind."""

    __tablename__ = "erasure_mark"
    __holding__ = Holding(
        what="How many lines of the erasure ledger this database has followed",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="as long as the installation",
        source="the service",
        fate=Fate.NOT_PERSONAL,
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


@dataclass(frozen=True)
class Underway:
    """An erasure as the next step needs it."""

    id: UUID
    subject_id: UUID | None
    state: ErasureState
    begun_at: datetime


def begin(vault: Vault, subject_id: UUID, erasure_id: UUID, token_sha256: bytes) -> UUID:
    """Withdraw every consent, tell every recipient, and commit to erasing; returns the erasure's id.

    The caller ends sessions and jobs in the same transaction. Beginning twice is beginning once.

    Raises:
        SubjectUnknown: erased before, or never there.
    """
    lock_subject(vault, subject_id)
    known = vault.session.scalar(select(Erasure.id).where(Erasure.subject_id == subject_id))
    if known is not None:
        return known
    told = notify_recipients(vault, subject_id, NoticeKind.ERASURE)
    withdraw_all(vault, subject_id)
    append(vault, Action.ERASURE_BEGUN, subject_id=subject_id, scope=str(ACCOUNT), basis="gdpr-17-1")
    vault.session.add(
        Erasure(
            id=erasure_id,
            subject_id=subject_id,
            token_sha256=token_sha256,
            state=ErasureState.BEGUN,
            begun_at=vault.now(),
            told=json.dumps([recipient.name for recipient in told]),
        )
    )
    return erasure_id


def underway(vault: Vault) -> tuple[Underway, ...]:
    """Every erasure that is not done, oldest first."""
    statement = select(Erasure).where(Erasure.state != ErasureState.DONE).order_by(Erasure.begun_at)
    return tuple(_view(row) for row in vault.session.scalars(statement))


def find_underway(vault: Vault, erasure_id: UUID) -> Underway:
    """One erasure as it stands."""
    return _view(vault.session.get_one(Erasure, erasure_id))


def erase_rows(vault: Vault, erasure_id: UUID, ledger_number: int) -> bytes | None:
    """Delete every row, order the keys destroyed; returns the one log entry, or None if that is done.

    Raises:
        SubjectUnknown, KeyDestroyed: the database is from a backup made while this erasure ran.
    """
    row = _locked(vault, erasure_id)
    if row.state is not ErasureState.BEGUN or row.subject_id is None:
        return None
    report = erase(vault, row.subject_id)
    follow_to(vault, ledger_number)
    row.state, row.erased_at, row.entry = ErasureState.ERASED, report.erased_at, report.entry
    row.deleted = json.dumps([asdict(part) for part in report.deleted])
    return report.entry


def forget_id(vault: Vault, erasure_id: UUID) -> None:
    """Let go of the subject's id, once every key is destroyed; the last that pointed at them."""
    row = _locked(vault, erasure_id)
    if row.state is not ErasureState.ERASED:
        return
    row.state, row.subject_id = ErasureState.FORGOTTEN, None
    append(vault, Action.KEYS_DESTROYED, scope=str(ACCOUNT), basis="gdpr-17-1")


def finish(vault: Vault, erasure_id: UUID, certificate: str) -> str:
    """Keep the certificate for those who come for it; the first one made is the one that counts."""
    row = _locked(vault, erasure_id)
    if row.certificate is None:
        row.state, row.finished_at, row.certificate = ErasureState.DONE, vault.now(), certificate
    return row.certificate


def close_uncertified(vault: Vault, erasure_id: UUID) -> None:
    """End an erasure that was finished before, in a database this one is an older copy of."""
    row = _locked(vault, erasure_id)
    if row.state is not ErasureState.DONE:
        row.state, row.subject_id, row.finished_at = ErasureState.DONE, None, vault.now()


def report_of(vault: Vault, erasure_id: UUID, scan: Scan, backups_until: date) -> ErasureReport:
    """What the certificate says."""
    row = vault.session.get_one(Erasure, erasure_id)
    if row.erased_at is None or row.entry is None or row.deleted is None:
        raise RuntimeError("An erasure is certified after it happened.")
    parts: list[dict[str, Any]] = json.loads(row.deleted)
    return ErasureReport(
        erased_at=row.erased_at,
        deleted=tuple(HeldPart(**part) for part in parts),
        kept=kept_parts(row.erased_at.date()),
        entry=row.entry,
        told=tuple(json.loads(row.told)),
        scan=scan,
        backups_until=backups_until,
    )


def find_certificate(vault: Vault, token_sha256: bytes) -> str | None:
    """The certificate under a secret link, for 30 days."""
    statement = select(Erasure).where(Erasure.token_sha256 == token_sha256)
    row = vault.session.scalar(statement)
    if row is None or row.finished_at is None or row.finished_at + CERTIFICATE_KEPT <= vault.now():
        return None
    return row.certificate


def followed(vault: Vault) -> int:
    """How far into the ledger this database has followed."""
    return vault.session.scalar(select(ErasureMark.number)) or 0


def follow_to(vault: Vault, number: int) -> None:
    """Note that everything up to a line of the ledger is done here, or under way."""
    mark = vault.session.scalar(select(ErasureMark).with_for_update())
    if mark is None:
        vault.session.add(ErasureMark(id=1, number=number))
    elif mark.number < number:
        mark.number = number


def _locked(vault: Vault, erasure_id: UUID) -> Erasure:
    return vault.session.scalars(select(Erasure).where(Erasure.id == erasure_id).with_for_update()).one()


def _view(row: Erasure) -> Underway:
    return Underway(row.id, row.subject_id, row.state, row.begun_at)
