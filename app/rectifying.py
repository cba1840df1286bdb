"""Disputing a figure, and deciding it: the same for pages and API.

disputed  ->  a receipt by mail
accepted  ->  the correction, the new score and the mail in one transaction
"""

from dataclasses import dataclass
from uuid import UUID

from app.jobs import JobKind, enqueue
from app.requests import tell
from app.transaction import House
from consent.gate import permits_for_rights
from rights.errors import RequestUnknown
from rights.rectification import DisputedFigure, accept, counted_records, dispute, require_dispute
from rights.request import Channel, RightsRequest, find_by_reference
from sources.activity import ActivityRecord, Platform
from sources.figure import Figure
from vault.desk import Vault

STATEMENT_MOST = 1000


@dataclass(frozen=True)
class Asked:
    """What a person says is right."""

    figure: Figure
    value: int
    statement: str


def dispute_figure(house: House, subject_id: UUID, asked: Asked, channel: Channel) -> str:
    """Dispute a figure; returns the reference of the request.

    Raises:
        ConsentMissing, FigureUnknown, FigureUnchanged: see rights/rectification.py.
    """
    with house.open_vault("subject") as vault:
        request = dispute(vault, subject_id, asked.figure, asked.value, asked.statement, channel)
        tell(vault, request, JobKind.MAIL_REQUEST_RECEIVED)
        return request.reference


def own_records(vault: Vault, subject_id: UUID) -> dict[Platform, ActivityRecord]:
    """What a person's records say now, corrections included, for their own eyes."""
    return counted_records(vault, permits_for_rights(vault, subject_id))


def find_rectification(vault: Vault, reference: str) -> tuple[RightsRequest, DisputedFigure]:
    """A disputed figure for staff; that it was opened is noted to its person.

    Raises:
        RequestUnknown: no such request, or about no figure.
    """
    request = find_by_reference(vault, reference)
    if request is None:
        raise RequestUnknown
    return request, require_dispute(vault, request)


def accept_correction(house: House, alias: str, reference: str, value: int | None, words: str) -> None:
    """Correct a figure as staff, have the score computed anew, and tell the person.

    Raises:
        RequestUnknown, RequestStateWrong, FigureUnknown: see rights/rectification.py.
    """
    with house.open_vault("staff", alias) as vault:
        request = find_by_reference(vault, reference)
        if request is None:
            raise RequestUnknown
        accept(vault, request, words, value)
        enqueue(vault, request.subject_id, JobKind.SCORE)
        tell(vault, request, JobKind.MAIL_REQUEST_ANSWERED)
