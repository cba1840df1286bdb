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
from app.chart import round_top

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
        "witnesses": _witnesses(said["witnesses"], speaker),
        "plots": [
            one for one in (_growth(said["days"], speaker), _runs(said["verifications"], speaker)) if one
        ],
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
    if said["flaw"]:
        place = speaker.say("flaw.at", index=said["flaw_index"]) if said["flaw_index"] is not None else ""
        return " ".join((speaker.say(f"flaw.{said['flaw']}"), place)).strip()
    if said["violation_count"] is None:
        return ""
    size, count = speaker.number(said["verified_size"]), speaker.number(said["violation_count"])
    judged = speaker.say("audit.state_count", size=size, count=count)
    if said["verified_at"] == said["made_at"]:
        return judged
    moment = speaker.moment(datetime.fromisoformat(said["verified_at"]))
    return " ".join((judged, speaker.say("audit.as_of", moment=moment)))


def _more(said: dict[str, Any], speaker: Speaker) -> str:
    """What is counted and not listed."""
    more = (said["violation_count"] or 0) - len(said["violations"])
    return speaker.say("audit.more_violations", count=speaker.number(more)) if more else ""


def _growth(days: list[dict[str, Any]], speaker: Speaker) -> dict[str, Any] | None:
    """The plot of the log's length and the table that says the same."""
    if not days:
        return None
    say, number = speaker.say, speaker.number
    drawn = _plot(days, ("size",), [one["broken"] > 0 for one in days], speaker)
    first, last = days[0], days[-1]
    since, until = drawn["names"][0], drawn["names"][-1]
    facts = {"first": number(first["size"]), "last": number(last["size"])}
    return {
        **drawn,
        "title": say("audit.growth"),
        "desc": " ".join(
            (say("audit.growth_desc", since=since, until=until, **facts), say("audit.growth_mark"))
        ),
        "columns": [say("audit.day"), say("audit.added"), say("audit.size"), say("audit.violations")],
        "rows": _rows(drawn["names"], days, ("added", "size", "broken"), speaker),
    }


def _runs(runs: list[dict[str, Any]], speaker: Speaker) -> dict[str, Any] | None:
    """The verifier's runs: the log's length, what of it was published, and what was found."""
    if not runs:
        return None
    say, number, last = speaker.say, speaker.number, runs[-1]
    drawn = _plot(runs, ("size", "published"), [one["state"] != "whole" for one in runs], speaker)
    since, until = drawn["names"][0], drawn["names"][-1]
    facts = {"size": number(last["size"]), "published": number(last["published"])}
    rows = _rows(drawn["names"], runs, ("runs", "size", "published", "minutes"), speaker)
    return {
        **drawn,
        "title": say("audit.runs"),
        "desc": " ".join(
            (say("audit.runs_desc", since=since, until=until, **facts), say("audit.runs_legend"))
        ),
        "columns": [
            say("audit.day"),
            say("audit.runs_count"),
            say("audit.size"),
            say("audit.published"),
            say("audit.runs_delay"),
            say("audit.found_state"),
        ],
        "rows": [
            [*row, say(f"audit.found_{one['state']}")] for row, one in zip(rows, reversed(runs), strict=True)
        ],
    }


def _plot(
    days: list[dict[str, Any]], lines: tuple[str, ...], marked: list[bool], speaker: Speaker
) -> dict[str, Any]:
    """Lines over days, as shares of the plot's width and height."""
    start, end = (date.fromisoformat(one["day"]) for one in (days[0], days[-1]))
    span = max(1, (end - start).days)
    most = round_top(max(one[name] for one in days for name in lines))
    across = [(date.fromisoformat(one["day"]) - start).days / span for one in days]
    names = [speaker.day(date.fromisoformat(one["day"])) for one in days]
    heights = [[one[name] / most for one in days] for name in lines]
    return {
        "ticks": [[quarter / 4, speaker.number(most * quarter // 4)] for quarter in range(5)],
        "lines": [[list(point) for point in zip(across, each, strict=True)] for each in heights],
        "marks": [[x, y] for x, y, is_marked in zip(across, heights[0], marked, strict=True) if is_marked],
        "ends": [names[0], names[-1]] if len(days) > 1 else [names[0]],
        "names": names,
    }


def _rows(
    names: list[str], days: list[dict[str, Any]], columns: tuple[str, ...], speaker: Speaker
) -> list[list[str]]:
    """The newest day first."""
    return [
        [name, *(speaker.number(one[column]) for column in columns)]
        for name, one in zip(reversed(names), reversed(days), strict=True)
    ]


def _witnesses(seen: list[dict[str, Any]], speaker: Speaker) -> dict[str, Any]:
    say = speaker.say
    return {
        "title": say("audit.witnesses"),
        "columns": [say("audit.witness"), say("audit.witness_size"), say("audit.witness_at")],
        "rows": [
            [one["name"], speaker.number(one["size"]), speaker.moment(datetime.fromisoformat(one["at"]))]
            if one["at"]
            else [one["name"], "–", say("audit.witness_never")]
            for one in seen
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
