"""The auditor's room at /audit: the log, read by who checks it and answers to nobody who runs it.

    role auditor  ->  password within ten minutes  ->  look noted and committed  ->  entries read

Each look is an entry of the log itself, committed before anything is shown. These pages hand a reader of the
log to app/audit_room*.py and open no table of people (tests/architecture/test_audit_room.py).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.audit_room import SCOPE, Evidence, Life, Look, Reason, Room, Search
from app.audit_room_figures import ComplianceFigures, Figure, figures
from app.audit_room_health import DAYS, WITHIN, Health, State, Verified, health, verify
from app.audit_room_pdf import as_pdf
from app.audit_room_report import LISTED, Rows, bundled, report, report_signer
from app.audit_room_tally import Tally
from app.audit_room_words import Speaker
from app.chart import Bars, bars, height_of, round_top, steps
from app.current import house
from app.forms import Form, read_form, require_form
from app.language import day, language, number, say
from app.pages.staff import ROOMS, View, for_staff, on_duty, require_fresh_staff
from app.publishing import publication, witnesses
from app.staff import StaffRole
from app.verifying import Verifier, find_last, keep_run, promises, verified_days
from audit.entry import Action, Outcome
from audit.errors import CheckpointInvalid
from audit.log import append
from audit.stored import StoredLog
from audit.violation import Rule, Violation

pages = Blueprint("audit_room", __name__)
keys = Blueprint("audit_keys", __name__)
ROOMS[StaffRole.AUDITOR].append(("audit_room.show", "audit"))


@dataclass
class Opened:
    """The room as it stands at one look; verified: what the verifier said, if it was asked."""

    log: StoredLog
    room: Room
    now: datetime
    note: str | None
    verified: Verified | None = None

    @property
    def covered(self) -> int:
        """So many entries the last checkpoint covers; none where it is not signed by this log's key."""
        try:
            return house().high_water.open(self.note).size if self.note is not None else 0
        except CheckpointInvalid:  # which the verifier says aloud
            return 0

    def verify(self) -> Verified:
        within: int = current_app.config.get("AUDIT_WITHIN", WITHIN)
        found = verify(self.log, self.note, house().log_key, promises(house()), within)
        self.verified = (find_last(house()) or found) if found.state is State.OFFLINE else found
        return self.verified

    def health(self) -> Health:
        return health(self.room, self.log.origin, self.covered, self.now, self.verify())


class SearchForm(Schema):
    """What is looked for; an empty field asks for anything."""

    class Meta:
        """A language may stand in the address too."""

        unknown = EXCLUDE

    action = fields.Enum(Action, by_value=True, load_default=None)
    scope = fields.String(load_default="", validate=validate.Regexp(SCOPE))
    outcome = fields.Enum(Outcome, by_value=True, load_default=None)
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1_000_000))


class LifeForm(Form):
    """Whose entries, by keyed reference or by one entry about them, and why."""

    reference = fields.String(load_default="", validate=validate.Regexp(r"^([0-9a-f]{64})?\Z"))
    entry = fields.Integer(load_default=None, validate=validate.Range(0, 1 << 53))
    reason = fields.Enum(Reason, by_value=True, required=True)


class SampleForm(Form):
    """Why samples are drawn."""

    reason = fields.Enum(Reason, by_value=True, required=True)


class ReportForm(Form):
    """A button."""


def for_auditor(view: View) -> View:
    """A view for the auditor alone, who gave the password within ten minutes."""

    @wraps(view)
    def guarded(*args: Any, **named: Any) -> ResponseReturnValue:
        require_fresh_staff()
        return view(*args, **named)

    return for_staff(StaffRole.AUDITOR)(guarded)


@contextmanager
def looking(look: Look, reason: Reason | None = None, whose: str | None = None) -> Iterator[Opened]:
    """The room, once the log holds that it was opened, and on whose entries."""
    reference = bytes.fromhex(whose) if whose else None
    with house().open_vault("auditor", on_duty().alias) as vault:
        append(vault, Action.AUDIT_LOOKED, reference=reference, scope=look.scope(reason))
    note = house().high_water.read()  # before the entries: what it covers is then among them
    with _room() as (log, room, now):
        opened = Opened(log, room, now, note)
        yield opened
    if opened.verified is not None:
        keep_run(house(), opened.verified, Verifier.ROOM)


