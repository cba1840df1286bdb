"""An account taken along from another installation, out of the copy its person got there (GDPR Art. 20).

    verified copy (sources/package.py)  ->  language, declared age, decisions  ->  one transaction, or nothing

What comes in is history and a wish for a language. Consents arrive *not* active (consent/carrying.py), an age
is never taken from a file, and the address is the one confirmed here. The weeks of a network come the way any
archive does, after its consent was given here: sources/readers/klarwert.py.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import Row, Written, append
from consent.access import note_read
from consent.carrying import MOST, CarriedDecision, carried_decision, carry, has_decided
from consent.gate import permits_for_rights
from consent.purpose import ACCOUNT, RIGHTS
from consent.record import ConsentRecord
from explain.wording import Language
from rights.errors import AccountNotNew
from rights.package.rows import place_of
from rights.request import ARTICLE, Right
from sources.errors import Flaw, PackageRefused
from sources.package import Issuer, Package
from sources.store import find_batches
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding
from vault.subject import (
    AgeBand,
    Subject,
    lock_subject,
    read_account,
    require_subject,
    write_account,
)


class Restoration(Base):
    """That an account was brought from elsewhere: when, signed by whom, and how much came along."""

    __tablename__ = "restoration"
    __holding__ = Holding(
        what="That your account was brought from another installation: when, who signed the copy, how many "
        "decisions came along",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until the account is erased",
        source="the copy the person brought",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "restored_at": "when",
            "issuer": "the name of the key the copy was signed with",
            "key": "that key, as its owner publishes it",
            "is_known": "whether this installation knows the key",
            "decisions": "how many decisions came along, none of them active",
            "took_language": "whether the language was taken from the copy",
            "age_agrees": "whether the copy says the same about the age",
        },
        copied_to="data/restoration.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), unique=True)
    restored_at: Mapped[datetime]
    issuer: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(300))
    is_known: Mapped[bool]
    decisions: Mapped[int]
    took_language: Mapped[bool]
    age_agrees: Mapped[bool]


@dataclass(frozen=True)
class Brought:
    """What a copy says about an account, every value of a closed type."""

    issuer: Issuer
    language: str
    age_band: AgeBand
    decisions: tuple[CarriedDecision, ...]


def read_brought(package: Package, now: datetime) -> Brought:
    """The account and the decisions in a verified copy; a column nobody knows here is not looked at.

    Raises:
        PackageRefused: an entry is not of the documented form.
    """
    language, age_band = _account(package)
    return Brought(package.issuer, language, age_band, tuple(_decisions(package, now)))


def require_new(vault: Vault, subject_id: UUID) -> None:
    """Refuse an account that decided or holds anything already: history comes first.

    Raises:
        AccountNotNew: it does.
    """
    if not is_new(vault, subject_id):
        raise AccountNotNew


def is_new(vault: Vault, subject_id: UUID) -> bool:
    """Whether an account has decided nothing, holds nothing and took nothing over yet."""
    if has_decided(vault, subject_id) or find_restoration(vault, subject_id) is not None:
        return False
    return not find_batches(vault, subject_id)


def find_restoration(vault: Vault, subject_id: UUID) -> Restoration | None:
    """What is known of the copy an account was brought from."""
    return vault.session.scalar(select(Restoration).where(Restoration.subject_id == subject_id))


def restore(vault: Vault, subject_id: UUID, brought: Brought, known: Collection[str]) -> Restoration:
    """Take over what a copy says; nothing of it is in force by that.

    Args:
        known: the verifier keys this installation knows whose they are.

    Raises:
        AccountNotNew, SubjectUnknown.

    Source: GDPR Art. 20(1), 20(2).
    """
    lock_subject(vault, subject_id)
    require_new(vault, subject_id)
    permit, subject = permits_for_rights(vault, subject_id)[ACCOUNT], require_subject(vault, subject_id)
    account = read_account(vault, permit, subject)
    note_read(vault, permit, "subject.account")
    took_language = account.language != brought.language
    if took_language:
        write_account(vault, permit, subject, replace(account, language=brought.language))
    carry(vault, subject_id, brought.decisions)
    restored = Restoration(
        id=uuid4(),
        subject_id=subject_id,
        restored_at=vault.now(),
        issuer=brought.issuer.name,
        key=brought.issuer.key,
        is_known=brought.issuer.key in known,
        decisions=len(brought.decisions),
        took_language=took_language,
        age_agrees=account.age_band is brought.age_band,
    )
    vault.session.add(restored)
    append(
        vault,
        Action.ACCOUNT_RESTORED,
        subject_id=subject_id,
        scope=str(RIGHTS),
        basis=ARTICLE[Right.PORTABILITY],
        written=Written(subject.cell("account"), subject.account) if took_language else None,
        row=None if took_language else Row(Restoration.__tablename__, restored.id),
        counts={"rows": len(brought.decisions)},
    )
    vault.checkpoint_wanted = True
    return restored


def _account(package: Package) -> tuple[str, AgeBand]:
    path, found = place_of(Subject), None
    for row, line in enumerate(package.lines(path), 1):
        account = line.get("account")
        try:
            if found is not None or type(account) is not dict:
                raise ValueError
            found = (Language(account["language"]).value, AgeBand(account["age_band"]))
        except (ValueError, KeyError):
            raise PackageRefused(Flaw.ENTRY, file=path, row=row) from None
    if found is None:
        raise PackageRefused(Flaw.FILE_MISSING, file=path)
    return found


def _decisions(package: Package, now: datetime) -> list[CarriedDecision]:
    path, found = place_of(ConsentRecord), []
    seen: set[tuple[Any, ...]] = set()
    for row, line in enumerate(package.lines(path), 1):
        try:
            if row > MOST:
                raise ValueError
            made = carried_decision(line, now)
            if (made.scope, made.number) in seen:
                raise ValueError
        except (ValueError, TypeError, KeyError):
            raise PackageRefused(Flaw.ENTRY, file=path, row=row) from None
        seen.add((made.scope, made.number))
        found.append(made)
    return found
