"""What the log holds about the bearer of a receipt, also once their account is gone (GDPR Art. 11(2), 15).

After an erasure nobody here can say who a reference belonged to. Whoever holds a receipt can: it names the
reference and carries our signature. They get every entry about it and the receipt's scope, and the erasure,
each with a present proof. Nothing is stored of the question, and whatever does not match is answered alike.
"""

from dataclasses import dataclass
from typing import Any

from audit.entry import Action, Entry, canonical, parse
from audit.evidence import evidence
from audit.stored import HeldEntry, closed_keys, held_about
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
        said = check_receipt(token, published_keys(vault), (issuer.log_key, *closed_keys(vault.connection)))
    except ReceiptInvalid:
        raise ReceiptUnmatched from None
    reference = bytes.fromhex(said.reference)
    about = [(found, parse(found.body)) for found in held_about(vault.connection, reference)]
    held = [one for one in about if _concerns(one[1], said.scope)]
    if not held or (said.entry is not None and not _holds(held, said)):
        raise ReceiptUnmatched
    shown = tuple(
        FoundEntry(entry, found.index, evidence(found, issuer.checkpoint, issuer.log_key))
        for found, entry in held[-MOST:]
    )
    is_erased = any(entry.action is Action.ACCOUNT_ERASED for _, entry in about)
    return Match(said, shown, len(held) - len(shown), is_erased)


def _concerns(entry: Entry, scope: str) -> bool:
    return entry.scope == scope or entry.action is Action.ACCOUNT_ERASED


def _holds(held: list[tuple[HeldEntry, Entry]], said: CheckedReceipt) -> bool:
    return any(
        found.index == said.index and said.entry is not None and found.body == canonical(said.entry)
        for found, _ in held
    )