@contextmanager
def _room() -> Iterator[tuple[StoredLog, Room, datetime]]:
    with house().open_reading_vault("auditor", on_duty().alias) as vault:
        log = StoredLog(vault.session)
        yield log, Room(log, log.size, _tally()), vault.now()


@pages.get("/audit")
@for_auditor
def show() -> ResponseReturnValue:
    with looking(Look.HEALTH) as opened:
        found = opened.health()
    facts = {"health": found, "outside": publication(house()), "witnesses": witnesses(house())}
    return render_template("audit.html", look="health", **facts, **_growth(found), **_runs())


@pages.get("/audit/entries")
@for_auditor
def search() -> ResponseReturnValue:
    asked, unusable = _asked()
    page = asked.pop("page", 1)
    with looking(Look.SEARCH) as opened:
        room = opened.room
        found = room.search(Search(**asked), page) if not unusable else None
    shown = {name: str(value) for name, value in asked.items() if value}
    answer = render_template(
        "audit-entries.html",
        look="search",
        found=found,
        room=room,
        asked=shown,
        unusable=unusable,
        actions=list(Action),
        outcomes=list(Outcome),
    )
    return answer, 422 if unusable else 200


@pages.get("/audit/life")
@for_auditor
def ask_life() -> ResponseReturnValue:
    entry = request.args.get("entry", "")
    return _life_form(entry if entry.isdecimal() else "")


@pages.post("/audit/life")
@for_auditor
def show_life() -> ResponseReturnValue:
    values, unusable = read_form(LifeForm())
    if unusable or (not values["reference"] and values["entry"] is None):
        return _life_form(request.form.get("entry", ""), unusable or frozenset({"reference"})), 422
    reference = _known(values["reference"], values["entry"])
    with looking(Look.LIFE, values["reason"], reference) as opened:
        life = opened.room.life(reference) if reference else Life((), 0)
        violations = _violations(opened.verify()) if reference else ()
    broken = {one.index: one for one in violations if one.reference == reference}
    facts = {"reference": reference, "life": life, "broken": broken, "room": opened.room}
    return render_template("audit-life.html", look="life", **facts)


def _known(reference: str, entry: int | None) -> str | None:
    """Whose entries are asked for, if the log has any: nobody writes into it what they like by asking."""
    with _room() as (log, room, _):
        if reference:
            return reference if next(log.about(bytes.fromhex(reference)), None) else None
        return room.reference_of(entry) if entry is not None else None


@pages.get("/audit/rules")
@for_auditor
def show_rules() -> ResponseReturnValue:
    with looking(Look.RULES) as opened:
        verified = opened.verify()
    by_rule = {rule: [one for one in _violations(verified) if one.rule is rule] for rule in Rule}
    return render_template("audit-rules.html", look="rules", verified=verified, by_rule=by_rule)


@pages.get("/audit/sample")
@for_auditor
def ask_sample() -> ResponseReturnValue:
    return _sample_page(None)


@pages.post("/audit/sample")
@for_auditor
def show_sample() -> ResponseReturnValue:
    values, unusable = read_form(SampleForm())
    if unusable:
        return _sample_page(None, unusable), 422
    with looking(Look.SAMPLE, values["reason"]) as opened:
        drawn = opened.room.sample()
    return _sample_page(drawn, room=opened.room)


@pages.get("/audit/figures")
@for_auditor
def show_figures() -> ResponseReturnValue:
    with looking(Look.FIGURES) as opened:
        found = figures(opened.room.told)
    return render_template(
        "audit-figures.html", look="figures", found=found, room=opened.room, **_charts(found)
    )


@pages.get("/audit/report")
@for_auditor
def show_report() -> ResponseReturnValue:
    with looking(Look.REPORT) as opened:
        found, done = opened.health(), figures(opened.room.told)
    facts = {
        "health": found,
        "found": done,
        "now": opened.now,
        "violations": _violations(found.verified),
        "listed": LISTED,
    }
    return render_template("audit-report.html", look="report", **facts, **_growth(found), **_charts(done))


