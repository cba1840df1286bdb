"""How old somebody says they are: asked neutrally, kept as a band, and never a reason to store more.

An account needs 16 years; perks, research and sharing need 18 (docs/decisions/0046). Whoever says they are
younger is told so kindly, and all that stays is a number: how many that were in a month. Declaring an age
gives no consent; declaring a lower one ends those that need the higher.
"""

from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.transaction import House
from audit.entry import Action
from audit.log import Written, append
from consent.decision import end_for_them
from consent.errors import TooYoung
from consent.gate import require_permit
from consent.purpose import ACCOUNT, RULES
from consent.record import Decision, EndReason, decisions
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding
from vault.subject import AgeBand, lock_subject, read_account, require_subject, write_account

ACCOUNT_FROM = 16


class DeclaredAge(StrEnum):
    """What one may answer when joining."""

    UNDER_SIXTEEN = "under-16"
    SIXTEEN = AgeBand.SIXTEEN.value
    ADULT = AgeBand.ADULT.value


BANDS = (AgeBand.SIXTEEN, AgeBand.ADULT)  # what an account may say


class TurnedAway(Base):
    """How many people were too young to join, month by month."""

    __tablename__ = "turned_away"
    __holding__ = Holding(
        what="How many people a month said they were younger than 16; nothing about any of them",
        purpose="statistics",
        basis="gdpr-6-1-f",
        retained="without end",
        source="the service",
        fate=Fate.NOT_PERSONAL,
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    people: Mapped[int]


_COUNT = text(
    "INSERT INTO turned_away (month, people) VALUES (:month, 1) "
    "ON CONFLICT (month) DO UPDATE SET people = turned_away.people + 1"
)


def require_old_enough(house: House, declared: DeclaredAge) -> AgeBand:
    """The band of somebody who may have an account.

    Raises:
        TooYoung: nothing is stored but that it happened once more this month.

    Source: GDPR Art. 8; the table of ages in docs/decisions/0046.
    """
    if declared is DeclaredAge.UNDER_SIXTEEN:
        with house.open_vault("system") as vault:
            vault.connection.execute(_COUNT, {"month": f"{vault.now():%Y-%m}"})
        raise TooYoung(ACCOUNT_FROM)
    return AgeBand(declared.value)


def declare_age(house: House, subject_id: UUID, band: AgeBand) -> None:
    """Keep what a person says about their age; what needs a higher one ends, and nothing begins.

    Raises:
        SubjectUnknown: erased.
    """
    with house.open_vault("subject") as vault:
        lock_subject(vault, subject_id)
        permit = require_permit(vault, subject_id, ACCOUNT)
        subject = require_subject(vault, subject_id)
        account = read_account(vault, permit, subject)
        if account.age_band is band:
            return
        write_account(vault, permit, subject, replace(account, age_band=band))
        append(
            vault,
            Action.RECORD_RECTIFIED,
            subject_id=subject_id,
            scope=permit.scope,
            basis=permit.basis,
            written=Written(subject.cell("account"), subject.account),
        )
        if band is not AgeBand.ADULT:
            _end_what_is_for_adults(vault, subject_id)


def _end_what_is_for_adults(vault: Vault, subject_id: UUID) -> None:
    for purpose in (purpose for purpose, rule in RULES.items() if rule.adults_only):
        for scope, latest in decisions(vault, subject_id, purpose).items():
            if latest.is_in_force(vault.now()):
                end_for_them(vault, subject_id, scope, Decision.INVALIDATED, EndReason.TOO_YOUNG)
