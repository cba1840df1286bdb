"""What a run of the verifier found, as text that can be kept: its violations, without a reference; pure."""

import json
from datetime import datetime
from typing import Any

from app.audit_room_health import State, Verified
from audit.errors import Flaw
from audit.verify import VerifyReport
from audit.violation import Rule, Violation, Wrong

SOMEBODY = ""  # in place of a reference: the violation is about somebody, whose reference its entry has


def to_text(verified: Verified) -> str:
    """What was found, as JSON."""
    report = verified.report
    return json.dumps(
        {
            "flaw": verified.flaw and str(verified.flaw),
            "index": verified.index,
            "report": None if report is None else _record(report),
        }
    )


def from_text(text: str, state: State, made_at: datetime) -> Verified:
    """What was found, as of when it was."""
    said = json.loads(text)
    report = None if said["report"] is None else _report(said["report"])
    return Verified(state, report, said["flaw"] and Flaw(said["flaw"]), said["index"], made_at)


def _record(report: VerifyReport) -> dict[str, Any]:
    return {
        "origin": report.origin,
        "size": report.size,
        "root": report.root,
        "minimum": report.minimum,
        "violation_count": report.violation_count,
        "violations": [
            {
                "rule": str(one.rule),
                "index": one.index,
                "wrong": str(one.wrong),
                "facts": dict(one.facts),
                "earlier": list(one.earlier),
                "is_about": one.reference is not None,
            }
            for one in report.violations
        ],
    }


def _report(said: dict[str, Any]) -> VerifyReport:
    return VerifyReport(
        origin=said["origin"],
        size=said["size"],
        root=said["root"],
        key_is_pinned=True,
        since_size=None,
        forms_checked=True,
        violation_count=said["violation_count"],
        violations=tuple(_violation(one) for one in said["violations"]),
        minimum=said["minimum"],
    )


def _violation(said: dict[str, Any]) -> Violation:
    return Violation(
        Rule(said["rule"]),
        said["index"],
        Wrong(said["wrong"]),
        said["facts"],
        tuple(said["earlier"]),
        SOMEBODY if said["is_about"] else None,
    )
