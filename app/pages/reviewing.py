"""Having a person look at a score (Art. 22(3)), and the room of the reviewer."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from marshmallow import fields, validate

from app.current import house, signed_in
from app.errors import status_of
from app.forms import Form, only, read_form
from app.jobs import JobKind, enqueue
from app.language import language
from app.pages.correcting import is_week
from app.pages.staff import ROOMS, for_staff, on_duty
from app.requests import tell
from app.staff import StaffRole
from consent.access import note_read
from consent.gate import permits_for_rights
from consent.purpose import RIGHTS
from explain.report import explain_report, score_report
from explain.sentences import say_metric
from explain.sentences import tell as tell_explanation
from explain.statement import catalog
from explain.voice import Voice
from rights.errors import ReasonsMissing, RequestStateWrong
from rights.request import Channel, Right, find_by_reference, lines_of
from rights.review import Finding, contest, decide, open_reviews
from sources.activity import Metric, Platform
from sources.correction import MOST, week_of
from sources.errors import FigureUnknown
from sources.figure import CORRECTABLE, Figure
from vault.errors import DomainError

pages = Blueprint("reviewing", __name__)
staff_pages = Blueprint("staff_reviews", __name__)
ROOMS[StaffRole.REVIEWER].append(("staff_reviews.show_room", "reviews"))
STATEMENT_MOST, WRITTEN_MOST = 1000, 4000


class ContestForm(Form):
    """Why the score is wrong."""

    statement = fields.String(required=True, validate=validate.Length(1, STATEMENT_MOST))


class DecideForm(Form):
    """Reasons, and a figure that was found to be another, if one was."""

    reasons = fields.String(required=True, validate=validate.Length(max=WRITTEN_MOST))
    platform = fields.String(load_default="", validate=validate.OneOf(["", *Platform]))
    metric = fields.String(load_default="", validate=validate.OneOf(["", *CORRECTABLE]))
    week = fields.String(load_default="", validate=only(is_week))
    value = fields.String(load_default="", validate=validate.Regexp(r"\d{0,12}\Z"))


@pages.get("/rights/review")
def show() -> ResponseReturnValue:
    return render_template("review.html", unusable=frozenset(), values={}, most=STATEMENT_MOST)


@pages.post("/rights/review")
def send() -> ResponseReturnValue:
    values, unusable = read_form(ContestForm())
    if unusable:
        return render_template("review.html", unusable=unusable, values=values, most=STATEMENT_MOST), 422
    with house().open_vault("subject") as vault:
        request = contest(vault, signed_in().subject_id, values["statement"], Channel.PAGE)
        tell(vault, request, JobKind.MAIL_REQUEST_RECEIVED)
        reference = request.reference
    return redirect(url_for("rights.show_request", reference=reference, said="received"), 303)


@staff_pages.get("/staff/reviews")
@for_staff(StaffRole.REVIEWER)
def show_room() -> ResponseReturnValue:
    with house().open_reading_vault("reviewer", on_duty().alias) as vault:
        waiting = open_reviews(vault)
    return render_template("staff-waiting.html", room="staff.reviews", at="/staff/reviews", waiting=waiting)


@staff_pages.get("/staff/reviews/<reference>")
@for_staff(StaffRole.REVIEWER)
def look(reference: str) -> ResponseReturnValue:
    return _page(reference)


@staff_pages.post("/staff/reviews/<reference>")
@for_staff(StaffRole.REVIEWER)
def answer(reference: str) -> ResponseReturnValue:
    values, unusable = read_form(DecideForm())
    if unusable:
        return _page(reference), 422
    found = None
    if values["value"] and values["platform"] and values["metric"]:
        week = week_of(values["week"] or None)
        figure = Figure(Platform(values["platform"]), Metric(values["metric"]), week)
        found = Finding(figure, min(MOST, int(values["value"])))
    try:
        with house().open_vault("reviewer", on_duty().alias) as vault:
            request = find_by_reference(vault, reference)
            if request is None or request.right is not Right.REVIEW:
                abort(404)
            if decide(vault, request, values["reasons"], found):
                enqueue(vault, request.subject_id, JobKind.SCORE)
            tell(vault, request, JobKind.MAIL_REQUEST_ANSWERED)
    except (FigureUnknown, ReasonsMissing, RequestStateWrong) as refusal:
        return _page(reference, refusal), status_of(refusal)
    return redirect(url_for("staff_reviews.show_room"), 303)


def _page(reference: str, refusal: DomainError | None = None) -> str:
    voice = Voice(catalog(), language())
    with house().open_vault("reviewer", on_duty().alias) as vault:
        request = find_by_reference(vault, reference)
        if request is None or request.right is not Right.REVIEW:
            abort(404)
        permits = permits_for_rights(vault, request.subject_id)
        lines = lines_of(vault, request)
        note_read(vault, permits[RIGHTS], "rights_request.content", "score.result", "import_batch.record")
        report = score_report(vault, request.subject_id, permits)
        about = (
            explain_report(vault, request.subject_id, report, None, permits) if report is not None else None
        )
        return render_template(
            "staff-review.html",
            request=request,
            lines=lines,
            told=tell_explanation(about, language()) if about is not None else None,
            platforms=[(one.value, voice.network(one)) for one in (report.platforms if report else ())],
            metrics=[(one.value, say_metric(one, voice)) for one in CORRECTABLE],
            refusal=refusal.slug if refusal else None,
            most=WRITTEN_MOST,
        )
