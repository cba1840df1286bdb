"""The report as a PDF: the same facts as the signed JSON, in the words of one language.

    facts of the report  +  words  ->  strings and numbers  ->  audit-report.typ  ->  PDF/A-2a, PDF/UA-1

Typst sets it, loaded here and only when a report is made; it reads nothing but the template and the value, no
font of the machine, no network, and the report's own instant is its only time: the same report gives the same
bytes. The value is data to the template and never its source.
"""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.audit_room_words import Speaker

TEMPLATE = Path(__file__).parent / "templates" / "audit-report.typ"
FIGURES = (
    ("done", "audit.figures_done", "audit.count_"),
    ("answered_within", "audit.figures_took", "audit.took_"),
)


def as_pdf(said: dict[str, Any], speaker: Speaker) -> bytes:
    """The PDF of a report."""
    import typst

    return typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        sys_inputs={"report": json.dumps(_told(said, speaker))},
        ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime.fromisoformat(said["made_at"]),
    )


def _told(said: dict[str, Any], speaker: Speaker) -> dict[str, Any]:
    """Everything that stands in the PDF, in its order."""
    say = speaker.say
    return {
        "lang": speaker.language,
        "title": say("audit.report_title"),
        "head": _head(said, speaker),
        "is_whole": said["state"] == "whole",
        "state": say(f"audit.state_{said['state']}"),
        "judged": _judged(said, speaker),
        "flaw": said["flaw"],  # the verifier's own words, which are English
        "growth": _growth(said["days"], speaker),
        "figures": [_bars(said[part], title, prefix, speaker) for part, title, prefix in FIGURES],
        "figures_lead": say("audit.figures_lead"),
        "violations": {
            "title": say("audit.violations"),
            "none": say("audit.report_unjudged") if said["rules"] is None else say("audit.report_none"),
            "columns": [say("audit.report_rule"), say("audit.report_what")],
            "more": _more(said, speaker),
            "rows": [
                [one["rule"], speaker.violation(one["index"], one["wrong"], one["facts"])]
                for one in said["violations"]
            ],
        },
        "rules": _rules(said, speaker),
        "checkpoint": {"title": say("audit.report_checkpoint"), "text": said["checkpoint"] or ""},
        "check": say("audit.report_pdf_check"),
    }


def _head(said: dict[str, Any], speaker: Speaker) -> list[list[str]]:
    say = speaker.say
    return [
        [say("audit.origin"), said["origin"]],
        [say("audit.report_made"), speaker.moment(datetime.fromisoformat(said["made_at"]))],
        [say("audit.size"), speaker.number(said["size"])],
        [say("audit.covered"), speaker.number(said["covered"])],
        [say("audit.report_language"), say("audit.report_language_name")],
    ]


def _judged(said: dict[str, Any], speaker: Speaker) -> str:
    if said["violation_count"] is None:
        return ""
    size, count = speaker.number(said["covered"]), speaker.number(said["violation_count"])
    return speaker.say("audit.state_count", size=size, count=count)


def _more(said: dict[str, Any], speaker: Speaker) -> str:
    """What is counted and not listed."""
    more = (said["violation_count"] or 0) - len(said["violations"])
    return speaker.say("audit.more_violations", count=speaker.number(more)) if more else ""


def _growth(days: list[dict[str, Any]], speaker: Speaker) -> dict[str, Any] | None:
    """The plot of the log's length and the table that says the same."""
    if not days:
        return None
    say, first, last = speaker.say, days[0], days[-1]
    names = {id(one): speaker.day(date.fromisoformat(one["day"])) for one in days}
    start = date.fromisoformat(first["day"])
    span = max(1, (date.fromisoformat(last["day"]) - start).days)
    most = 4 * max(1, -(-max(one["size"] for one in days) // 4))
    desc = say(
        "audit.growth_desc",
        first=speaker.number(first["size"]),
        since=names[id(first)],
        last=speaker.number(last["size"]),
        until=names[id(last)],
    )
    return {
        "title": say("audit.growth"),
        "desc": " ".join((desc, say("audit.growth_mark"))),
        "columns": [say("audit.day"), say("audit.added"), say("audit.size"), say("audit.violations")],
        "ticks": [[quarter / 4, speaker.number(most * quarter // 4)] for quarter in range(5)],
        "points": [
            [(date.fromisoformat(one["day"]) - start).days / span, one["size"] / most, one["broken"] > 0]
            for one in days
        ],
        "ends": [names[id(first)], names[id(last)]] if len(days) > 1 else [names[id(first)]],
        "rows": [
            [names[id(one)], *(speaker.number(one[what]) for what in ("added", "size", "broken"))]
            for one in reversed(days)
        ],
    }


def _bars(told: dict[str, str], title: str, prefix: str, speaker: Speaker) -> dict[str, Any]:
    say = speaker.say
    lengths = {name: int(count) if count.isdecimal() else 0 for name, count in told.items()}
    most = max([1, *lengths.values()])
    rows = [[say(f"{prefix}{name}"), count, lengths[name] / most] for name, count in told.items()]
    return {
        "title": say(title),
        "desc": " ".join(f"{name}: {count}." for name, count, _ in rows),
        "columns": [say("audit.what"), say("audit.count")],
        "rows": rows,
    }


def _rules(said: dict[str, Any], speaker: Speaker) -> dict[str, Any]:
    say, counts = speaker.say, said["rules"] or {}
    return {
        "title": say("audit.headline_rules"),
        "lead": say("audit.rules_lead"),
        "columns": [say("audit.report_rule"), say("audit.report_holds"), say("audit.violations")],
        "rows": [[rule, say(f"audit.rule_{rule}"), speaker.number(count)] for rule, count in counts.items()],
    }
