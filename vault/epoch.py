"""KEK epochs: which KEK wraps new keys, which ones are gone, and by when an erasure reaches every copy.

    epoch n                 began_at ─────── superseded_at ── finished_at
    epoch n+1                                began_at ─────────────────────── ...
    new keys are wrapped    under n        | under n+1
    KEK n                   in force       | re-wrapping    | destroyed

Old copies of the key store (backups, replicas, WAL archives, spare blocks of a disk) keep wrapped keys that
were destroyed here. They open only under the KEK of their epoch, so whoever replaces the KEK every few
days can name the instant from which no copy opens any more. How one is replaced: rotation.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, String, select
from sqlalchemy.orm import Mapped, mapped_column

from vault.base import KeyBase
from vault.holding import Fate, Holding


class KekEpoch(KeyBase):
    """One epoch; the one in force is the one not superseded."""

    __tablename__ = "kek_epoch"
    __holding__ = Holding(
        what="Which key wrapped the others from when to when, and when it was destroyed",
        purpose="account",
        basis="gdpr-6-1-c",
        retained="as long as the installation, to show that keys were replaced in time",
        source="the service",
        fate=Fate.NOT_PERSONAL,
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kek_id: Mapped[str] = mapped_column(String(16), unique=True)
    began_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]  # from here on nothing new is wrapped under it
    rewrapped: Mapped[int] = mapped_column(default=0)  # keys taken over by its successor so far
    finished_at: Mapped[datetime | None]  # its KEK is destroyed, and the log says so


@dataclass(frozen=True)
class Epoch:
    """One epoch as read."""

    number: int
    kek_id: str
    began_at: datetime
    superseded_at: datetime | None
    rewrapped: int
    finished_at: datetime | None

    @property
    def is_in_force(self) -> bool:
        """Whether new keys are wrapped under its KEK."""
        return self.superseded_at is None

    @property
    def is_unfinished(self) -> bool:
        """Whether it is over, but its KEK perhaps not destroyed yet."""
        return self.superseded_at is not None and self.finished_at is None


def read_epochs(connection: Connection) -> tuple[Epoch, ...]:
    """Every epoch, in order."""
    rows = connection.execute(select(KekEpoch.__table__).order_by(KekEpoch.number))
    return tuple(Epoch(**row._mapping) for row in rows)


def hold_epoch(connection: Connection) -> str | None:
    """The id of the KEK in force, which stays in force until this transaction ends.

    On PostgreSQL by a shared lock on the epoch's row, for which a rotation waits; SQLite lets one
    transaction write at a time. None if a rotation came in between: begin a new transaction, ask again.
    """
    statement = select(KekEpoch.kek_id).where(KekEpoch.superseded_at.is_(None)).with_for_update(read=True)
    return connection.scalar(statement)


def erasure_horizon(erased_at: datetime, kek_days: int) -> datetime:
    """By when an erasure has reached every copy: the KEK then in force is destroyed by this instant.

    Holds as long as the operator rotates at least every `kek_days` (docs/operating.md).

    Source: GDPR Art. 17(1) and 13(2)(a).
    """
    return erased_at + timedelta(days=kek_days)


def is_overdue(epoch: Epoch, now: datetime, kek_days: int) -> bool:
    """Whether the KEK in force should have been replaced by now."""
    return now > epoch.began_at + timedelta(days=kek_days)
