"""Restricting and objecting, and their end: the same for pages and API.

Work that was refused meanwhile waits in the queue (app/jobs.py) and goes on by itself once a limit has
ended; a score is computed again anyway, since an objection may have left part of the data out of it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.jobs import JobKind, enqueue
from app.requests import tell
from app.transaction import House
from consent.limits import Ground, LimitKind, standing_limits
from rights.objection import About, end_objection, object_to, standing_objections
from rights.request import Channel, find_request
from rights.restriction import end_restrictions, restrict
from vault.desk import Vault

STATEMENT_MOST = 1000


@dataclass(frozen=True)
class Standing:
    """What stands still for a person, as they are told."""

    restricted: tuple[tuple[Ground, datetime], ...]
    lift_announced: bool
    objected: tuple[About, ...]


def standing(vault: Vault, subject_id: UUID) -> Standing:
    """What a person restricted or objected to and what has not ended."""
    restricted = [made for made in standing_limits(vault, subject_id) if made.kind is LimitKind.RESTRICTED]
    return Standing(
        tuple((made.ground, made.began_at) for made in restricted),
        any(made.lift_announced_at is not None for made in restricted),
        standing_objections(vault, subject_id),
    )


def restrict_processing(
    house: House, subject_id: UUID, ground: Ground, statement: str, channel: Channel
) -> Standing:
    """Restrict processing from this commit on."""
    with house.open_vault("subject") as vault:
        made = restrict(vault, subject_id, ground, channel, statement)
        _tell(vault, subject_id, made.reference, made.began_at, JobKind.MAIL_REQUEST_ANSWERED)
        return standing(vault, subject_id)


def end_own_restrictions(house: House, subject_id: UUID) -> None:
    """End every restriction, as its person asks; without one nothing happens."""
    with house.open_vault("subject") as vault:
        if end_restrictions(vault, subject_id):
            enqueue(vault, subject_id, JobKind.SCORE)


def make_objection(house: House, subject_id: UUID, about: About, statement: str, channel: Channel) -> str:
    """Object; returns the reference of the request, which stays open until it was weighed."""
    with house.open_vault("subject") as vault:
        made = object_to(vault, subject_id, about, channel, statement)
        kind = JobKind.MAIL_REQUEST_RECEIVED if made.is_open else JobKind.MAIL_REQUEST_ANSWERED
        _tell(vault, subject_id, made.reference, made.received_at, kind)
        return made.reference


def end_own_objection(house: House, subject_id: UUID, about: About) -> None:
    """Take an objection back, as its person."""
    with house.open_vault("subject") as vault:
        if about in standing_objections(vault, subject_id):
            end_objection(vault, subject_id, about)
            enqueue(vault, subject_id, JobKind.SCORE)


def _tell(vault: Vault, subject_id: UUID, reference: str | None, made_at: datetime, kind: JobKind) -> None:
    if made_at == vault.now():  # asked for again, it changes nothing and needs no mail
        request = find_request(vault, subject_id, str(reference))
        if request is not None:
            tell(vault, request, kind)
