"""Rectification: a person disputes a figure; accepted, it is corrected; else their statement stays (Art. 16).

    disputed   marked beside the figure at once; a request with its clock, decided by staff
    accepted   a correction counts from that commit on (sources/correction.py); recipients told, a new score
    declined   refused by two people like any request (rights/answering.py); the statement stays attached

How a dispute stands is stored nowhere: it follows from its request and whether a correction came of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from consent.access import note_read
from consent.errors import ConsentMissing
from consent.gate import permits_for_rights
from consent.purpose import Scope, score_scope
from rights.errors import FigureUnchanged, RequestUnknown
from rights.notice import NoticeKind, notify_recipients
from rights.request import (
    OPEN,
    Channel,
    RequestState,
    Right,
    RightsRequest,
    find_by_reference,
    lines_of,
    move,
    open_request,
    say,
)
from sources.activity import ActivityRecord, Platform
from sources.correction import (
    MOST,
    Correction,
    correct,
    corrected,
    figure_form,
    figure_from_json,
    figure_of,
    figure_to_json,
    open_corrections,
)
from sources.errors import FigureUnknown
from sources.figure import Figure
from sources.store import open_records
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Opening, Term
from vault.permit import Permit
from vault.subject import Subject, lock_subject


class Standing(StrEnum):
    """How a dispute stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Dispute(Base):
    """One figure somebody says is wrong, sealed under its platform's consent."""

    __tablename__ = "dispute"
    __holding__ = Holding(
        what="Disputed figures: which one, what it was, what it should be; the statement is in the request",
        purpose="score.compute",
        basis="gdpr-6-1-c",
        retained="three years and three months, or until consent is withdrawn or the account is erased",
        ends=(Term("disputed_at", timedelta(days=1096 + 93)),),  # its request may stay open three months
        source="the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "platform": "which platform",
            "disputed_at": "when it was disputed",
            "reference": "the request",
            "content": "which figure, what it was and what it should be (sealed)",
        },
        rests_on=lambda dispute: (str(score_scope(dispute.platform)),),
        copied_to="data/disputes.jsonl",
        opened_by={
            "content": Opening(
                lambda vault, permits, row: _plain(vault, permits[str(score_scope(row.platform))], row),
                figure_form("disputed", "asked"),
            )
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    platform: Mapped[Platform] = mapped_column(by_value(Platform))
    disputed_at: Mapped[datetime]
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class DisputedFigure:
    """A dispute as its person and staff see it; `present` is what counts now, None where it is gone."""

    reference: str
    figure: Figure
    disputed: int
    asked: int
    present: int | None
    statement: str
    disputed_at: datetime
    standing: Standing


def dispute(
    vault: Vault, subject_id: UUID, figure: Figure, asked: int, statement: str, channel: Channel
) -> RightsRequest:
    """Say as the person that a figure is wrong; the same figure twice is one dispute while it is open.

    Raises:
        ConsentMissing: no data of this platform may lie here.
        FigureUnknown: no figure that can be corrected, or one the record does not hold.
        FigureUnchanged: the record says just that.

    Source: GDPR Art. 16.
    """
    if not 0 <= asked <= MOST:
        raise FigureUnknown(figure.platform, figure.metric)
    lock_subject(vault, subject_id)
    permits = permits_for_rights(vault, subject_id)
    permit = _permit(permits, figure.platform)
    present = figure_of(require_record(vault, permits, figure), figure)
    if present == asked:
        raise FigureUnchanged
    for known in disputes(vault, subject_id):
        request = find_by_reference(vault, known.reference)
        if known.figure == figure and known.standing is Standing.OPEN and request is not None:
            say(vault, request, statement, "person")
            return request
    request = open_request(vault, subject_id, Right.RECTIFICATION, channel, statement)
    made = Dispute(
        id=uuid4(),
        subject_id=subject_id,
        platform=figure.platform,
        disputed_at=vault.now(),
        reference=request.reference,
        row_version=1,
    )
    content = {**figure_to_json(figure), "disputed": present, "asked": asked}
    made.content = vault.seal(permit, made.cell("content"), json.dumps(content).encode())
    vault.session.add(made)
    return request


def disputes(vault: Vault, subject_id: UUID) -> tuple[DisputedFigure, ...]:
    """What a person disputes or disputed, newest first; what they took back is left out."""
    permits = permits_for_rights(vault, subject_id)
    statement = select(Dispute).where(Dispute.subject_id == subject_id)
    rows = vault.session.scalars(statement.order_by(Dispute.disputed_at.desc(), Dispute.reference)).all()
    if not rows:
        return ()
    corrected_by = set(
        vault.session.scalars(select(Correction.reference).where(Correction.subject_id == subject_id))
    )
    records = counted_records(vault, permits)
    opened = []
    for row in rows:
        request = find_by_reference(vault, row.reference)
        if request is None or request.state is RequestState.WITHDRAWN:
            continue
        permit = permits.get(score_scope(row.platform))
        if permit is not None:
            standing = _standing(request, is_corrected=row.reference in corrected_by)
            opened.append(_open(vault, permit, row, request, standing, records))
    return tuple(opened)


def require_dispute(vault: Vault, request: RightsRequest) -> DisputedFigure:
    """The figure a request is about; for staff, and noted to the person.

    Raises:
        RequestUnknown: it is about no figure, or the consent its platform rested on is withdrawn.
    """
    for found in disputes(vault, request.subject_id):
        if found.reference == request.reference:
            permits = permits_for_rights(vault, request.subject_id)
            note_read(vault, _permit(permits, found.figure.platform), "dispute.content", "correction.content")
            return found
    raise RequestUnknown


def accept(vault: Vault, request: RightsRequest, words: str = "", value: int | None = None) -> None:
    """Correct the figure, as staff; recipients are told; queueing the new score is the caller's.

    Args:
        value: what was found to be right, where it is not what was asked for.

    Raises:
        RequestUnknown: see `require_dispute`. RequestStateWrong: it is answered already.
        FigureUnknown: a new import holds no such figure any more.
    """
    lock_subject(vault, request.subject_id)
    found = require_dispute(vault, request)
    if found.present is None:
        raise FigureUnknown(found.figure.platform, found.figure.metric)
    right = found.asked if value is None else value
    move(vault, request, RequestState.FULFILLED if right == found.asked else RequestState.PARTLY)
    permits = permits_for_rights(vault, request.subject_id)
    permit = _permit(permits, found.figure.platform)
    correct(vault, permit, found.figure, found.present, right, request.reference)
    notify_recipients(vault, request.subject_id, NoticeKind.RECTIFICATION)
    if words.strip():
        say(vault, request, words.strip())


def open_rectifications(vault: Vault) -> Sequence[RightsRequest]:
    """Disputed figures that wait for staff, the most urgent first."""
    statement = (
        select(RightsRequest)
        .join(Dispute, Dispute.reference == RightsRequest.reference)
        .where(RightsRequest.state.in_(OPEN))
        .order_by(RightsRequest.due_at, RightsRequest.reference)
    )
    return vault.session.scalars(statement).all()


def counted_records(vault: Vault, permits: Mapping[Scope, Permit]) -> dict[Platform, ActivityRecord]:
    """Every record as it counts now, with its corrections."""
    corrections = open_corrections(vault, permits)
    return {
        platform: corrected(record, corrections) for platform, record in open_records(vault, permits).items()
    }


def require_record(vault: Vault, permits: Mapping[Scope, Permit], figure: Figure) -> ActivityRecord:
    """The record that holds a figure.

    Raises:
        FigureUnknown: nothing was imported of this platform.
    """
    record = counted_records(vault, permits).get(figure.platform)
    if record is None:
        raise FigureUnknown(figure.platform, figure.metric)
    return record


def _permit(permits: Mapping[Scope, Permit], platform: Platform) -> Permit:
    scope = score_scope(platform)
    if scope not in permits:
        raise ConsentMissing(scope)
    return permits[scope]


def _standing(request: RightsRequest, *, is_corrected: bool) -> Standing:
    if is_corrected:
        return Standing.ACCEPTED
    return Standing.OPEN if request.is_open else Standing.DECLINED


def _open(
    vault: Vault,
    permit: Permit,
    row: Dispute,
    request: RightsRequest,
    standing: Standing,
    records: Mapping[Platform, ActivityRecord],
) -> DisputedFigure:
    content = _plain(vault, permit, row)
    figure, said = figure_from_json(content), [one for one in lines_of(vault, request) if one.by == "person"]
    return DisputedFigure(
        reference=row.reference,
        figure=figure,
        disputed=content["disputed"],
        asked=content["asked"],
        present=_find(records.get(row.platform), figure),
        statement=said[0].text if said else "",
        disputed_at=row.disputed_at,
        standing=standing,
    )


def _find(record: ActivityRecord | None, figure: Figure) -> int | None:
    try:
        return figure_of(record, figure) if record is not None else None
    except FigureUnknown:
        return None


def _plain(vault: Vault, permit: Permit, row: Dispute) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(vault.unseal(permit, row.cell("content"), row.content))
    return content
