"""Joining, confirming, signing in: same answer and same work, whether an address is known or not.

    join: keys committed in the key store  ->  subject, log entry and mail job committed  ->  mail sent

Whoever asks learns nothing about who is a member: a known address gets another mail, the page is the
same. An account that was never confirmed gives way to a new one with the same address, so nobody can
sit on another person's address.
"""

import hashlib
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.jobs import JobKind, enqueue
from app.passwords import check_password, hash_password, require_fit
from app.sessions import SessionKind, SignedIn, begin_session, refresh_session
from app.transaction import House
from audit.entry import Action
from audit.log import Written, append
from consent.gate import require_permit
from consent.purpose import ACCOUNT
from vault.base import Base
from vault.desk import Vault
from vault.destruction import order_destruction
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term
from vault.holdings import delete_rows
from vault.keystore import AddressTaken
from vault.subject import (
    Account,
    AgeBand,
    Subject,
    lock_subject,
    read_account,
    require_subject,
    write_account,
)

CONFIRM_WITHIN = timedelta(hours=24)
ADDRESS_MOST = 254
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+\.[^\s@<>\"(),:;\\.]+")


class AddressInvalid(DomainError):
    """What was entered is not an e-mail address."""

    slug = "address-invalid"
    title = "Not an e-mail address"

    def __init__(self) -> None:
        super().__init__("Please enter an e-mail address like name@example.org.")


class CredentialsWrong(DomainError):
    """Address and password do not go together; which of them is wrong is not said."""

    slug = "credentials-wrong"
    title = "Address or password is wrong"

    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class AddressUnconfirmed(DomainError):
    """The right password, but the address was never confirmed."""

    slug = "address-unconfirmed"
    title = "Address not confirmed"

    def __init__(self) -> None:
        super().__init__("Please confirm your address first, with the link in the mail we sent.")


class AccountSuspended(DomainError):
    """The right password, but the account is suspended; the rights of its person go on."""

    slug = "account-suspended"
    title = "Account is suspended"

    def __init__(self) -> None:
        super().__init__("This account is suspended. Your rights go on: see /rights/without-sign-in.")


class ConfirmationInvalid(DomainError):
    """A confirmation link was used, is too old, or never existed."""

    slug = "confirmation-invalid"
    title = "Link no longer valid"

    def __init__(self) -> None:
        super().__init__("This link was used already or is too old. Join again to get a new one.")


class PasswordNeeded(DomainError):
    """What was asked for needs the password again, given just now."""

    slug = "password-needed"
    title = "Password needed once more"

    def __init__(self) -> None:
        super().__init__("Please give your password again first; it counts for ten minutes.")


class Confirmation(Base):
    """A link that confirms an address: the hash of its token, for 24 hours."""

    __tablename__ = "confirmation"
    __holding__ = Holding(
        what="Links that confirm an e-mail address: a hashed random token",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="24 hours",
        ends=(Term("expires_at"),),
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"expires_at": "until when the link holds"},
        copied_to="data/confirmations.jsonl",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]


def join(house: House, address: str, password: str, language: str, age_band: AgeBand) -> None:
    """Open an account, unconfirmed; the effect is the same for a known address, but for the mail.

    Whoever is younger than 16 is turned away before this (app/ages.py).

    Raises:
        AddressInvalid, PasswordUnfit: nothing was stored.
    """
    address = address.strip()
    if len(address) > ADDRESS_MOST or not _ADDRESS.fullmatch(address):
        raise AddressInvalid
    require_fit(password, address)
    open_account(house, Account(address, hash_password(password), language, age_band))


def open_account(house: House, account: Account) -> None:
    """Open an account whose address and password were found fit, and have its link mailed."""
    _discard_unconfirmed(house, account.address)
    try:
        with house.open_vault("subject") as vault:
            subject_id = _create(vault, account)
            enqueue(vault, subject_id, JobKind.MAIL_CONFIRM)
    except AddressTaken:
        known = house.keystore.find_subject(account.address)
        with house.open_vault("system") as vault:
            if known is not None and vault.session.get(Subject, known) is not None:
                enqueue(vault, known, JobKind.MAIL_KNOWN)


def begin_confirmation(vault: Vault, subject_id: UUID) -> str:
    """A new confirmation link's token; earlier ones of the person end."""
    token = secrets.token_urlsafe(32)
    vault.session.execute(delete(Confirmation).where(Confirmation.subject_id == subject_id))
    expires_at = vault.now() + CONFIRM_WITHIN
    vault.session.add(Confirmation(subject_id=subject_id, token_sha256=_hashed(token), expires_at=expires_at))
    return token


