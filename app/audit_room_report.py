"""The auditor's report: what the room shows, without references, signed, for people and for programs.

    report.zip  =  report.pdf | report.json | report.jws
    report.jws  =  JWS (audit/jws.py) whose payload is report.json; this names the SHA-256 of report.pdf

One signature holds both, under a key derived for this kind alone. Whoever holds the log checks it again by
themselves: the report names the checkpoint it was made under. How the PDF looks: audit_room_pdf.py.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit_room_figures import ComplianceFigures, Figure
from app.audit_room_health import DAYS, Health
from audit.errors import SignatureInvalid
from audit.jws import JwsSigner, PublicKey, open_jws
from audit.violation import Rule, Violation
from vault.envelope import expand

KIND = "audit-report+jws"
CONTENT_TYPE = "application/json"
Rows = Sequence[Mapping[str, Any]]
LISTED = 40  # so many violations are listed, all are counted: a token is at most 64 KiB (audit/jws.py)
PDF_NAME, JSON_NAME, TOKEN_NAME = "report.pdf", "report.json", "report.jws"
_MOST_BYTES = 16 << 20  # of one file of a report that is checked


@dataclass(frozen=True)
class CheckedReport:
    """A report whose signature holds, and the key that made it."""

    said: dict[str, Any]
    key: PublicKey


def report_signer(seed: bytes) -> JwsSigner:
    """Who signs reports; derived, so that no other document can pass for one."""
    return JwsSigner(KIND, expand(seed, b"klarwert/audit-report/v1"))


def report(
    health: Health,
    found: ComplianceFigures,
    checkpoint: str | None,
    now: datetime,
    over_time: Mapping[str, Rows],
) -> dict[str, Any]:
    """What a report says; without a reference of anybody.

    Args:
        over_time: `witnesses` and `verifications`, as rows.
    """
    verified = health.verified
    violations = verified.report.violations if verified.report else ()
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "origin": health.origin,
        "size": health.size,
        "covered": health.covered,
        "checkpoint": checkpoint,
        "state": str(verified.state),
        "verified_at": (verified.as_of or now).isoformat(timespec="seconds"),
        "verified_size": verified.report.size if verified.report else None,
        "flaw": verified.flaw and str(verified.flaw),
        "flaw_index": verified.index,
        "violation_count": verified.report.violation_count if verified.report else None,
        "violations": _listed(violations),
        "rules": _by_rule(violations) if verified.report else None,
        "days": [
            {"day": str(one.day), "added": one.added, "size": one.size, "broken": one.broken}
            for one in health.days[-DAYS:]
        ],
        "done": _said(found.done),
        "answered_within": _said(found.took),
        **over_time,
    }


def bundled(said: dict[str, Any], pdf: bytes, language: str, signer: JwsSigner) -> bytes:
    """A report with its PDF and the signature that holds both, as one file."""
    named = {"file": PDF_NAME, "language": language, "sha256": hashlib.sha256(pdf).hexdigest()}
    payload = json.dumps({**said, "pdf": named}, sort_keys=True).encode()
    token = signer.sign(payload, CONTENT_TYPE) + "\n"
    made_at = datetime.fromisoformat(said["made_at"])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in ((PDF_NAME, pdf), (JSON_NAME, payload), (TOKEN_NAME, token.encode())):
            file.writestr(zipfile.ZipInfo(name, made_at.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def check_report(bundle: bytes, published: Iterable[PublicKey] | None = None) -> CheckedReport:
    """What a report says, once its signature holds every file of it.

    Raises:
        SignatureInvalid: with what does not hold.
    """
    pdf, text, token = _files(bundle)
    opened = open_jws(token.decode("ascii", "replace").strip(), KIND, published)
    said = json.loads(opened.payload)
    if text != opened.payload or hashlib.sha256(pdf).hexdigest() != said["pdf"]["sha256"]:
        raise SignatureInvalid("file")
    return CheckedReport(said, opened.key)


def _files(bundle: bytes) -> tuple[bytes, bytes, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as file:
            names = [one.filename for one in file.infolist()]
            if names != [PDF_NAME, JSON_NAME, TOKEN_NAME]:
                raise SignatureInvalid("form")
            pdf, text, token = (file.open(name).read(_MOST_BYTES) for name in names)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, zlib.error):
        raise SignatureInvalid("form") from None
    return pdf, text, token


def _listed(violations: Sequence[Violation]) -> list[dict[str, Any]]:
    return [
        {
            "rule": str(one.rule),
            "index": one.index,
            "earlier": list(one.earlier),
            "wrong": str(one.wrong),
            "facts": dict(one.facts),
            "said": one.said,
        }
        for one in violations[:LISTED]
    ]


def _by_rule(violations: Sequence[Violation]) -> dict[str, int]:
    """How often each rule is broken, among the violations that the verifier lists."""
    counts = Counter(one.rule for one in violations)
    return {str(rule): counts[rule] for rule in Rule}


def _said(figures: Sequence[Figure]) -> dict[str, str]:
    return {str(one.name): one.said for one in figures}
