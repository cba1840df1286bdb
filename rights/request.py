"""`RightsRequest`: what a person demanded, its clock, and how far it is (GDPR Art. 12(3), 12(4)).

                   +---------> waiting (for the person: identity, a question) --+
                   |                                                            |
    received ------+-> in-progress <--------------------------------------------+
       |                  |      \\
       |                  |       +-> refusal-proposed -> refused (by a second person only)
       +------------------+---------> fulfilled | partly | withdrawn (by the person)

Only a person's answer or a person's withdrawal closes a request: an error or a duplicate never does. What
is asked and what is answered are sealed; the log holds every step under a keyed reference.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action, Outcome
from audit.log import Row, append
from consent.gate import permits_for_rights
from consent.purpose import RIGHTS
from rights.deadline import due_on, end_of
from rights.errors import RequestStateWrong, RequestUnknown
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
        {RequestState.REFUSED, RequestState.IN_PROGRESS, RequestState.WITHDRAWN}
    ),
}


class Channel(StrEnum):
    """How a request came in; any way counts."""

    PAGE = "page"
    API = "api"
    MAIL_CODE = "mail-code"  # signed out, with a code to the confirmed address
    STAFF = "staff"  # by letter or by word, entered by staff


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
            "content": Opening(
                lambda vault, permits, request: _own_lines(vault, permits[str(RIGHTS)], request),
                {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {name: {"type": "string"} for name in ("at", "by", "text")},
                        "required": ["at", "by", "text"],
                        "additionalProperties": False,
                    },
                },
            )
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


def open_request(
    vault: Vault, subject_id: UUID, right: Right, channel: Channel, text: str = ""
) -> RightsRequest:
    """Take a request in: from this commit on its clock runs.

    Raises:
        SubjectUnknown: erased, or never there.

    Source: GDPR Art. 12(3); Regulation 1182/71 Art. 3.
    """
    lock_subject(vault, subject_id)
    now = vault.now()
    request = RightsRequest(
        id=uuid4(),
        subject_id=subject_id,
        reference=_new_reference(),
        right=right,
        state=RequestState.RECEIVED,
        channel=channel,
        received_at=now,
        due_at=end_of(due_on(now.date())),
        row_version=0,
    )
    _write(vault, _permit(vault, subject_id), request, [Line(now, "person", text)] if text else [])
    vault.session.add(request)
    _log(vault, Action.RIGHTS_REQUESTED, request)
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
        _log(vault, Action.RIGHTS_ANSWERED, request, outcome)
        vault.checkpoint_wanted = True


def say(vault: Vault, request: RightsRequest, text: str, by: str | None = None) -> None:
    """Add what was said; `by` is the alias of staff, or `person`, or else the service."""
    permit = _permit(vault, request.subject_id)
    lines = read_lines(vault, permit, request)
    said = Line(vault.now(), by or vault.alias or "service", text)
    _write(vault, permit, request, [*lines, said])


def lines_of(vault: Vault, request: RightsRequest) -> list[Line]:
    """What was said about a request, oldest first."""
    return read_lines(vault, _permit(vault, request.subject_id), request)


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


def find_request(vault: Vault, subject_id: UUID, reference: str) -> RightsRequest | None:
    """One request of one person, if there is such a one."""
    statement = select(RightsRequest).where(
        RightsRequest.reference == reference, RightsRequest.subject_id == subject_id
    )
    return vault.session.scalar(statement)


def find_by_reference(vault: Vault, reference: str | None) -> RightsRequest | None:
    """A request by its short name, whosever it is: for staff, and for what a request left behind."""
    statement = select(RightsRequest).where(RightsRequest.reference == reference)
    return vault.session.scalar(statement) if reference is not None else None


def read_lines(vault: Vault, permit: Permit, request: RightsRequest) -> list[Line]:
    """Open what is sealed in a request."""
    content: dict[str, Any] = json.loads(vault.unseal(permit, request.cell("content"), request.content))
    return [Line(datetime.fromisoformat(one["at"]), one["by"], one["text"]) for one in content["lines"]]


def _own_lines(vault: Vault, permit: Permit, request: RightsRequest) -> list[dict[str, str]]:
    lines = read_lines(vault, permit, request)
    return [{"at": one.at.isoformat(), "by": one.by, "text": one.text} for one in lines]


def pause(vault: Vault, request: RightsRequest) -> None:
    """Rest the clock while a needed identity answer is open (EDPB Guidelines 01/2022)."""
    move(vault, request, RequestState.WAITING)
    request.paused_at = vault.now()
    _log(vault, Action.RIGHTS_PAUSED, request)


def resume(vault: Vault, request: RightsRequest) -> None:
    """Let the clock go on; the term moves by as long as it rested."""
    move(vault, request, RequestState.IN_PROGRESS)
    rested = vault.now() - request.paused_at if request.paused_at is not None else timedelta()
    request.due_at, request.paused_at = request.due_at + rested, None
    _log(vault, Action.RIGHTS_RESUMED, request)


def _permit(vault: Vault, subject_id: UUID) -> Permit:
    return permits_for_rights(vault, subject_id)[RIGHTS]


def _write(vault: Vault, permit: Permit, request: RightsRequest, lines: Sequence[Line]) -> None:
    content = {"lines": [{"at": one.at.isoformat(), "by": one.by, "text": one.text} for one in lines]}
    request.row_version += 1
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    request.content = vault.seal(permit, request.cell("content"), plain)


def _log(vault: Vault, action: Action, request: RightsRequest, outcome: Outcome = Outcome.DONE) -> None:
    append(
        vault,
        action,
        subject_id=request.subject_id,
        scope=f"{RIGHTS}/{request.right.value}",
        basis=ARTICLE[request.right],
        row=Row(RightsRequest.__tablename__, request.id),
        outcome=outcome,
    )


def _new_reference() -> str:
    """A short name to quote in a letter: 40 random bits in Crockford's alphabet."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "R-" + "".join(secrets.choice(alphabet) for _ in range(8))
