"""How staff see the queue and answer: each act in one transaction under their alias, with its mail.

The list shows no person and no words; opening a request does, and its person is told who opened it. An
address that belongs to nobody is answered, and nothing about it is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.jobs import JobKind, enqueue
from app.requests import RequestView, take_in, tell, view
from app.staff import OnDuty
from app.transaction import House
from audit.deadline import target_on
from consent.access import note_read
from consent.gate import permits_for_rights
from consent.purpose import ACCOUNT, RIGHTS
from rights.answering import confirm_refusal, find_refusal
from rights.clock import urgency
from rights.errors import RequestUnknown
from rights.objection import confirm_override
from rights.refusal import Refusal, RefusalReason
from rights.request import (
    STEPS,
    Channel,
    Escalation,
    RequestState,
    Right,
    RightsRequest,
    find_by_reference,
    open_requests,
    read_content,
)
from vault.desk import Vault
from vault.subject import read_account, require_subject


@dataclass(frozen=True)
class QueueRow:
    """A request in the list: nothing of its person but the reference."""

    reference: str
    right: Right
    state: RequestState
    channel: Channel
    due_on: date
    target_on: date
    urgency: Escalation | None
    duplicate_of: str | None


@dataclass(frozen=True)
class StaffView:
    """One request, opened."""

    request: RequestView
    row: QueueRow
    pauses: Sequence[tuple[datetime, ...]]  # from, until
    refusal: Refusal | None
    proposed_by: str | None
    language: str
    steps: frozenset[RequestState]


def queue(house: House) -> list[QueueRow]:
    """Everything that is open, the most urgent first."""
    with house.open_reading_vault("staff") as vault:
        return [_row(vault, request) for request in open_requests(vault)]


def open_one(house: House, by: OnDuty, reference: str) -> StaffView:
    """Read one request as staff; its person sees in their access log that it was read.

    Raises:
        RequestUnknown: no such request.
    """
    with house.open_vault(by.actor, by.alias) as vault:
        request = _require(vault, reference)
        return StaffView(
            view(request, read_content(vault, request)),
            _row(vault, request),
            [tuple(map(datetime.fromisoformat, rest)) for rest in request.pauses],
            find_refusal(vault, request),
            request.proposed_by,
            language_of(vault, request),
            STEPS.get(request.state, frozenset()),
        )


def act(
    house: House,
    by: OnDuty,
    reference: str,
    step: Callable[[Vault, RightsRequest], None],
    mail: JobKind | None = None,
) -> None:
    """Take one step with a request, and have its person told if there is something to read.

    Raises:
        RequestUnknown: no such request.
        DomainError: what the step refuses; nothing was changed.
    """
    with house.open_vault(by.actor, by.alias) as vault:
        request = _require(vault, reference)
        step(vault, request)
        if mail is not None:
            tell(vault, request, mail)


def confirm(vault: Vault, request: RightsRequest) -> None:
    """Confirm a proposed refusal, with its letter; where it overrides an objection, processing goes on."""
    language = language_of(vault, request)
    if request.refusal_reason == RefusalReason.COMPELLING:
        confirm_override(vault, request, language)
        enqueue(vault, request.subject_id, JobKind.SCORE)
    else:
        confirm_refusal(vault, request, language)


def enter(house: House, by: OnDuty, address: str, right: Right, text: str, received_on: date) -> str | None:
    """Take in what came by letter or by word; None where the address belongs to nobody."""
    known = house.keystore.find_subject(address.strip())
    if known is None:
        return None
    with house.open_vault(by.actor, by.alias) as vault:
        return take_in(vault, known, right, Channel.STAFF, text, received_on).reference


def _require(vault: Vault, reference: str) -> RightsRequest:
    request = find_by_reference(vault, reference)
    if request is None:
        raise RequestUnknown
    return request


def language_of(vault: Vault, request: RightsRequest) -> str:
    """In which language a person is written to; that the row was opened for it is noted with the rest."""
    permits = permits_for_rights(vault, request.subject_id)
    note_read(vault, permits[RIGHTS], "rights_request.content", "subject.account")
    return read_account(vault, permits[ACCOUNT], require_subject(vault, request.subject_id)).language


def _row(vault: Vault, request: RightsRequest) -> QueueRow:
    return QueueRow(
        request.reference,
        request.right,
        request.state,
        request.channel,
        request.due_on,
        target_on(request.due_on, vault.holidays),
        urgency(request, vault.now()),
        request.duplicate_of,
    )
