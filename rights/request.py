"""`RightsRequest`: what a person demanded, its clock, and how far it is (GDPR Art. 12(3), 12(4)).

                   +---------> waiting (for the person: identity, a question) --+
                   |                                                            |
    received ------+-> in-progress <--------------------------------------------+
       |                  |      \\
       |                  |       +-> refusal-proposed -> refused | partly (by a second person only)
       +------------------+---------> fulfilled | partly | withdrawn (by the person)

Only a person's answer or a person's withdrawal closes a request: an error or a duplicate never does. What
is asked and what is answered are sealed; the log holds every step under a keyed reference. The clock:
clock.py; what staff answer and how they refuse: answering.py.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.deadline import due_on, end_of
from audit.entry import Action, Outcome
from audit.log import Row, append
from consent.gate import permits_for_rights
from consent.purpose import RIGHTS
from rights.errors import RequestStateWrong, RequestUnknown
from rights.request_forms import CONTENT, PAUSES
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Opening, Term
from vault.permit import Permit
from vault.subject import Subject, lock_subject


class Right(StrEnum):
    """What may be demanded, by its article."""

    ACCESS = "access"  # 15
    PORTABILITY = "portability"  # 20
    RECTIFICATION = "rectification"  # 16
    ERASURE = "erasure"  # 17
    RESTRICTION = "restriction"  # 18
    OBJECTION = "objection"  # 21
    REVIEW = "review"  # 22(3)


ARTICLE = {
    Right.ACCESS: "gdpr-15",
    Right.RECTIFICATION: "gdpr-16",
    Right.ERASURE: "gdpr-17",
    Right.RESTRICTION: "gdpr-18",
    Right.PORTABILITY: "gdpr-20",
    Right.OBJECTION: "gdpr-21",
    Right.REVIEW: "gdpr-22-3",
}


class RequestState(StrEnum):
    """How far a request is."""

    RECEIVED = "received"
    WAITING = "waiting"
    IN_PROGRESS = "in-progress"
    REFUSAL_PROPOSED = "refusal-proposed"
    FULFILLED = "fulfilled"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = frozenset(
    {RequestState.RECEIVED, RequestState.WAITING, RequestState.IN_PROGRESS, RequestState.REFUSAL_PROPOSED}
)
STEPS: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.RECEIVED: frozenset(
        {
            RequestState.WAITING,
            RequestState.IN_PROGRESS,
            RequestState.REFUSAL_PROPOSED,
            RequestState.FULFILLED,
            RequestState.PARTLY,
            RequestState.WITHDRAWN,
        }
    ),
    RequestState.WAITING: frozenset({RequestState.IN_PROGRESS, RequestState.WITHDRAWN}),
    RequestState.IN_PROGRESS: frozenset(
        {
            RequestState.WAITING,
            RequestState.REFUSAL_PROPOSED,
            RequestState.FULFILLED,
            RequestState.PARTLY,
            RequestState.WITHDRAWN,
        }
    ),
    RequestState.REFUSAL_PROPOSED: frozenset(
        {
            RequestState.REFUSED,
            RequestState.PARTLY,  # some of it was done, the rest is refused
            RequestState.IN_PROGRESS,
            RequestState.WITHDRAWN,
        }
    ),
}


class Channel(StrEnum):
    """How a request came in; any way counts."""

    PAGE = "page"
    API = "api"
    MAIL_CODE = "mail-code"  # signed out, with a code to the confirmed address
    STAFF = "staff"  # by letter or by word, entered by staff


class Escalation(StrEnum):
    """Why a request needs somebody's eyes now."""

    SOON_DUE = "soon-due"
    JOB_FAILED = "job-failed"
    OVERDUE = "overdue"