@pages.post("/audit/report")
@for_auditor
def sign_report() -> ResponseReturnValue:
    require_form(ReportForm())
    with looking(Look.REPORT) as opened:
        said = report(opened.health(), figures(opened.room.told), opened.note, opened.now, _over_time())
    pdf = as_pdf(said, _speaker())
    name = f"audit-report-{opened.now:%Y-%m-%d}.zip"
    return Response(
        bundled(said, pdf, language().value, report_signer(house().keys.receipt)),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@keys.get("/.well-known/audit-keys.json")
def show_keys() -> ResponseReturnValue:
    """The key of reports, where whoever got one looks for it."""
    key = report_signer(house().keys.receipt).public.jwk()
    return Response(json.dumps({"keys": [key]}), mimetype="application/jwk-set+json")


def _asked() -> tuple[dict[str, Any], frozenset[str]]:
    sent = {name: value for name, value in request.args.items() if value}
    try:
        return dict(SearchForm().load(sent)), frozenset()
    except ValidationError as error:
        return {}, frozenset(error.messages_dict)


def _life_form(entry: str, unusable: frozenset[str] = frozenset()) -> str:
    return render_template(
        "audit-life-ask.html", look="life", entry=entry, unusable=unusable, reasons=list(Reason)
    )


def _sample_page(
    drawn: tuple[Evidence, ...] | None, unusable: frozenset[str] = frozenset(), room: Room | None = None
) -> str:
    return render_template(
        "audit-sample.html", look="sample", room=room, drawn=drawn, unusable=unusable, reasons=list(Reason)
    )


@pages.app_template_global("violation_said")
def _sentence(one: Violation) -> str:
    return _speaker().violation(one.index, one.wrong, one.facts)


def _speaker() -> Speaker:
    return Speaker(language().value, say, number, day)


def _tally() -> Tally:
    """What this process has counted so far."""
    kept: Tally = current_app.extensions.setdefault("audit_tally", Tally())
    return kept


def _violations(verified: Verified) -> tuple[Violation, ...]:
    return verified.report.violations if verified.report else ()


def _growth(found: Health) -> dict[str, Any]:
    """The plot of the log's length, its table's rows, and where its scale ends."""
    days = found.days[-DAYS:]
    most = round_top(max((one.size for one in days), default=0))
    drawn = steps([(one.began_at, one.size) for one in days], most)
    return {"days": days, "growth": drawn, "most": most, "height_of": height_of}


def _runs() -> dict[str, Any]:
    """What the verifier said over time: plots of sizes and of the delay, and their table's rows."""
    runs = verified_days(house())
    most = round_top(max((one.size for one in runs), default=0))
    minutes = [int(one.delay.total_seconds() // 60) for one in runs]
    longest = round_top(max(minutes, default=0))
    return {
        "runs": runs,
        "runs_most": most,
        "sizes": steps([(one.at, one.size) for one in runs], most),
        "published": steps([(one.at, one.published_size) for one in runs], most),
        "minutes": minutes,
        "minutes_most": longest,
        "delays": steps([(one.at, waited) for one, waited in zip(runs, minutes, strict=True)], longest),
    }


def _over_time() -> dict[str, Rows]:
    """Witnesses and runs, as the report has them."""
    seen = [
        {"name": one.name, "size": one.size, "at": one.at and one.at.isoformat(), "problem": one.problem}
        for one in witnesses(house())
    ]
    runs = [
        {
            "day": str(one.day),
            "runs": one.runs,
            "size": one.size,
            "published": one.published_size,
            "minutes": int(one.delay.total_seconds() // 60),
            "state": str(one.state),
            "violations": one.violation_count,
        }
        for one in verified_days(house())
    ]
    return {"witnesses": seen, "verifications": runs}


def _charts(found: ComplianceFigures) -> dict[str, Any]:
    return {"done_chart": _bars(found.done), "took_chart": _bars(found.took)}


def _bars(told: Sequence[Figure]) -> Bars:
    most = max([1, *(one.tens for one in told)])
    return bars([((one.tens,), most) for one in told])