def confirm(house: House, token: str) -> None:
    """Confirm an address.

    Raises:
        ConfirmationInvalid: used, too old, or never made.
    """
    with house.open_vault("subject") as vault:
        statement = select(Confirmation).where(Confirmation.token_sha256 == _hashed(token))
        confirmation = vault.session.scalar(statement)
        if confirmation is None or vault.now() >= confirmation.expires_at:
            raise ConfirmationInvalid
        subject = require_subject(vault, confirmation.subject_id)
        subject.confirmed_at = vault.now()
        vault.session.delete(confirmation)
        append(vault, Action.ACCOUNT_CONFIRMED, subject_id=subject.id, scope=str(ACCOUNT))


def sign_in(house: House, address: str, password: str, kind: SessionKind) -> str:
    """Open a session; returns its token.

    Raises:
        CredentialsWrong: also for an unknown address, after the same work.
        AddressUnconfirmed, AccountSuspended: only with the right password.
    """
    subject_id = house.keystore.find_subject(address)
    _check(_find_account(house, subject_id), password)
    with house.open_vault("subject") as vault:
        subject = vault.session.get(Subject, subject_id, with_for_update=True)  # not while it is suspended
        if subject is None:
            raise CredentialsWrong
        if subject.confirmed_at is None:
            raise AddressUnconfirmed
        if subject.suspended_at is not None:
            raise AccountSuspended
        return begin_session(vault, subject.id, kind)


def reauthenticate(house: House, session: SignedIn, password: str) -> None:
    """Make a session fresh again; one that a code by mail opened is fresh as long as it lasts.

    Raises:
        CredentialsWrong: the password is not the account's.
    """
    if session.is_by_code:
        return
    _check(_find_account(house, session.subject_id), password)
    with house.open_vault("subject") as vault:
        refresh_session(vault, session.session_id)


def require_fresh(session: SignedIn) -> None:
    """Refuse a session whose password was not given within ten minutes.

    Raises:
        PasswordNeeded: so it is, or a code by mail opened the session.
    """
    if session.is_by_code or not session.is_fresh:
        raise PasswordNeeded


def account_of(house: House, subject_id: UUID) -> Account:
    """A person's account, for their own eyes.

    Raises:
        SubjectUnknown: erased.
    """
    with house.open_reading_vault() as vault:
        permit = require_permit(vault, subject_id, ACCOUNT)
        return read_account(vault, permit, require_subject(vault, subject_id))


def change_language(house: House, subject_id: UUID, language: str) -> None:
    """Correct the language of mails (GDPR Art. 16); the same again changes nothing.

    Raises:
        SubjectUnknown: erased.
    """
    with house.open_vault("subject") as vault:
        lock_subject(vault, subject_id)
        permit, subject = require_permit(vault, subject_id, ACCOUNT), require_subject(vault, subject_id)
        account = read_account(vault, permit, subject)
        if account.language == language:
            return
        write_account(vault, permit, subject, replace(account, language=language))
        append(
            vault,
            Action.RECORD_RECTIFIED,
            subject_id=subject_id,
            scope=permit.scope,
            basis="gdpr-16",
            written=Written(subject.cell("account"), subject.account),
        )


def purge_unconfirmed(house: House) -> int:
    """Forget accounts whose address was not confirmed in time; returns how many."""
    with house.open_vault("system") as vault:
        statement = select(Subject).where(
            Subject.confirmed_at.is_(None), Subject.created_at <= vault.now() - CONFIRM_WITHIN
        )
        late = vault.session.scalars(statement).all()
        for subject in late:
            _forget(vault, subject.id)
        return len(late)


def _create(vault: Vault, account: Account) -> UUID:
    subject_id = uuid4()
    vault.keystore.create_subject(subject_id, account.address, vault.now())  # committed before the row
    subject = Subject(id=subject_id, created_at=vault.now(), row_version=0, account=b"")
    vault.session.add(subject)
    vault.session.flush()
    permit = require_permit(vault, subject_id, ACCOUNT)
    write_account(vault, permit, subject, account)
    append(
        vault,
        Action.ACCOUNT_CREATED,
        subject_id=subject_id,
        scope=permit.scope,
        basis=permit.basis,
        written=Written(subject.cell("account"), subject.account),
    )
    return subject_id


def _discard_unconfirmed(house: House, address: str) -> None:
    known = house.keystore.find_subject(address)
    if known is None:
        return
    with house.open_vault("system") as vault:
        subject = vault.session.get(Subject, known)
        if subject is not None and subject.confirmed_at is None:
            _forget(vault, known)


def _forget(vault: Vault, subject_id: UUID) -> None:
    lock_subject(vault, subject_id)
    append(vault, Action.RETENTION_PURGED, subject_id=subject_id, scope=str(ACCOUNT))
    delete_rows(vault, subject_id)
    order_destruction(vault, subject_id, None)


def _find_account(house: House, subject_id: UUID | None) -> Account | None:
    if subject_id is None:
        return None
    try:
        return account_of(house, subject_id)
    except DomainError:  # erased between two look-ups
        return None


def _check(account: Account | None, password: str) -> None:
    # On a miss the same work is done against a hash nobody has the password of.
    if not check_password(account.credential if account is not None else None, password):
        raise CredentialsWrong


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