class RightsRequest(Base):
    """One request of one data subject."""

    __tablename__ = "rights_request"
    __holding__ = Holding(
        what="Requests about one's rights: which, when, how far, until when; words and answers sealed",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="three years after it was closed, or until the account is erased",
        ends=(Term("closed_at", timedelta(days=1096)),),
        source="the person, and who answered",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "reference": "the short name of the request",
            "right": "which right",
            "state": "how far it is",
            "channel": "how it came in",
            "received_at": "when it came in",
            "due_at": "when the answer is due",
            "paused_at": "since when the clock rests for an identity check",
            "pauses": "when it rested before",
            "duplicate_of": "the reference of an earlier request with the same words",
            "escalation": "why it needed attention: soon due, overdue, or a job failed",
            "escalated_at": "since when",
            "extended_at": "when the term was extended",
            "extension_reason": "why, as a code",
            "refusal_reason": "why it is refused, as a code",
            "proposed_by": "the alias of who proposed to refuse it",
            "closed_by": "the alias of who answered it",
            "closed_at": "when it was answered",
            "content": "what was asked and answered (sealed)",
        },
        copied_to="data/requests.jsonl",
        opened_by={
            "content": Opening(lambda vault, _, request: plain(read_content(vault, request)), CONTENT),
            "pauses": Opening(lambda _, __, request: request.pauses, PAUSES),
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    right: Mapped[Right] = mapped_column(by_value(Right))
    state: Mapped[RequestState] = mapped_column(by_value(RequestState), index=True)
    channel: Mapped[Channel] = mapped_column(by_value(Channel))
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    pauses: Mapped[list[list[str]]] = mapped_column(JSON, default=list)  # [from, until], as ISO instants
    duplicate_of: Mapped[str | None] = mapped_column(String(16))
    escalation: Mapped[Escalation | None] = mapped_column(by_value(Escalation))
    escalated_at: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]
    extension_reason: Mapped[str | None] = mapped_column(String(60))
    refusal_reason: Mapped[str | None] = mapped_column(String(60))
    proposed_by: Mapped[str | None] = mapped_column(String(60))  # alias of who proposed a refusal
    closed_by: Mapped[str | None] = mapped_column(String(60))  # alias; None: the service itself
    closed_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes]

    @property
    def is_open(self) -> bool:
        """Whether an answer is still owed."""
        return self.state in OPEN

    @property
    def due_on(self) -> date:
        """The last day on which the answer is in time."""
        return (self.due_at - timedelta(microseconds=1)).date()


@dataclass(frozen=True)
class Line:
    """One thing said about a request: by the person, by staff under an alias, or by the service."""

    at: datetime
    by: str
    text: str


class ItemOutcome(StrEnum):
    """What became of one part of what was asked."""

    DONE = "done"
    REFUSED = "refused"
    NOT_HELD = "not-held"


@dataclass(frozen=True)
class Item:
    """One part of what was asked, and what became of it."""

    what: str
    outcome: ItemOutcome


@dataclass(frozen=True)
class Content:
    """What is sealed in a request: what was said, the answer part by part, a refusal as proposed."""

    lines: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()
    refusal: Mapping[str, str] | None = None


def open_request(
    vault: Vault,
    subject_id: UUID,
    right: Right,
    channel: Channel,
    text: str = "",
    received_on: date | None = None,
) -> RightsRequest:
    """Take a request in: from this commit on its clock runs.

    The same words again, while the first request is open, are a request of their own that names the first.

    Args:
        received_on: the day a letter came in, where staff enter it later.

    Raises:
        SubjectUnknown: erased, or never there.

    Source: GDPR Art. 12(3); Regulation 1182/71 Art. 3.
    """
    lock_subject(vault, subject_id)
    received_at = _received_at(vault, received_on)
    request = RightsRequest(
        id=uuid4(),
        subject_id=subject_id,
        reference=_new_reference(),
        right=right,
        state=RequestState.RECEIVED,
        channel=channel,
        received_at=received_at,
        due_at=end_of(due_on(received_at.date(), holidays=vault.holidays)),
        pauses=[],
        duplicate_of=_find_same(vault, subject_id, right, text),
        row_version=0,
    )
    write_content(vault, request, Content((Line(vault.now(), "person", text),) if text else ()))
    vault.session.add(request)
    log_step(vault, Action.RIGHTS_REQUESTED, request)
    vault.checkpoint_wanted = True
    return request


def move(vault: Vault, request: RightsRequest, state: RequestState) -> None:
    """Take a request one step further.

    Raises:
        RequestStateWrong: no such step leads on from where it is.
    """
    if state not in STEPS.get(request.state, frozenset()):
        raise RequestStateWrong(request.state, state)
    request.state = state
    if state not in OPEN:
        request.closed_at, request.closed_by = vault.now(), vault.alias
        outcome = Outcome.DENIED if state is RequestState.REFUSED else Outcome.DONE
        log_step(vault, Action.RIGHTS_ANSWERED, request, outcome=outcome)
        vault.checkpoint_wanted = True


def say(vault: Vault, request: RightsRequest, text: str, by: str | None = None) -> None:
    """Add what was said; `by` is the alias of staff, or `person`, or else the service."""
    content = read_content(vault, request)
    said = Line(vault.now(), by or vault.alias or "service", text)
    write_content(vault, request, replace(content, lines=(*content.lines, said)))


