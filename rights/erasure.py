"""Erasure: everything about a person goes, at once, and they get a certificate (GDPR Art. 17).

    lock  ->  log entry  ->  rows deleted  ->  order to destroy every key  ->  commit

is the step that counts; what comes before and after it, and how all of it survives a crash: erasure_saga.py.

What stays is said beforehand, with its reason. The certificate carries the log entry with a proof that
the signed log holds it, so it can be checked without us; it names nobody.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audit.checkpoint import NoteSigner, NoteVerifier, open_checkpoint, open_text, sign_text
from audit.entry import Action, parse
from audit.log import append
from audit.merkle import leaf_hash, verify_inclusion
from audit.proof import LogProof
from audit.prune import LOG_YEARS
from consent.disclosure import known_to
from consent.purpose import ACCOUNT
from rights.erasure_scan import Scan
from vault.desk import Vault
from vault.destruction import order_destruction
from vault.errors import DomainError
from vault.holding import Fate
from vault.holdings import count_rows, data_tables, delete_rows, holding_of
from vault.subject import lock_subject

KIND = "klarwert/erasure-certificate/v1"


class CertificateInvalid(DomainError):
    """A certificate was altered, is not one, or does not fit the log it names."""

    slug = "certificate-invalid"
    title = "Certificate does not hold"

    def __init__(self, what: str) -> None:
        super().__init__(f"The certificate does not hold: {what}.")


@dataclass(frozen=True)
class HeldPart:
    """What one table holds about a person and erasure deletes."""

    what: str
    table: str
    rows: int


@dataclass(frozen=True)
class KeptPart:
    """What erasure leaves, why, and until when; `ends_on` where that is a day."""

    what: str
    table: str
    because: str
    retained: str
    ends_on: date | None = None


@dataclass(frozen=True)
class ErasurePreview:
    """What would go, what would stay, and who would be told to erase theirs."""

    deleted: tuple[HeldPart, ...]
    kept: tuple[KeptPart, ...]
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErasureReport:
    """What went; `entry` is the log entry that says so.

    told: the recipients who were sent a notice, by name.
    scan: what a search found afterwards. backups_until: when the last backup ends that may hold the person.
    """

    erased_at: datetime
    deleted: tuple[HeldPart, ...]
    kept: tuple[KeptPart, ...]
    entry: bytes
    told: tuple[str, ...] = ()
    scan: Scan | None = None
    backups_until: date | None = None


@dataclass(frozen=True)
class LoggedAt:
    """Where the log holds an entry, and the proof of it."""

    index: int
    proof: Sequence[bytes]
    checkpoint: str


def preview(vault: Vault, subject_id: UUID) -> ErasurePreview:
    """What erasing this account would delete and keep, and who would be told."""
    counts = count_rows(vault, subject_id) | vault.keystore.count_rows(subject_id)
    deleted = tuple(
        HeldPart(holding_of(table).what, table.__tablename__, rows)
        for table, rows in counts.items()
        if holding_of(table).fate is Fate.DELETED
    )
    told = tuple(known.recipient.name for known in known_to(vault, subject_id))
    return ErasurePreview(deleted, kept_parts(vault.now().date()), told)


def erase(vault: Vault, subject_id: UUID) -> ErasureReport:
    """Delete every row about a subject and order every key destroyed, with the log entry that says so.

    Raises:
        SubjectUnknown: erased before, or never there.

    Source: GDPR Art. 17(1).
    """
    lock_subject(vault, subject_id)
    held = preview(vault, subject_id)
    # The reference in this entry is the last use of the subject's reference key.
    entry = append(
        vault,
        Action.ACCOUNT_ERASED,
        subject_id=subject_id,
        scope=str(ACCOUNT),
        basis="gdpr-17-1",
        counts={"rows": sum(part.rows for part in held.deleted)},
    )
    delete_rows(vault, subject_id)
    order_destruction(vault, subject_id, None)
    vault.checkpoint_wanted = True
    return ErasureReport(vault.now(), held.deleted, held.kept, entry, held.told)


def kept_parts(erased_on: date) -> tuple[KeptPart, ...]:
    """What stays after an erasure of that day."""
    parts: dict[str, KeptPart] = {}
    for table in data_tables():
        holding = holding_of(table)
        if holding.kept_because is not None:
            name = table.__tablename__
            ends_on = date(erased_on.year + LOG_YEARS, 12, 31) if name.startswith("log_") else None
            parts[holding.what] = KeptPart(
                holding.what, name, holding.kept_because, holding.retained, ends_on
            )
    return tuple(parts.values())


def certificate(report: ErasureReport, logged: LoggedAt, signer: NoteSigner, log_key: str) -> str:
    """The certificate to keep: a C2SP signed note whose text is one JSON object."""
    statement = {
        "certificate": KIND,
        "erased_at": report.erased_at.isoformat(timespec="seconds"),
        "deleted": [{"what": part.what, "rows": part.rows} for part in report.deleted],
        "kept": [_kept(part) for part in report.kept],
        "told": list(report.told),
        "searched": _searched(report.scan),
        "backups_until": report.backups_until.isoformat() if report.backups_until else None,
        "log": {
            "entry": report.entry.decode("ascii"),
            "index": logged.index,
            "proof": [base64.b64encode(node).decode() for node in logged.proof],
            "checkpoint": logged.checkpoint,
            "key": log_key,
        },
        "key": signer.verifier_key(),
    }
    return sign_text(json.dumps(statement, indent=2, sort_keys=True, ensure_ascii=True) + "\n", signer)


def verify_certificate(note: str, *, key: str | None = None, log_key: str | None = None) -> datetime:
    """Check a certificate offline; returns when the account was erased.

    Args:
        key, log_key: the service's verifier keys as published; without them the certificate's own are
            used, which shows that it was not altered, but not by whom it was made.

    Raises:
        CertificateInvalid: with what does not hold.
    """
    # Whoever copies it from a page may lose or gain a line end; no line end is signed but those within.
    note = note.replace("\r\n", "\n").strip("\n") + "\n"
    statement = _statement(note)
    logged = statement["log"]
    try:
        open_text(note, [NoteVerifier.from_vkey(key or statement["key"])])
        checkpoint = open_checkpoint(logged["checkpoint"], [NoteVerifier.from_vkey(log_key or logged["key"])])
        body = logged["entry"].encode("ascii")
        proof = [base64.b64decode(node, validate=True) for node in logged["proof"]]
        verify_inclusion(leaf_hash(body), logged["index"], checkpoint.size, proof, checkpoint.root)
        entry = parse(body)
    except DomainError as error:
        raise CertificateInvalid(error.title.lower()) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CertificateInvalid("it is not in the form of a certificate") from None
    if entry.action is not Action.ACCOUNT_ERASED:
        raise CertificateInvalid("the log entry is not an erasure")
    return entry.at


def proof_of(note: str) -> str:
    """The log's proof of the erasure that a certificate of ours holds, as a C2SP tlog-proof."""
    logged = _statement(note)["log"]
    hashes = tuple(base64.b64decode(node) for node in logged["proof"])
    return LogProof(logged["index"], hashes, logged["checkpoint"], logged["entry"].encode("ascii")).to_text()


def _statement(note: str) -> dict[str, Any]:
    try:
        statement = json.loads(note.partition("\n\n")[0])
        known = statement["certificate"] == KIND and isinstance(statement["log"], dict)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise CertificateInvalid("it is not in the form of a certificate")
    return dict(statement)


def _kept(part: KeptPart) -> dict[str, str]:
    said = {"what": part.what, "because": part.because, "until": part.retained}
    return said | ({"ends_on": part.ends_on.isoformat()} if part.ends_on else {})


def _searched(scan: Scan | None) -> dict[str, int | None] | None:
    return None if scan is None else vars(scan)
