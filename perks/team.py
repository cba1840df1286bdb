"""The team of a brand: ordinary accounts with a role each, joined by a link that works once.

    viewer  looks        editor  also makes and publishes offers        owner  also team, programs, terms

No address of anybody invited is kept: an owner gets the link and passes it on. A team keeps one owner at
least; where the last one erases their account, which nobody may hinder, nobody is left to act for the brand.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.errors import TooYoung
from consent.gate import require_permit
from consent.purpose import ACCOUNT
from consent.recipient import Recipient
from perks.brand import Brand
from perks.errors import BrandRoleMissing, BrandUnknown, InvitationGone, LastOwner
from vault.base import Base, by_value
from vault.desk import Vault
from vault.envelope import packed
from vault.holding import Fate, Holding, Term
from vault.subject import AgeBand, Subject, read_account, require_subject

INVITED_FOR = timedelta(days=7)
ADULT_FROM = 18


class Role(StrEnum):
    """What a member of a team may do; each may also do what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class BrandMember(Base):
    """One account on the team of one brand."""

    __tablename__ = "brand_member"
    __holding__ = Holding(
        what="Which brands' teams an account is on, and in which role",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="until one leaves the team or the account is erased",
        source="the person, by accepting an invitation or signing a brand up",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "recipient_id": "which brand",
            "role": "what one may do for it",
            "joined_at": "since when",
        },
        copied_to="data/brand_teams.jsonl",
    )

    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Brand.recipient_id), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(by_value(Role))
    joined_at: Mapped[datetime]


class BrandInvitation(Base):
    """One link by which one person may join a team; of whom nothing is known."""

    __tablename__ = "brand_invitation"
    __holding__ = Holding(
        what="Invitations to a brand's team that nobody has used yet: role and a digest of the link",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="seven days, or until used",
        ends=(Term("expires_at"),),
        source="an owner of the brand",
        fate=Fate.NOT_PERSONAL,  # whom it is for is not kept
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Brand.recipient_id), index=True)
    role: Mapped[Role] = mapped_column(by_value(Role))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Membership:
    """A brand somebody is on the team of."""

    brand: Brand
    recipient: Recipient
    role: Role


def require_member(vault: Vault, subject_id: UUID, slug: str, role: Role = Role.VIEWER) -> Membership:
    """Somebody's place in a team, where it goes as far as needed.

    Raises:
        BrandUnknown: no such brand, or not on its team: the same for both.
        BrandRoleMissing: on the team, in a role that does not include this one.
    """
    found = _member(vault, subject_id, slug)
    if found is None:
        raise BrandUnknown
    if not found.role.includes(role):
        raise BrandRoleMissing
    return found


def memberships(vault: Vault, subject_id: UUID) -> Sequence[Membership]:
    """The teams somebody is on, by the brands' names."""
    statement = (
        select(Brand, Recipient, BrandMember.role)
        .join(Recipient, Recipient.id == Brand.recipient_id)
        .join(BrandMember, BrandMember.recipient_id == Brand.recipient_id)
        .where(BrandMember.subject_id == subject_id)
        .order_by(Recipient.name, Recipient.slug)
    )
    return [Membership(brand, recipient, role) for brand, recipient, role in vault.session.execute(statement)]


def members(vault: Vault, recipient_id: UUID) -> Sequence[BrandMember]:
    """A brand's team, the longest on it first."""
    statement = select(BrandMember).where(BrandMember.recipient_id == recipient_id)
    return vault.session.scalars(statement.order_by(BrandMember.joined_at, BrandMember.subject_id)).all()


def member_mark(vault: Vault, member: BrandMember) -> str:
    """By what a team tells its members apart: another one in every team, and nothing once they are erased."""
    return vault.reference(member.subject_id, packed(b"team", member.recipient_id.bytes))[:8].hex()


def require_adult(vault: Vault, subject_id: UUID) -> None:
    """Refuse whoever has not declared to be of age: teams make contracts.

    Raises:
        TooYoung: or the age is not known.
    """
    permit = require_permit(vault, subject_id, ACCOUNT)
    if read_account(vault, permit, require_subject(vault, subject_id)).age_band is not AgeBand.ADULT:
        raise TooYoung(ADULT_FROM)


def join_team(vault: Vault, subject_id: UUID, recipient_id: UUID, role: Role) -> None:
    """Put an account on a team; one that is on it keeps the wider of both roles.

    Raises:
        TooYoung: not declared to be of age.
    """
    require_adult(vault, subject_id)
    present = vault.session.get(BrandMember, (recipient_id, subject_id))
    if present is None:
        vault.session.add(
            BrandMember(recipient_id=recipient_id, subject_id=subject_id, role=role, joined_at=vault.now())
        )
    elif role.includes(present.role):
        present.role = role