def lines_of(vault: Vault, request: RightsRequest) -> list[Line]:
    """What was said about a request, oldest first."""
    return list(read_content(vault, request).lines)


def requests_of(vault: Vault, subject_id: UUID) -> Sequence[RightsRequest]:
    """A person's requests, newest first."""
    statement = (
        select(RightsRequest)
        .where(RightsRequest.subject_id == subject_id)
        .order_by(RightsRequest.received_at.desc(), RightsRequest.reference)
    )
    return vault.session.scalars(statement).all()


def require_request(vault: Vault, subject_id: UUID, reference: str) -> RightsRequest:
    """One request of one person.

    Raises:
        RequestUnknown: no such request, or somebody else's.
    """
    request = find_request(vault, subject_id, reference)
    if request is None:
        raise RequestUnknown
    return request


def find_by_reference(vault: Vault, reference: str | None) -> RightsRequest | None:
    """A request by its short name, whosever it is: for staff, and for what a request left behind."""
    statement = select(RightsRequest).where(RightsRequest.reference == reference)
    return vault.session.scalar(statement) if reference is not None else None


def find_request(vault: Vault, subject_id: UUID, reference: str) -> RightsRequest | None:
    """One request of one person, if there is such a one."""
    statement = select(RightsRequest).where(
        RightsRequest.reference == reference, RightsRequest.subject_id == subject_id
    )
    return vault.session.scalar(statement)


def open_requests(vault: Vault) -> Sequence[RightsRequest]:
    """Everything that waits for an answer, the most urgent first."""
    statement = (
        select(RightsRequest)
        .where(RightsRequest.state.in_(OPEN))
        .order_by(RightsRequest.due_at, RightsRequest.reference)
    )
    return vault.session.scalars(statement).all()


def read_content(vault: Vault, request: RightsRequest) -> Content:
    """Open what is sealed in a request."""
    permit = _permit(vault, request.subject_id)
    content: dict[str, Any] = json.loads(vault.unseal(permit, request.cell("content"), request.content))
    return Content(
        tuple(Line(datetime.fromisoformat(one["at"]), one["by"], one["text"]) for one in content["lines"]),
        tuple(Item(one["what"], ItemOutcome(one["outcome"])) for one in content.get("items", ())),
        content.get("refusal"),
    )


def plain(content: Content) -> dict[str, Any]:
    """The same in JSON's own types: as it is sealed, and as its person gets it (request_forms.py)."""
    return {
        "lines": [{"at": one.at.isoformat(), "by": one.by, "text": one.text} for one in content.lines],
        "items": [{"what": one.what, "outcome": one.outcome.value} for one in content.items],
        "refusal": dict(content.refusal) if content.refusal is not None else None,
    }


def write_content(vault: Vault, request: RightsRequest, content: Content) -> None:
    """Seal what is said in a request, as a new version of it."""
    request.row_version += 1
    sealed = json.dumps(plain(content), ensure_ascii=False, sort_keys=True).encode()
    request.content = vault.seal(_permit(vault, request.subject_id), request.cell("content"), sealed)


def log_step(
    vault: Vault,
    action: Action,
    request: RightsRequest,
    *,
    row: Row | None = None,
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Record a step of a request in the log."""
    append(
        vault,
        action,
        subject_id=request.subject_id,
        scope=f"{RIGHTS}/{request.right.value}",
        basis=ARTICLE[request.right],
        row=row or Row(RightsRequest.__tablename__, request.id),
        outcome=outcome,
    )


def _permit(vault: Vault, subject_id: UUID) -> Permit:
    return permits_for_rights(vault, subject_id)[RIGHTS]


def _received_at(vault: Vault, received_on: date | None) -> datetime:
    now = vault.now()
    if received_on is None or received_on >= now.date():
        return now
    return datetime.combine(received_on, time(), UTC)


def _find_same(vault: Vault, subject_id: UUID, right: Right, text: str) -> str | None:
    for known in reversed(requests_of(vault, subject_id)):
        if known.is_open and known.right is right:
            first = next(iter(lines_of(vault, known)), None)
            if (first.text if first is not None else "") == text:
                return known.reference
    return None


def _new_reference() -> str:
    """A short name to quote in a letter: 40 random bits in Crockford's alphabet."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "R-" + "".join(secrets.choice(alphabet) for _ in range(8))
