"""How often a brand's programs may ask in a day: counted for the brand, not for each of its programs.

Counted in a transaction of its own before anything is looked at, so a refusal counts like an answer: whoever
tries names of others spends their own day.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Date, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.recipient import Recipient
from vault.base import Base
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term


class QuotaSpent(DomainError):
    """A brand's programs asked as often as they may for now."""

    slug = "quota-spent"
    title = "Asked too often"

    def __init__(self, seconds: int) -> None:
        super().__init__("The brand's programs asked as often as they may.", retry_after=seconds)
        self.seconds = seconds


class BrandUse(Base):
    """How often a brand's programs asked in one day."""

    __tablename__ = "brand_use"
    __holding__ = Holding(
        what="How often a brand's programs read and wrote, day by day",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="thirty days",
        source="the service",
        fate=Fate.NOT_PERSONAL,
        ends=(Term("began_at", timedelta(days=30)),),
    )

    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Recipient.id), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    began_at: Mapped[datetime]
    reads: Mapped[int] = mapped_column(default=0)
    writes: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Quota:
    """How often in a day (UTC)."""

    reads: int
    writes: int


def count_use(vault: Vault, recipient_id: UUID, quota: Quota, *, writes: bool) -> None:
    """Count one request.

    Raises:
        QuotaSpent: with the seconds until the next day.
    """
    # Under the brand's lock, so that two requests at once do not both begin a day.
    vault.session.scalar(select(Recipient.id).where(Recipient.id == recipient_id).with_for_update())
    now = vault.now()
    use = vault.session.get(BrandUse, (recipient_id, now.date()), populate_existing=True)
    if use is None:
        use = BrandUse(recipient_id=recipient_id, day=now.date(), began_at=now, reads=0, writes=0)
        vault.session.add(use)
    if (use.writes >= quota.writes) if writes else (use.reads >= quota.reads):
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        raise QuotaSpent(max(1, int((tomorrow - now).total_seconds())))
    if writes:
        use.writes += 1
    else:
        use.reads += 1
