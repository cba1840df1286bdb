"""Double opt-in: a yes by mail counts only once the link in a mail to the address was followed.

    yes on a page  ->  `requested`: nothing is in force  ->  a link by mail, 48 hours, once  ->  `given`

`Confirmed` is the evidence that `give` asks for where a purpose is confirmed by mail. It is made here and
nowhere else (tests/architecture), from a token that lies here only as a hash. A later decision makes the link
worthless.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.errors import ConsentLinkInvalid
from consent.record import ConsentRecord, Decision, find_latest
from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding, Term
from vault.subject import Subject, lock_subject

CONFIRM_WITHIN = timedelta(hours=48)


class ConsentConfirmation(Base):
    """One link that was mailed to confirm one consent."""

    __tablename__ = "consent_confirmation"
    __holding__ = Holding(
        what="Links that confirm a consent by mail: a hashed random token, and for which decision",
        purpose="account",
        basis="gdpr-6-1-c",
        retained="48 hours",
        ends=(Term("expires_at"),),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"record_id": "which decision it confirms", "expires_at": "until when the link holds"},
        copied_to="data/consent_confirmations.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    record_id: Mapped[UUID] = mapped_column(ForeignKey(ConsentRecord.id), index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Confirmed:
    """The evidence that the person reads the mailbox they want to be written to at."""

    record: ConsentRecord  # the wish that is confirmed


def begin_confirmation(vault: Vault, wished: ConsentRecord) -> str:
    """The token of a new link for one wish; earlier links for it end."""
    token = secrets.token_urlsafe(32)
    vault.session.execute(delete(ConsentConfirmation).where(ConsentConfirmation.record_id == wished.id))
    vault.session.add(
        ConsentConfirmation(
            subject_id=wished.subject_id,
            record_id=wished.id,
            token_sha256=_hashed(token),
            expires_at=vault.now() + CONFIRM_WITHIN,
        )
    )
    return token


def find_wished(vault: Vault, token: str) -> ConsentRecord:
    """The wish a link is about, as long as it may be confirmed; changes nothing.

    Raises:
        ConsentLinkInvalid: used, too old, never made, or decided otherwise since.
    """
    return _wished(vault, _find(vault, token))


def redeem(vault: Vault, token: str) -> Confirmed:
    """Use a link up; of two at once one counts.

    Raises:
        ConsentLinkInvalid: used, too old, never made, or decided otherwise since.
    """
    lock_subject(vault, _find(vault, token).subject_id)
    link = _find(vault, token)  # again: another request may have used it while this one waited
    confirmed = Confirmed(_wished(vault, link))
    vault.session.delete(link)
    return confirmed


def _find(vault: Vault, token: str) -> ConsentConfirmation:
    statement = (
        select(ConsentConfirmation)
        .where(ConsentConfirmation.token_sha256 == _hashed(token))
        .execution_options(populate_existing=True)
    )
    link = vault.session.scalar(statement)
    if link is None or vault.now() >= link.expires_at:
        raise ConsentLinkInvalid
    return link


def _wished(vault: Vault, link: ConsentConfirmation) -> ConsentRecord:
    wished = vault.session.get_one(ConsentRecord, link.record_id)
    latest = find_latest(vault, wished.subject_id, wished.scope)
    if latest is not wished or wished.decision is not Decision.REQUESTED:
        raise ConsentLinkInvalid
    return wished


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
