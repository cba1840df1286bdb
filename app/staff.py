"""Staff: who answers requests and looks again at scores, under an alias, with one role each.

Made and ended on the command line only. People are told a role and an alias, never a name (CJEU C-579/21).
One role a person: who decides about cards (`model`) cannot be the reviewer of a score (GDPR Art. 22(3)).
Their sessions are others than people's, with another cookie, and end after eight hours.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.passwords import check_password, hash_password, require_fit
from app.transaction import Actor, House
from audit.entry import Action
from audit.log import append
from vault.base import Base, by_value
from vault.desk import Vault
from vault.errors import DomainError
from vault.holding import Fate, Holding, Term

LASTS = timedelta(hours=8)
IDLE = timedelta(minutes=30)
FRESH = timedelta(minutes=10)
_ALIAS = re.compile(r"[a-z][a-z0-9-]{1,30}")


class StaffRole(StrEnum):
    """What a member of staff may do."""

    PRIVACY = "privacy"  # answers requests
    REVIEWER = "reviewer"  # looks again at a score
    MODEL = "model"  # answers for the points card
    AUDITOR = "auditor"  # checks the log


ACTS_AS: dict[StaffRole, Actor] = {
    StaffRole.PRIVACY: "staff",
    StaffRole.REVIEWER: "reviewer",
    StaffRole.MODEL: "operator",
    StaffRole.AUDITOR: "auditor",
}


class StaffAliasUnfit(DomainError):
    """An alias is taken or cannot be one."""

    slug = "staff-alias-unfit"
    title = "Alias cannot be used"

    def __init__(self) -> None:
        super().__init__("An alias is a new one of 2 to 31 lower-case letters, digits and hyphens.")


class StaffUnknown(DomainError):
    """No member of staff has this alias."""

    slug = "staff-unknown"
    title = "Unknown member of staff"

    def __init__(self) -> None:
        super().__init__("No member of staff has this alias.")


class StaffRoleMissing(DomainError):
    """What was asked needs another role."""

    slug = "staff-role-missing"
    title = "Needs another role"

    def __init__(self) -> None:
        super().__init__("This needs another role than the one you are signed in with.")


class StaffCredentialsWrong(DomainError):
    """Alias and password do not go together."""

    slug = "staff-credentials-wrong"
    title = "Alias or password is wrong"

    def __init__(self) -> None:
        super().__init__("The alias or the password is wrong.")


class StaffMember(Base):
    """One member of staff."""

    __tablename__ = "staff_member"
    __holding__ = Holding(
        what="Staff: alias, role, password hash; no name",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="two years after a member of staff left",
        ends=(Term("ended_at", timedelta(days=730)),),
        source="the operator",
        fate=Fate.NOT_PERSONAL,  # of no data subject of the service; the operator knows who an alias is
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    alias: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[StaffRole] = mapped_column(by_value(StaffRole))
    credential: Mapped[str] = mapped_column(String(200))  # an Argon2id hash in PHC form
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class StaffSession(Base):
    """One sign-in of a member of staff."""

    __tablename__ = "staff_session"
    __holding__ = Holding(
        what="Sign-ins of staff in progress",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="half an hour without use, or eight hours",
        ends=(Term("expires_at"), Term("used_at", IDLE)),
        source="the service",
        fate=Fate.NOT_PERSONAL,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey(StaffMember.id), index=True)
    used_at: Mapped[datetime]
    fresh_until: Mapped[datetime]
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class OnDuty:
    """Who of the staff is signed in."""

    alias: str
    role: StaffRole
    session_id: UUID
    is_fresh: bool

    @property
    def actor(self) -> Actor:
        """In which role their transactions act."""
        return ACTS_AS[self.role]


def add_staff(house: House, alias: str, role: StaffRole, password: str) -> None:
    """Make a member of staff.

    Raises:
        StaffAliasUnfit, PasswordUnfit: nothing was stored.
    """
    if not _ALIAS.fullmatch(alias):
        raise StaffAliasUnfit
    require_fit(password, alias)
    credential = hash_password(password)
    with house.open_vault("operator") as vault:
        if vault.session.scalar(select(StaffMember.id).where(StaffMember.alias == alias)) is not None:
            raise StaffAliasUnfit
        vault.session.add(StaffMember(alias=alias, role=role, credential=credential, created_at=vault.now()))
        append(vault, Action.STAFF_ADDED)


def end_staff(house: House, alias: str) -> None:
    """End a member of staff and their sessions; the alias stays taken, since people were told it.

    Raises:
        StaffUnknown: nobody who is on the staff has this alias.
    """
    with house.open_vault("operator") as vault:
        member = _find(vault, alias)
        if member is None:
            raise StaffUnknown
        member.ended_at = vault.now()
        vault.session.execute(delete(StaffSession).where(StaffSession.member_id == member.id))
        append(vault, Action.STAFF_ENDED)


def staff(house: House) -> Sequence[StaffMember]:
    """Everybody who is or was on the staff."""
    with house.open_reading_vault("operator") as vault:
        return vault.session.scalars(select(StaffMember).order_by(StaffMember.alias)).all()


def sign_in_staff(house: House, alias: str, password: str) -> str:
    """Open a session; returns its token.

    Raises:
        StaffCredentialsWrong: which of the two is wrong is not said.
    """
    with house.open_reading_vault("system") as vault:
        member = _find(vault, alias)
    if not check_password(member.credential if member is not None else None, password) or member is None:
        raise StaffCredentialsWrong
    token = secrets.token_urlsafe(32)
    with house.open_vault("system") as vault:
        now = vault.now()
        vault.session.add(
            StaffSession(
                token_sha256=_hashed(token),
                member_id=member.id,
                used_at=now,
                fresh_until=now + FRESH,
                expires_at=now + LASTS,
            )
        )
    return token


def find_on_duty(house: House, token: str) -> OnDuty | None:
    """Whose session a token opens, if it still does."""
    with house.open_vault("system") as vault:
        found = vault.session.execute(
            select(StaffSession, StaffMember)
            .join(StaffMember, StaffMember.id == StaffSession.member_id)
            .where(StaffSession.token_sha256 == _hashed(token))
        ).one_or_none()
        if found is None:
            return None
        session, member = found
        now = vault.now()
        if now >= session.expires_at or now >= session.used_at + IDLE or member.ended_at is not None:
            return None
        session.used_at = now
        return OnDuty(member.alias, member.role, session.id, now < session.fresh_until)


def reauthenticate_staff(house: House, on_duty: OnDuty, password: str) -> None:
    """Make a session fresh again for ten minutes.

    Raises:
        StaffCredentialsWrong: it is as it was.
    """
    with house.open_reading_vault("system") as vault:
        member = _find(vault, on_duty.alias)
    if not check_password(member.credential if member is not None else None, password):
        raise StaffCredentialsWrong
    with house.open_vault("system") as vault:
        session = vault.session.get(StaffSession, on_duty.session_id)
        if session is not None:
            session.fresh_until = vault.now() + FRESH


def sign_out_staff(house: House, session_id: UUID) -> None:
    """End one session; ending it again changes nothing."""
    with house.open_vault("system") as vault:
        vault.session.execute(delete(StaffSession).where(StaffSession.id == session_id))


def _find(vault: Vault, alias: str) -> StaffMember | None:
    statement = select(StaffMember).where(StaffMember.alias == alias, StaffMember.ended_at.is_(None))
    return vault.session.scalar(statement)


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
