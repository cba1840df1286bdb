"""A brand's team: who is on it in which role, links that invite somebody, and accepting one.

Members have no names here: an account's address is its person's. An owner knows whom they passed a link to,
and sees since when somebody is on the team.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields

from app.current import house, signed_in
from app.forms import Form, require_form
from app.pages.brand_door import acting, for_brand, looking, slug
from perks.errors import BrandUnknown
from perks.team import (
    Membership,
    Role,
    accept_invitation,
    change_role,
    find_invitation,
    invitations,
    invite,
    leave_team,
    member_mark,
    members,
    take_back_invitation,
)
from vault.desk import Vault

pages = Blueprint("brand_team", __name__)
SAID = ("role", "removed", "taken_back")


@dataclass(frozen=True)
class Shown:
    """A member as the team sees them."""

    mark: str
    role: Role
    joined_at: datetime
    is_me: bool


class RoleForm(Form):
    """Which role."""

    role = fields.Enum(Role, by_value=True, required=True)


class MemberRoleForm(RoleForm):
    """Which member gets which role."""

    member = fields.String(required=True)


class MemberForm(Form):
    """Which member."""

    member = fields.String(required=True)


class InvitationForm(Form):
    """Which invitation."""

    invitation = fields.UUID(required=True)


class TokenForm(Form):
    """The token of an invitation's link."""

    token = fields.String(required=True)


class LeaveForm(Form):
    """A button."""


@pages.get("/brand/<slug>/team")
@for_brand()
def show() -> ResponseReturnValue:
    return _page()


@pages.post("/brand/<slug>/team/invitations")
@for_brand(Role.OWNER)
def send_invitation() -> ResponseReturnValue:
    role = require_form(RoleForm())["role"]
    with acting() as (vault, member):
        token = invite(vault, member.brand.recipient_id, role)
    # Shown once, on the answer itself: an address with the token in it would stay in a history.
    return _page(f"{house().config.public_url}{url_for('brand_team.show_invitation', token=token)}")


@pages.post("/brand/<slug>/team/invitations/take-back")
@for_brand(Role.OWNER)
def take_back() -> ResponseReturnValue:
    invitation_id = require_form(InvitationForm())["invitation"]
    with acting() as (vault, member):
        take_back_invitation(vault, member.brand.recipient_id, invitation_id)
    return _back("taken_back")


@pages.post("/brand/<slug>/team/role")
@for_brand(Role.OWNER)
def set_role() -> ResponseReturnValue:
    values = require_form(MemberRoleForm())
    with acting() as (vault, member):
        subject_id = _whose(vault, member, values["member"])
        change_role(vault, member.brand.recipient_id, subject_id, values["role"])
    return _back("role")


@pages.post("/brand/<slug>/team/remove")
@for_brand(Role.OWNER)
def remove() -> ResponseReturnValue:
    values = require_form(MemberForm())
    with acting() as (vault, member):
        leave_team(vault, member.brand.recipient_id, _whose(vault, member, values["member"]))
    return _back("removed")


@pages.post("/brand/<slug>/team/leave")
@for_brand()
def leave() -> ResponseReturnValue:
    require_form(LeaveForm())
    with acting() as (vault, member):
        leave_team(vault, member.brand.recipient_id, signed_in().subject_id)
    return redirect(url_for("brands.show_all", said="left"), 303)


@pages.get("/brand/invitation")
def show_invitation() -> ResponseReturnValue:
    token = request.args.get("token", "")
    with house().open_reading_vault() as vault:
        recipient, role = find_invitation(vault, token)
        return render_template("brand-invitation.html", recipient=recipient, role=role, token_sent=token)


@pages.post("/brand/invitation")
def accept() -> ResponseReturnValue:
    token = require_form(TokenForm())["token"]
    with house().open_vault("subject") as vault:
        recipient = accept_invitation(vault, signed_in().subject_id, token)
        joined = recipient.slug
    return redirect(url_for("brands.show", slug=joined), 303)


def _page(link: str | None = None) -> str:
    me = signed_in().subject_id
    with looking() as (vault, member):
        brand_id = member.brand.recipient_id
        team = [
            Shown(member_mark(vault, row), row.role, row.joined_at, row.subject_id == me)
            for row in members(vault, brand_id)
        ]
        said = request.args.get("said")
        return render_template(
            "brand-team.html",
            member=member,
            team=team,
            invitations=invitations(vault, brand_id),
            roles=list(Role),
            is_owner=member.role is Role.OWNER,
            link=link,
            said=said if said in SAID else None,
        )


def _whose(vault: Vault, member: Membership, mark: str) -> UUID:
    for row in members(vault, member.brand.recipient_id):
        if member_mark(vault, row) == mark:
            return row.subject_id
    raise BrandUnknown


def _back(said: str) -> ResponseReturnValue:
    return redirect(url_for("brand_team.show", slug=slug(), said=said), 303)
