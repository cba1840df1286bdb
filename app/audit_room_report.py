"""The auditor's report: what the room shows, without references, as a signed document.

A compact JWS (audit/jws.py) under a key derived for this kind alone; its payload is JSON. Whoever holds the
log checks it again by themselves: the report names the checkpoint it was made under.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.audit_room_figures import ComplianceFigures, Figure
from app.audit_room_health import Health
from audit.jws import JwsSigner
from audit.violation import Violation
from vault.envelope import expand

KIND = "audit-report+jws"
CONTENT_TYPE = "application/json"
LISTED = 100  # so many violations are listed; all are counted
DAYS = 90


def report_signer(seed: bytes) -> JwsSigner:
    """Who signs reports; derived, so that no other document can pass for one."""
    return JwsSigner(KIND, expand(seed, b"klarwert/audit-report/v1"))


def report(health: Health, found: ComplianceFigures, checkpoint: str | None, now: datetime) -> dict[str, Any]:
    """What a report says; without a reference of anybody."""
    verified = health.verified
    violations = verified.report.violations if verified.report else ()
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "origin": health.origin,
        "size": health.size,
        "covered": health.covered,
        "checkpoint": checkpoint,
        "state": str(verified.state),
        "flaw": verified.detail,
        "violation_count": verified.report.violation_count if verified.report else None,
        "violations": _listed(violations),
        "days": [
            {"day": str(one.day), "added": one.added, "size": one.size, "broken": one.broken}
            for one in health.days[-DAYS:]
        ],
        "done": _said(found.done),
        "answered_within": _said(found.took),
    }


def signed(document: dict[str, Any], signer: JwsSigner) -> str:
    """The token of a report."""
    return signer.sign(json.dumps(document, sort_keys=True).encode(), CONTENT_TYPE)


def _listed(violations: Sequence[Violation]) -> list[dict[str, Any]]:
    return [
        {"rule": str(one.rule), "index": one.index, "earlier": list(one.earlier), "said": one.said}
        for one in violations[:LISTED]
    ]


def _said(figures: Sequence[Figure]) -> dict[str, str]:
    return {str(one.name): one.said for one in figures}
