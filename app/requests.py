"""Requests about one's rights, as pages, API and staff take them in and move them: each step with its mail.

A mail says that there is something to read and until when; what was asked and answered stays here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.jobs import JobKind, enqueue
from consent.limits import lift
from rights.clock import resume
from rights.objection import limits_of_request
from rights.request import (
    Channel,
    Content,
    Item,
    Line,
    RequestState,
    Right,
    RightsRequest,
    move,
    open_request,
    read_content,
    requests_of,
    require_request,
    say,
)
from vault.desk import Vault

PERSON = "person"


@dataclass(frozen=True)
class RequestView:
    """A request as its person sees it."""

    reference: str
    right: Right
    state: RequestState
    channel: Channel
    received_at: datetime
    due_on: date
    is_open: bool
    is_resting: bool
    extended_at: datetime | None
    extension_reason: str | None
    closed_at: datetime | None
    duplicate_of: str | None
    lines: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()


def take_in(
    vault: Vault,
    subject_id: UUID,
    right: Right,
    channel: Channel,
    text: str = "",
    received_on: date | None = None,
) -> RightsRequest:
    """Open a request, and have its receipt mailed with this transaction.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    request = open_request(vault, subject_id, right, channel, text, received_on)
    tell(vault, request, JobKind.MAIL_REQUEST_RECEIVED)
    return request


def tell(vault: Vault, request: RightsRequest, kind: JobKind) -> None:
    """Have the person told by mail that a request moved."""
    enqueue(vault, request.subject_id, kind, facts={"reference": request.reference})


def reply(vault: Vault, subject_id: UUID, reference: str, text: str) -> RightsRequest:
    """Take in what the person says; a request that waited for it goes on.

    Raises:
        RequestUnknown: no such request of this person.
        RequestStateWrong: it is closed.
    """
    request = require_request(vault, subject_id, reference)
    if request.state is RequestState.WAITING:
        resume(vault, request)
    elif not request.is_open:
        move(vault, request, RequestState.IN_PROGRESS)  # refuses: nothing leads on from a closed request
    say(vault, request, text, PERSON)
    return request


def withdraw_request(vault: Vault, subject_id: UUID, reference: str) -> RightsRequest:
    """Close a request because its person takes it back; nobody else can.

    Raises:
        RequestUnknown: no such request of this person.
        RequestStateWrong: it is closed already.
    """
    request = require_request(vault, subject_id, reference)
    move(vault, request, RequestState.WITHDRAWN)
    for made in limits_of_request(vault, request):  # an objection that is taken back stops nothing any more
        lift(vault, made)
        enqueue(vault, subject_id, JobKind.SCORE)
    return request


def view(request: RightsRequest, content: Content | None = None) -> RequestView:
    """A request without what only the queue needs."""
    own = {
        name: getattr(request, name) for name in RequestView.__dataclass_fields__ if hasattr(request, name)
    }
    said = content or Content()
    return RequestView(**own, is_resting=request.paused_at is not None, lines=said.lines, items=said.items)


def views_of(vault: Vault, subject_id: UUID) -> list[RequestView]:
    """A person's requests, newest first, without what was said."""
    return [view(request) for request in requests_of(vault, subject_id)]


def view_whole(vault: Vault, subject_id: UUID, reference: str) -> RequestView:
    """One request with what was said about it.

    Raises:
        RequestUnknown: no such request of this person.
    """
    request = require_request(vault, subject_id, reference)
    return view(request, read_content(vault, request))
