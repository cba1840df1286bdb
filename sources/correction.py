"""`Correction`: a figure of a record that was found wrong, and the right one (GDPR Art. 16).

The record stays as the platform gave it; a correction says which figure counts instead, since when and on
whose word, with the old value inside as superseded. A new import of the platform supersedes every correction:
it is a new statement of the platform, and may be disputed anew. What is disputed and not yet decided is no
correction: rights/rectification.py.

Only figures that the record holds can be corrected: followers, following, lists, and of single weeks the
posts, likes, reshares and replies. Nothing else enters a score.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action
from audit.log import Written, append
from consent.purpose import Scope, score_scope
from sources.activity import ActivityRecord, IsoWeek, Metric, Platform
from sources.errors import FigureUnknown
from sources.figure import (
    CORRECTABLE,
    OF_A_WEEK,
    OF_THE_RECORD,
    CorrectedFigure,
    Figure,
    Provenance,
)
from vault.base import Base, by_value
from vault.desk import Vault
from vault.holding import Fate, Holding, Opening, Term
from vault.permit import Permit
from vault.subject import Subject

MOST = 10**12


def figure_form(*counts: str) -> Mapping[str, Any]:
    """The JSON Schema of a figure with counts beside it, for its owner's copy."""
    properties: dict[str, Any] = {
        "platform": {"type": "string"},
        "metric": {"enum": [metric.value for metric in CORRECTABLE]},
        "week": {"type": ["string", "null"]},
        **{name: {"type": "integer", "minimum": 0} for name in counts},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


class Correction(Base):
    """One corrected figure, sealed under its platform's consent."""

    __tablename__ = "correction"
    __holding__ = Holding(
        what="Corrected figures: which one, the superseded value, the one that counts, on whose word",
        purpose="score.compute",
        basis="gdpr-6-1-a",
        retained="two years, or until consent is withdrawn or the account is erased",
        ends=(Term("corrected_at", timedelta(days=730)),),
        source="the person's statement, or who looked again at the score",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "platform": "which platform",
            "provenance": "on whose word",
            "corrected_at": "when it was corrected",
            "superseded_at": "when a new import took its place",
            "reference": "the request it came from",
            "content": "which figure, the superseded value and the one that counts (sealed)",
        },
        rests_on=lambda correction: (str(score_scope(correction.platform)),),
        copied_to="data/corrections.jsonl",
        opened_by={
            "content": Opening(
                lambda vault, permits, made: _plain(vault, permits[str(score_scope(made.platform))], made),
                figure_form("superseded", "value"),
            )
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    platform: Mapped[Platform] = mapped_column(by_value(Platform))
    provenance: Mapped[Provenance] = mapped_column(by_value(Provenance))
    corrected_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(String(16))
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


def figure_of(record: ActivityRecord, figure: Figure) -> int:
    """What a record says.

    Raises:
        FigureUnknown: no figure that can be corrected, or one the record does not hold.
    """
    value: int | None = None
    if figure.week is None and figure.metric in OF_THE_RECORD:
        value = getattr(record, figure.metric.value)
    elif figure.week is not None and figure.metric in OF_A_WEEK:
        for week in record.weeks:
            if week.week == figure.week:
                value = getattr(week, figure.metric.value)
    if value is None:
        raise FigureUnknown(figure.platform, figure.metric)
    return value


def corrected(record: ActivityRecord, corrections: Iterable[CorrectedFigure]) -> ActivityRecord:
    """The record as it counts: corrections carried out, oldest first; what it does not hold stays away."""
    for one in corrections:
        if one.figure.platform is record.platform:
            record = with_figure(record, one.figure, one.value)
    return record


def with_figure(record: ActivityRecord, figure: Figure, value: int) -> ActivityRecord:
    """The record with another value for one figure; a total moves with its week."""
    name = figure.metric.value
    try:
        before = figure_of(record, figure)
    except FigureUnknown:
        return record
    changed: dict[str, Any] = {name: value}
    if figure.week is None:
        return replace(record, **changed)
    weeks = tuple(replace(week, **changed) if week.week == figure.week else week for week in record.weeks)
    total: int | None = getattr(record, name)
    changed = {name: None if total is None else max(0, total + value - before), "weeks": weeks}
    return replace(record, **changed)


def correct(
    vault: Vault, permit: Permit, figure: Figure, superseded: int, value: int, reference: str
) -> Correction:
    """Let another value count for a figure from this commit on; who computes the score is the caller's.

    Args:
        reference: the request that led to it; whether staff or a reviewer acts is the transaction's.
    """
    if not 0 <= value <= MOST:
        raise ValueError("A count is a whole number of at least 0.")
    is_review = vault.actor == "reviewer"
    made = Correction(
        id=uuid4(),
        subject_id=permit.subject_id,
        platform=figure.platform,
        provenance=Provenance.REVIEWER if is_review else Provenance.SUBJECT_STATEMENT,
        corrected_at=vault.now(),
        reference=reference,
        row_version=1,
    )
    content = {**figure_to_json(figure), "superseded": superseded, "value": value}
    made.content = vault.seal(permit, made.cell("content"), json.dumps(content).encode())
    vault.session.add(made)
    append(
        vault,
        Action.RECORD_RECTIFIED,
        subject_id=permit.subject_id,
        scope=permit.scope,
        basis="gdpr-16",
        written=Written(made.cell("content"), made.content),
    )
    return made


def open_corrections(
    vault: Vault, permits: Mapping[Scope, Permit], *, superseded: bool = False
) -> tuple[CorrectedFigure, ...]:
    """The corrections of every platform a permit is held for, oldest first; noting it is the caller's.

    Args:
        superseded: also those that a newer import took the place of.
    """
    by_scope = {permit.scope: permit for permit in permits.values()}
    subjects = {permit.subject_id for permit in permits.values()}
    statement = (
        select(Correction)
        .where(Correction.subject_id.in_(subjects))
        .order_by(Correction.corrected_at, Correction.id)
    )
    if not superseded:
        statement = statement.where(Correction.superseded_at.is_(None))
    return tuple(
        _open(vault, by_scope[str(score_scope(made.platform))], made)
        for made in vault.session.scalars(statement)
        if str(score_scope(made.platform)) in by_scope
    )


def supersede(vault: Vault, subject_id: UUID, platform: Platform) -> None:
    """Let no correction count any more: the platform has spoken anew."""
    vault.session.execute(
        update(Correction)
        .where(
            Correction.subject_id == subject_id,
            Correction.platform == platform,
            Correction.superseded_at.is_(None),
        )
        .values(superseded_at=vault.now())
    )


def figure_to_json(figure: Figure) -> dict[str, Any]:
    """A figure in JSON's own types."""
    return {
        "platform": figure.platform.value,
        "metric": figure.metric.value,
        "week": str(figure.week) if figure.week is not None else None,
    }


def figure_from_json(data: Mapping[str, Any]) -> Figure:
    """Read what `figure_to_json` wrote."""
    return Figure(Platform(data["platform"]), Metric(data["metric"]), week_of(data["week"]))


def week_of(text: str | None) -> IsoWeek | None:
    """An ISO week as it is written, `2026-W05`.

    Raises:
        ValueError: there is no such week.
    """
    if text is None:
        return None
    year, number = text.split("-W")
    week = IsoWeek(int(year), int(number))
    datetime.fromisocalendar(week.year, week.week, 1)
    if str(week) != text:
        raise ValueError("A week is written like 2026-W05.")
    return week


def _open(vault: Vault, permit: Permit, made: Correction) -> CorrectedFigure:
    content = _plain(vault, permit, made)
    return CorrectedFigure(
        figure_from_json(content),
        content["superseded"],
        content["value"],
        made.provenance,
        made.corrected_at,
    )


def _plain(vault: Vault, permit: Permit, made: Correction) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(vault.unseal(permit, made.cell("content"), made.content))
    return content
