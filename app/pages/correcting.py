"""Saying that a figure is wrong: which one, what is right, and why (Art. 16); and what became of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.current import house, signed_in
from app.errors import status_of
from app.forms import Form, only, read_form
from app.language import day, language
from app.rectifying import STATEMENT_MOST, Asked, dispute_figure, own_records
from consent.errors import ConsentMissing
from explain.sentences import say_figure, say_metric
from explain.statement import catalog
from explain.voice import Voice
from model.inputs import Criterion
from rights.errors import FigureUnchanged
from rights.rectification import DisputedFigure, Standing, disputes
from rights.request import Channel
from sources.activity import Metric, Platform
from sources.correction import MOST, week_of
from sources.errors import FigureUnknown
from sources.figure import CORRECTABLE, OF_A_WEEK, OF_THE_RECORD, Figure
from vault.desk import Vault
from vault.errors import DomainError

pages = Blueprint("correcting", __name__)
# Which figure of the record stands behind a criterion; weeks with a response follow from likes and replies.
METRIC_OF = {
    Criterion.AUDIENCE: Metric.FOLLOWERS,
    Criterion.RECOGNITION: Metric.LISTED,
    Criterion.CONVERSATION: Metric.REPLIES_RECEIVED,
    Criterion.AMPLIFICATION: Metric.RESHARES_RECEIVED,
    Criterion.APPRECIATION: Metric.LIKES_RECEIVED,
    Criterion.CONSISTENCY: Metric.LIKES_RECEIVED,
}


@dataclass(frozen=True)
class Remark:
    """A disputed figure as it stands beside the figures."""

    reference: str
    name: str
    disputed: int
    asked: int
    statement: str
    day: str
    standing: Standing


def is_week(text: str) -> bool:
    """Whether a text is an ISO week, or nothing."""
    try:
        return not text or week_of(text) is not None
    except ValueError:
        return False


class DisputeForm(Form):
    """Which figure, and what is right."""

    platform = fields.Enum(Platform, by_value=True, required=True)
    metric = fields.Enum(Metric, by_value=True, required=True, validate=validate.OneOf(CORRECTABLE))
    week = fields.String(load_default="", validate=only(is_week))
    value = fields.Integer(required=True, validate=validate.Range(0, MOST))
    statement = fields.String(required=True, validate=validate.Length(1, STATEMENT_MOST))


@pages.get("/rights/correct")
def show() -> ResponseReturnValue:
    return _page({"metric": request.args.get("metric", "")})


@pages.post("/rights/correct")
def send() -> ResponseReturnValue:
    values, unusable = read_form(DisputeForm())
    if unusable:
        return _page(values, unusable), 422
    figure = Figure(values["platform"], values["metric"], week_of(values["week"] or None))
    asked = Asked(figure, values["value"], values["statement"])
    try:
        reference = dispute_figure(house(), signed_in().subject_id, asked, Channel.PAGE)
    except (ConsentMissing, FigureUnchanged, FigureUnknown) as refusal:
        return _page(values, refusal=refusal), status_of(refusal)
    return redirect(url_for("rights.show_request", reference=reference, said="received"), 303)


def remarks_of(vault: Vault, subject_id: UUID) -> tuple[Remark, ...]:
    """What a person disputes or disputed in vain; what was corrected, the explanation says."""
    found = disputes(vault, subject_id)
    return tuple(_remark(one) for one in found if one.standing is not Standing.ACCEPTED)


def figure_name(figure: Figure) -> str:
    """Which figure it is, in the language of the page."""
    return say_figure(figure, Voice(catalog(), language()))


def _remark(one: DisputedFigure) -> Remark:
    name = figure_name(one.figure)
    return Remark(
        one.reference, name, one.disputed, one.asked, one.statement, day(one.disputed_at), one.standing
    )


def _page(
    values: dict[str, Any], unusable: frozenset[str] = frozenset(), refusal: DomainError | None = None
) -> str:
    voice = Voice(catalog(), language())
    with house().open_reading_vault() as vault:
        subject_id = signed_in().subject_id
        records = own_records(vault, subject_id)
        remarks = remarks_of(vault, subject_id)
    return render_template(
        "correct.html",
        platforms=[(platform.value, voice.network(platform)) for platform in records],
        metrics=[(metric.value, say_metric(metric, voice)) for metric in CORRECTABLE],
        of_a_week=[say_metric(metric, voice) for metric in OF_A_WEEK],
        held=[
            (figure_name(Figure(platform, metric)), getattr(record, metric.value))
            for platform, record in records.items()
            for metric in OF_THE_RECORD
            if getattr(record, metric.value) is not None
        ],
        remarks=remarks,
        values=values,
        unusable=unusable,
        refusal=refusal.slug if refusal else None,
        most=STATEMENT_MOST,
    )