def invite(vault: Vault, recipient_id: UUID, role: Role) -> str:
    """Make a link for one person; returns its token, which is kept nowhere."""
    token = secrets.token_urlsafe(24)
    vault.session.add(
        BrandInvitation(
            recipient_id=recipient_id,
            role=role,
            token_sha256=_hashed(token),
            expires_at=vault.now() + INVITED_FOR,
        )
    )
    return token


def find_invitation(vault: Vault, token: str) -> tuple[Recipient, Role]:
    """Where an invitation leads.

    Raises:
        InvitationGone: used, over, or never one.
    """
    invitation = _invitation(vault, token, is_used=False)
    return vault.session.get_one(Recipient, invitation.recipient_id), invitation.role


def accept_invitation(vault: Vault, subject_id: UUID, token: str) -> Recipient:
    """Join the team an invitation leads to; it is gone with that.

    Raises:
        InvitationGone: used, over, or never one.
        TooYoung: not declared to be of age; the invitation stays.
    """
    invitation = _invitation(vault, token, is_used=True)
    join_team(vault, subject_id, invitation.recipient_id, invitation.role)
    vault.session.delete(invitation)
    return vault.session.get_one(Recipient, invitation.recipient_id)


def invitations(vault: Vault, recipient_id: UUID) -> Sequence[BrandInvitation]:
    """A brand's invitations that nobody has used and that are not over."""
    statement = select(BrandInvitation).where(
        BrandInvitation.recipient_id == recipient_id, BrandInvitation.expires_at > vault.now()
    )
    return vault.session.scalars(statement.order_by(BrandInvitation.expires_at, BrandInvitation.id)).all()


def take_back_invitation(vault: Vault, recipient_id: UUID, invitation_id: UUID) -> None:
    """Make a link worthless; doing it again changes nothing."""
    vault.session.execute(
        delete(BrandInvitation).where(
            BrandInvitation.id == invitation_id, BrandInvitation.recipient_id == recipient_id
        )
    )


def change_role(vault: Vault, recipient_id: UUID, subject_id: UUID, role: Role) -> None:
    """Give a member another role.

    Raises:
        BrandUnknown: not on the team.
        LastOwner: nobody would be left to own it.
    """
    member = _require_row(vault, recipient_id, subject_id)
    if member.role is Role.OWNER and role is not Role.OWNER:
        _require_other_owner(vault, recipient_id, subject_id)
    member.role = role


def leave_team(vault: Vault, recipient_id: UUID, subject_id: UUID) -> None:
    """Take a member off the team.

    Raises:
        BrandUnknown: not on the team.
        LastOwner: nobody would be left to own it.
    """
    member = _require_row(vault, recipient_id, subject_id)
    if member.role is Role.OWNER:
        _require_other_owner(vault, recipient_id, subject_id)
    vault.session.delete(member)


def has_owner(vault: Vault, recipient_id: UUID) -> bool:
    """Whether anybody answers for the brand."""
    return bool(_owners(vault, recipient_id))


def _member(vault: Vault, subject_id: UUID, slug: str) -> Membership | None:
    return next((each for each in memberships(vault, subject_id) if each.recipient.slug == slug), None)


def _require_row(vault: Vault, recipient_id: UUID, subject_id: UUID) -> BrandMember:
    # Owners are looked at under the brand's lock: two who leave at once do not leave it ownerless.
    vault.session.scalar(
        select(Brand.recipient_id).where(Brand.recipient_id == recipient_id).with_for_update()
    )
    member = vault.session.get(BrandMember, (recipient_id, subject_id), populate_existing=True)
    if member is None:
        raise BrandUnknown
    return member


def _require_other_owner(vault: Vault, recipient_id: UUID, subject_id: UUID) -> None:
    if _owners(vault, recipient_id) <= {subject_id}:
        raise LastOwner


def _owners(vault: Vault, recipient_id: UUID) -> set[UUID]:
    statement = select(BrandMember.subject_id).where(
        BrandMember.recipient_id == recipient_id, BrandMember.role == Role.OWNER
    )
    return set(vault.session.scalars(statement))


def _invitation(vault: Vault, token: str, *, is_used: bool) -> BrandInvitation:
    statement = select(BrandInvitation).where(BrandInvitation.token_sha256 == _hashed(token))
    found = vault.session.scalar(statement.with_for_update() if is_used else statement)
    if found is None or vault.now() >= found.expires_at:
        raise InvitationGone
    return found


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
