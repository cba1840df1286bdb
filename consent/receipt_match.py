"""What the log holds about the bearer of a receipt, also once their account is gone (GDPR Art. 11(2), 15).

After an erasure nobody here can say who a reference belonged to. Whoever holds a receipt can: it names the
reference and carries our signature. They get every entry about it and the receipt's scope, and the erasure,
each with a present proof. Nothing is stored of the question, and whatever does not match is answered alike.
"""

from dataclasses import dataclass
from typing import Any

from audit.entry import Action, Entry, canonical, parse
from audit.evidence import evidence
from audit.log import StoredLog
from consent.errors import ReceiptInvalid, ReceiptUnmatched
from consent.receipt_check import CheckedReceipt, check_receipt
from consent.receipt_document import Issuer
from consent.receipt_key import published_keys
from vault.desk import Vault

MOST = 200  # entries answered with, the newest; a proof of each is about a kilobyte


@dataclass(frozen=True)
class FoundEntry:
    """One entry of the log with the evidence for it (audit/evidence.py)."""

    entry: Entry
    index: int
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Match:
    """What a receipt says and what the log holds of it; `left_off` entries are older than those shown."""

    receipt: CheckedReceipt
    entries: tuple[FoundEntry, ...]
    left_off: int
    is_erased: bool


def match_receipt(vault: Vault, token: str, issuer: Issuer) -> Match:
    """The entries about the bearer of a receipt of ours.

    Raises:
        ReceiptUnmatched: it is not one of ours, was altered, or the log does not hold what it names.
    """
    try:
        said = check_receipt(token, published_keys(vault), issuer.log_key)
    except ReceiptInvalid:
        raise ReceiptUnmatched from None
    log = StoredLog(vault.connection)
    about = [(index, body, parse(body)) for index, body in log.about(bytes.fromhex(said.reference))]
    held = [found for found in about if _concerns(found[2], said.scope)]
    if not held or (said.entry is not None and not _holds(held, said)):
        raise ReceiptUnmatched
    shown = tuple(
        FoundEntry(entry, index, evidence(log, index, body, issuer.checkpoint, issuer.log_key))
        for index, body, entry in held[-MOST:]
    )
    is_erased = any(entry.action is Action.ACCOUNT_ERASED for _, _, entry in about)
    return Match(said, shown, len(held) - len(shown), is_erased)


def _concerns(entry: Entry, scope: str) -> bool:
    return entry.scope == scope or entry.action is Action.ACCOUNT_ERASED


def _holds(held: list[tuple[int, bytes, Entry]], said: CheckedReceipt) -> bool:
    return any(
        index == said.index and said.entry is not None and body == canonical(said.entry)
        for index, body, _ in held
    )
