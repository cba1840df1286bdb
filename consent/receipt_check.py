"""Checking a receipt offline: its signature, the entry it names, and that both say the same.

    signature  ->  form  ->  entry under the signed root  ->  the entry records this very decision

Checked by its own keys a receipt shows that it was not altered; checked by the published ones, by whom it
was made.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.entry import Entry
from audit.errors import SignatureInvalid
from audit.evidence import REFUSALS, check_evidence
from audit.jws import PublicKey, open_jws
from consent.dpv import PROFILE, STATES
from consent.errors import ReceiptInvalid
from consent.receipt_document import KIND, instant
from consent.record import Decision

_DECISIONS = {state: decision for decision, state in STATES.items()}


@dataclass(frozen=True)
class CheckedReceipt:
    """What a receipt that holds says.

    notice: version, language and digest of the words. reference: how the log names the person.
    entry: None where the receipt names none (an old decision).
    size: of the checkpoint that covers the entry, None where none does yet.
    """

    document: Mapping[str, Any]
    kid: str
    scope: str
    decision: Decision
    decided_at: datetime
    notice: str
    reference: str
    entry: Entry | None
    index: int | None
    size: int | None


def check_receipt(
    token: str,
    published: Iterable[PublicKey] | None = None,
    log_key: str | Collection[str] | None = None,
) -> CheckedReceipt:
    """Check a receipt offline.

    Args:
        published: the service's receipt keys; without them the receipt's own is used.
        log_key: the log's verifier key as published, or those of every log; without it the receipt's own.

    Raises:
        ReceiptInvalid: with what does not hold.
    """
    try:
        opened = open_jws("".join(token.split()), KIND, published)
    except SignatureInvalid as flaw:
        raise ReceiptInvalid(flaw.said) from None
    document = _document(opened.payload)
    checked = _read(document, opened.key.kid, log_key)
    if checked.entry is not None and not _is_recorded(checked, checked.entry):
        raise ReceiptInvalid("its log entry records something else")
    return checked


def _document(payload: bytes) -> dict[str, Any]:
    try:
        document = json.loads(payload)
        is_receipt = document["dct:conformsTo"] == PROFILE and "log" in document
    except (ValueError, KeyError, TypeError, RecursionError):
        is_receipt = False
    if not is_receipt:
        raise ReceiptInvalid("it is not in the form of a receipt")
    return dict(document)


def _read(document: Mapping[str, Any], kid: str, log_key: str | Collection[str] | None) -> CheckedReceipt:
    try:
        shown = check_evidence(document["log"], log_key) if document["log"] is not None else None
    except REFUSALS as refusal:
        raise ReceiptInvalid(f"its place in the log: {refusal.title.lower()}") from None
    try:
        record = document["dpv:hasRecordOfActivity"]
        words = record["dpv:hasNotice"]
        (event,) = record["dpv:hasConsentStatus"]
        return CheckedReceipt(
            document=document,
            kid=kid,
            scope=record["dpv:hasProcess"]["dct:identifier"],
            decision=_DECISIONS[event["@type"][0]],
            decided_at=datetime.fromisoformat(event["dpv:isIndicatedAtTime"]),
            notice=f"{words['schema:version']}.{words['dct:language']}.{words['kw:sha256']}",
            reference=record["dpv:hasDataSubject"]["dct:identifier"],
            entry=shown.entry if shown else None,
            index=shown.index if shown else None,
            size=shown.size if shown else None,
        )
    except (ValueError, KeyError, TypeError):
        raise ReceiptInvalid("it is not in the form of a receipt") from None


def _is_recorded(said: CheckedReceipt, entry: Entry) -> bool:
    return (
        entry.action == f"consent.{said.decision}"
        and entry.scope == said.scope
        and entry.subject_ref == said.reference
        and entry.notice == said.notice
        and instant(entry.at) == instant(said.decided_at)
    )
