"""`Subject`: a data subject under a random identifier, with the account sealed.

The e-mail address, the credential hash, the language and the declared age band are one sealed record; in the
clear lie only a random id and instants.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from vault.base import Base
from vault.desk import Vault
from vault.errors import SubjectUnknown
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit


class Subject(Base):
    """One data subject."""

    __tablename__ = "subject"
    __holding__ = Holding(
        what="The account: address, password hash, language and age band, sealed; a random id; its beginning",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="until erased; 24 hours if the address is never confirmed",
        source="the person, when joining",
        fate=Fate.DELETED,
        subject_column="id",
        personal={
            "id": "a random identifier",
            "created_at": "when the account was made",
            "confirmed_at": "when the e-mail address was confirmed",
            "suspended_at": "when the account was suspended",
            "account": "e-mail address, password hash, language, declared age band (sealed)",
        },
        copied_to="data/account.jsonl",
        opened_by={
            "account": Opening(
                lambda vault, permits, subject: _own_account(vault, permits["account"], subject),
                {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ("address", "age_band", "language")},
                    "required": ["address", "age_band", "language"],
                    "additionalProperties": False,
                },
            )
        },
        left_out={"account.credential": "the password hash: whoever holds it can try passwords on it"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]  # no sign-in and no use, while every right goes on
    row_version: Mapped[int] = mapped_column(default=1)
    account: Mapped[bytes]


class AgeBand(StrEnum):
    """What a person declared about their age; a date of birth is never asked for.

    Whoever is younger than 16 has no account, so there is no band for them.
    """

    UNKNOWN = "unknown"  # an account made before this was asked: treated as not adult
    SIXTEEN = "16-17"
    ADULT = "18-plus"


@dataclass(frozen=True)
class Account:
    """What is sealed in a subject's row."""

    address: str
    credential: str  # an Argon2id hash in PHC form
    language: str
    age_band: AgeBand = AgeBand.UNKNOWN

    def __repr__(self) -> str:
        return "Account(…)"


def require_subject(vault: Vault, subject_id: UUID) -> Subject:
    """The subject's row.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    subject = vault.session.get(Subject, subject_id)
    if subject is None:
        raise SubjectUnknown
    return subject


def lock_subject(vault: Vault, subject_id: UUID) -> None:
    """Let decisions about one subject wait for each other until this transaction ends.

    Without it a worker could store what it was permitted to store a moment before a withdrawal.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    if vault.session.scalar(_LOCKED, {"subject": subject_id}) is None:
        raise SubjectUnknown


# Built once: these two stand on nearly every path.
_LOCKED = select(Subject.id).where(Subject.id == bindparam("subject")).with_for_update()
_HELD = select(Subject.id).where(Subject.id == bindparam("subject")).with_for_update(read=True)


def hold_subject(vault: Vault, subject_id: UUID) -> None:
    """Let decisions about a subject wait until whoever reads now has committed; readers share the hold.

    So a withdrawal stands in the log after every read that began before it, and no read stands after it.
    Nothing happens where there is no such subject. SQLite has one writer at a time and needs no hold.
    """
    if vault.connection.dialect.name != "sqlite":
        vault.connection.execute(_HELD, {"subject": subject_id})


def write_account(vault: Vault, permit: Permit, subject: Subject, account: Account) -> None:
    """Seal the account into its row, as a new version of it."""
    subject.row_version = (subject.row_version or 0) + 1
    plain = json.dumps(asdict(account), ensure_ascii=False, sort_keys=True).encode()
    subject.account = vault.seal(permit, subject.cell("account"), plain)


def read_account(vault: Vault, permit: Permit, subject: Subject) -> Account:
    """Open the account of a subject."""
    sealed = json.loads(vault.unseal(permit, subject.cell("account"), subject.account))
    return Account(**sealed | {"age_band": AgeBand(sealed.get("age_band", AgeBand.UNKNOWN))})


def _own_account(vault: Vault, permit: Permit, subject: Subject) -> dict[str, str]:
    account = asdict(read_account(vault, permit, subject))
    del account["credential"]
    return account
