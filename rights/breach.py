"""The register of breaches: a clock of 72 hours, drafts, and what closing needs (GDPR Art. 33, 34).

    known -> due to the authority 72 hours later -> notified, or why not -> people told, or why not -> closed

Every breach is in it, also one that needs no notice (Art. 33(5)). It holds nobody's data: kinds of data and
numbers of people, in the operator's words.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, String, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import append
from rights.errors import BreachIncomplete, BreachUnknown
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Term
from vault.holdings import data_tables, holding_of, key_tables

AUTHORITY_WITHIN = timedelta(hours=72)


class Nature(StrEnum):
    """What was lost (Art. 4(12))."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


class Breach(Base):
    """One breach."""

    __tablename__ = "breach"
    __holding__ = Holding(
        what="The register of breaches: when known, which kinds of data, how many people, what was done",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="five years after it was closed",
        ends=(Term("closed_at", timedelta(days=5 * 366)),),
        source="the operator",
        fate=Fate.NOT_PERSONAL,
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    nature: Mapped[Nature] = mapped_column(by_value(Nature))
    tables: Mapped[list[str]] = mapped_column(JSON)
    people: Mapped[int]  # about how many; 0 where none were concerned
    facts: Mapped[str] = mapped_column(Text)
    known_at: Mapped[datetime]
    due_at: Mapped[datetime]
    authority_told_at: Mapped[datetime | None]
    authority_not_told_because: Mapped[str | None] = mapped_column(String(2000))
    people_told_at: Mapped[datetime | None]
    people_not_told_because: Mapped[str | None] = mapped_column(String(2000))
    closed_at: Mapped[datetime | None]


def record_breach(
    vault: Vault, *, nature: Nature, tables: Sequence[str], people: int, facts: str, known_at: datetime
) -> Breach:
    """Enter a breach; the clock runs from when it was known, not from now.

    Raises:
        BreachIncomplete: a table nobody knows, a number below zero, no facts, or known in the future.
    """
    known = {table.__tablename__ for table in (*data_tables(), *key_tables())}
    if not set(tables) <= known or people < 0 or not facts.strip() or known_at > vault.now():
        raise BreachIncomplete
    number = (vault.session.scalar(select(func.max(Breach.number))) or 0) + 1
    made = Breach(
        number=number,
        nature=nature,
        tables=sorted(set(tables)),
        people=people,
        facts=facts.strip(),
        known_at=known_at,
        due_at=known_at + AUTHORITY_WITHIN,
    )
    vault.session.add(made)
    append(vault, Action.BREACH_RECORDED)
    vault.checkpoint_wanted = True
    return made


def require_breach(vault: Vault, number: int) -> Breach:
    """One breach.

    Raises:
        BreachUnknown: no such number.
    """
    found = vault.session.get(Breach, number)
    if found is None:
        raise BreachUnknown
    return found


def breaches(vault: Vault) -> Sequence[Breach]:
    """The register, newest first."""
    return vault.session.scalars(select(Breach).order_by(Breach.number.desc())).all()


def is_overdue(breach: Breach, now: datetime) -> bool:
    """Whether the authority should have heard by now and nobody decided otherwise."""
    settled = breach.authority_told_at or breach.authority_not_told_because
    return settled is None and now >= breach.due_at


def close_breach(
    vault: Vault, breach: Breach, *, authority_because: str | None = None, people_because: str | None = None
) -> None:
    """Close a breach: authority and people told, or why not, in words.

    Raises:
        BreachIncomplete: neither told nor a reason for one of the two.

    Source: GDPR Art. 33(1), 33(5), 34(1), 34(3).
    """
    breach.authority_not_told_because = (authority_because or "").strip() or None
    breach.people_not_told_because = (people_because or "").strip() or None
    told = breach.authority_told_at or breach.authority_not_told_because
    if told is None or (breach.people_told_at or breach.people_not_told_because) is None:
        raise BreachIncomplete
    breach.closed_at = vault.now()
    append(vault, Action.BREACH_CLOSED)
    vault.checkpoint_wanted = True


def held_in(breach: Breach) -> tuple[str, ...]:
    """What the tables concerned hold, in the words of the record of processing, for the drafts."""
    by_name = {table.__tablename__: holding_of(table).what for table in data_tables()}
    by_name |= {table.__tablename__: holding_of(table).what for table in key_tables()}
    return tuple(by_name[name] for name in breach.tables)
