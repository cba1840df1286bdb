"""A code by mail for people who cannot sign in: locked out, suspended, or without a password that works.

    address  ->  the same answer, known or not  ->  a code to the confirmed address (15 minutes, five tries)
    code     ->  a session that opens the pages of one's rights, for half an hour, and nothing else

The code is made while its mail is written and lies here only as a keyed hash. Three are sent in an hour at
most. Who has the code has the mailbox the account was opened with: no other proof is asked for (GDPR Art.
12(2), 12(6)).
"""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.jobs import Job, JobKind, enqueue
from app.sessions import SessionKind, begin_session
from app.transaction import House
from vault.base import Base
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.subject import Subject

LASTS = timedelta(minutes=15)
MOST_TRIES = 5
WITHIN, MOST_CODES = timedelta(hours=1), 3
DIGITS = 8


class RightsCodeWrong(DomainError):
    """A code is wrong, used, too old, or was tried too often; which of these is not said."""

    slug = "rights-code-wrong"
    title = "Code does not fit"

    def __init__(self) -> None:
        super().__init__("The code is wrong, used, or older than a quarter of an hour.")


class RightsCode(Base):
    """One code that was mailed."""

    __tablename__ = "rights_code"
    __holding__ = Holding(
        what="Codes mailed to people who cannot sign in: a keyed hash, and how often it was tried",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="15 minutes",
        ends=(Term("expires_at"),),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"tries": "how often a code was entered", "expires_at": "until when the code holds"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]


def request_code(house: House, address: str) -> None:
    """Have a code mailed, if the address is somebody's; who asks learns nothing of that."""
    known = house.keystore.find_subject(address.strip())
    with house.open_vault("system") as vault:
        subject = vault.session.get(Subject, known or uuid4())
        if subject is None or subject.confirmed_at is None or _is_enough(vault, subject.id):
            return
        enqueue(vault, subject.id, JobKind.MAIL_CODE)


def begin_code(house: House, vault: Vault, subject_id: UUID) -> str:
    """Make a code while its mail is written; earlier ones of the person end."""
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    vault.session.execute(delete(RightsCode).where(RightsCode.subject_id == subject_id))
    vault.session.add(
        RightsCode(
            subject_id=subject_id,
            code_hash=_hashed(house, subject_id, code),
            tries=0,
            expires_at=vault.now() + LASTS,
        )
    )
    return f"{code[:4]} {code[4:]}"


def redeem_code(house: House, address: str, code: str, kind: SessionKind) -> str:
    """Open a session for one's rights; returns its token.

    Raises:
        RightsCodeWrong: also for an unknown address.
    """
    known = house.keystore.find_subject(address.strip()) or uuid4()
    typed = "".join(code.split())
    with house.open_vault("subject") as vault:  # a wrong try is committed, too
        statement = select(RightsCode).where(RightsCode.subject_id == known).with_for_update()
        found = vault.session.scalar(statement)
        token = _try(house, vault, found, typed, kind) if found is not None else None
    if token is None:
        raise RightsCodeWrong
    return token


def _try(house: House, vault: Vault, found: RightsCode, typed: str, kind: SessionKind) -> str | None:
    found.tries += 1
    is_held = found.tries <= MOST_TRIES and vault.now() < found.expires_at
    if not (is_held and hmac.compare_digest(found.code_hash, _hashed(house, found.subject_id, typed))):
        return None
    vault.session.delete(found)
    return begin_session(vault, found.subject_id, kind)


def _is_enough(vault: Vault, subject_id: UUID) -> bool:
    statement = select(func.count()).where(
        Job.subject_id == subject_id,
        Job.kind == JobKind.MAIL_CODE,
        Job.created_at > vault.now() - WITHIN,
    )
    return (vault.session.scalar(statement) or 0) >= MOST_CODES


def _hashed(house: House, subject_id: UUID, code: str) -> bytes:
    # Keyed, since eight digits alone could be found from their hash.
    key = hmac.digest(house.keys.web, b"klarwert/rights-code/v1", "sha256")
    return hmac.digest(key, subject_id.bytes + code.encode(), "sha256")
