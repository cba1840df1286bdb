"""Every run of the verifier over the log as stored, kept: when, up to where, and what it found; about nobody.

    the auditor's room verifies  \\
                                   ->  a row  ->  the log's health over time, day by day
    the worker, once a day       /

A run reads the log and writes one row after it, so that a crash in between loses a dot of a plot. Which
entries break a rule is not kept here: whoever asks is told by a run of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID, uuid4

import structlog
from sqlalchemy import BigInteger, Index, Text, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.audit_room_health import DAYS, State, Verified, verify
from app.publishing import publication
from app.transaction import House
from app.verified_text import from_text, to_text
from audit.rules import Promises
from audit.stored import StoredLog
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Term

RETAINED = timedelta(days=400)
VERIFY_EVERY = timedelta(days=1)
WITHIN = 500_000  # 22 s of CPU time and 300 MB of temporary files; longer logs are verified offline
_WORST_FIRST = (State.BROKEN, State.VIOLATED, State.UNSIGNED, State.OFFLINE, State.WHOLE)
_log = structlog.get_logger("klarwert.verifying")


class Verifier(StrEnum):
    """Who had the log verified."""

    ROOM = "room"
    WORKER = "worker"


class LogVerification(Base):
    """One run: the log it was over, how long that and its publication were, and what was found."""

    __tablename__ = "log_verification"
    __table_args__ = (Index(None, "log_number", "made_at"),)
    __holding__ = Holding(
        what="Runs of the log's verifier: when, how many entries, what was found; nothing about anybody",
        purpose="audit",
        basis="gdpr-6-1-c",
        retained="400 days",
        source="the service",
        fate=Fate.NOT_PERSONAL,
        ends=(Term("made_at", RETAINED),),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    log_number: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[Verifier] = mapped_column(by_value(Verifier))
    size: Mapped[int] = mapped_column(BigInteger)
    published_size: Mapped[int] = mapped_column(BigInteger)
    delay_seconds: Mapped[int] = mapped_column(BigInteger)  # of the oldest entry nobody outside can see yet
    state: Mapped[State] = mapped_column(by_value(State))
    violation_count: Mapped[int | None] = mapped_column(BigInteger)
    found: Mapped[str | None] = mapped_column(Text)  # JSON (verified_text.py), of the worker's last run only


@dataclass(frozen=True)
class VerifiedDay:
    """One day's runs: how many, the sizes of the last, the longest delay, and the worst that was found."""

    day: date
    at: datetime
    runs: int
    size: int
    published_size: int
    delay: timedelta
    state: State
    violation_count: int | None


def promises(house: House) -> Promises:
    """What this service promises and an entry does not say."""
    return Promises(kek_days=house.config.kek_days, holidays=house.config.holidays)


def keep_run(house: House, verified: Verified, made_by: Verifier) -> None:
    """Keep what a run found; one that did not take place leaves nothing."""
    if verified.state is State.OFFLINE or verified.as_of is not None:
        return
    outside = publication(house)
    with house.open_vault("system") as vault:
        run = LogVerification(
            log_number=house.log_number,
            made_at=vault.now(),
            made_by=made_by,
            size=outside.size,
            published_size=outside.published_size,
            delay_seconds=int(outside.delay.total_seconds()),
            state=verified.state,
            violation_count=verified.report.violation_count if verified.report else None,
        )
        if made_by is Verifier.WORKER:
            run.found = to_text(verified)
            earlier = update(LogVerification).where(LogVerification.found.is_not(None)).values(found=None)
            vault.session.execute(earlier)
        vault.session.add(run)
    if made_by is Verifier.WORKER and verified.state in (State.BROKEN, State.VIOLATED):
        _log.error("log_verified", state=str(verified.state), violations=run.violation_count)


def verify_if_due(house: House) -> None:
    """The worker's run, once a day."""
    now = house.clock()
    with house.open_reading_vault("system") as vault:
        last = _last_of_worker(vault, house.log_number)
        if last is not None and now < last.made_at + VERIFY_EVERY:
            return
        note, log = house.high_water.read(), StoredLog(vault.session, house.log_number)
        verified = verify(log, note, house.log_key, promises(house), WITHIN)
    keep_run(house, verified, Verifier.WORKER)


def find_last(house: House) -> Verified | None:
    """What the worker's last run found, as of then."""
    with house.open_reading_vault("system") as vault:
        last = _last_of_worker(vault, house.log_number)
        return from_text(last.found, last.state, last.made_at) if last is not None and last.found else None


def _last_of_worker(vault: Vault, log_number: int) -> LogVerification | None:
    statement = (
        select(LogVerification)
        .where(LogVerification.log_number == log_number, LogVerification.made_by == Verifier.WORKER)
        .order_by(LogVerification.made_at.desc())
        .limit(1)
    )
    return vault.session.scalar(statement)


def verified_days(house: House) -> tuple[VerifiedDay, ...]:
    """What was found on each of the last days on which the log was verified, oldest first."""
    with house.open_reading_vault("system") as vault:
        statement = (
            select(LogVerification)
            .where(
                LogVerification.log_number == house.log_number,
                LogVerification.made_at > vault.now() - timedelta(days=DAYS),
            )
            .order_by(LogVerification.made_at)
        )
        runs = vault.session.scalars(statement).all()
        return tuple(_day(list(some)) for _, some in groupby(runs, lambda run: run.made_at.date()))


def _day(runs: Sequence[LogVerification]) -> VerifiedDay:
    last = runs[-1]
    return VerifiedDay(
        day=last.made_at.date(),
        at=last.made_at,
        runs=len(runs),
        size=last.size,
        published_size=last.published_size,
        delay=timedelta(seconds=max(run.delay_seconds for run in runs)),
        state=_worst(run.state for run in runs),
        violation_count=max(
            (run.violation_count for run in runs if run.violation_count is not None), default=None
        ),
    )


def _worst(states: Iterable[State]) -> State:
    return min(states, key=_WORST_FIRST.index)
