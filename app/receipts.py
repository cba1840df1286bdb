"""Receipts at the web's door: their keys, their files, and what is answered to who presents one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.transaction import House
from audit.log import subject_reference
from audit.receipts import LogReceipt, receipts_about
from consent.receipt import Receipt
from consent.receipt_document import Issuer
from consent.receipt_key import key_set, published_keys
from consent.receipt_match import MOST, Match, match_receipt
from vault.desk import Vault

FILE_TYPE = "application/jose"  # RFC 7515 section 9.2.1, the compact form


def file_name(receipt: Receipt) -> str:
    """A name that says which decision, and nothing about anybody."""
    record = receipt.record
    scope = str(record.scope).replace("/", "-")
    return f"klarwert-receipt-{scope}-{record.number}.jws"


def own_log_receipts(vault: Vault, subject_id: UUID, issuer: Issuer) -> list[LogReceipt]:
    """The log's entries of a person's acts with their proofs, newest first, at most 200."""
    reference = subject_reference(vault, subject_id)
    return list(receipts_about(vault.connection, reference, issuer.checkpoint, issuer.log_key))[
        : -MOST - 1 : -1
    ]


def receipt_keys(house: House) -> dict[str, Any]:
    """Every key that ever signed receipts, as a JWKS."""
    with house.open_reading_vault("system") as vault:
        return key_set(published_keys(vault))


def _closed(evidence: Mapping[str, Any], log_key: str) -> dict[str, Any]:
    """The checkpoint and key of an entry in a log that was closed; null in the one that goes on."""
    is_closed = evidence["key"] != log_key
    return {
        "closed_checkpoint": evidence["checkpoint"] if is_closed else None,
        "closed_key": evidence["key"] if is_closed else None,
    }


def match_of(house: House, token: str) -> Match:
    """What the log holds about the bearer of a receipt.

    Raises:
        ReceiptUnmatched: it matches nothing here.
    """
    issuer = house.issuer()
    with house.open_reading_vault("system") as vault:
        return match_receipt(vault, token, issuer)


def match_to_json(match: Match, log_key: str) -> dict[str, Any]:
    """The answer as programs and people keep it; one checkpoint covers every entry of the present log."""
    present = [found.evidence for found in match.entries if found.evidence["key"] == log_key]
    covered = [evidence["checkpoint"] for evidence in present if evidence["covered"]]
    return {
        "scope": match.receipt.scope,
        "decision": str(match.receipt.decision),
        "decided_at": match.receipt.decided_at.isoformat(),
        "reference": match.receipt.reference,
        "is_erased": match.is_erased,
        "left_off": match.left_off,
        "entries": [
            {
                "index": found.index,
                "entry": found.evidence["entry"],
                "covered": found.evidence["covered"],
                "proof": found.evidence.get("proof", []),
                **_closed(found.evidence, log_key),
            }
            for found in match.entries
        ],
        "checkpoint": covered[0] if covered else None,
        "log_key": log_key,
    }
