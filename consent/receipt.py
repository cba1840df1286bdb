"""A receipt for one decision: what the person keeps, signed, and readable without us.

JSON-LD in the shape of ISO/IEC TS 27560 as the DPV guide has it (`receipt-eu-gdpr`): a receipt around a
consent record with header, processing, parties and one event, its context inside so that nothing is
fetched (receipt_document.py). `log` holds the entry that recorded the decision, with its proof once a
checkpoint covers it (audit/evidence.py). Signed as JWS (audit/jws.py) with a key of its own. The person
stands there as the log names them, never with an address. Checking one: receipt_check.py.

Source: GDPR Art. 7(1), 13.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select

from audit.evidence import evidence
from audit.log import subject_reference
from audit.stored import HeldEntry, held_about
from consent.disclosure import SharedFields
from consent.errors import NoticeUnknown
from consent.notice import Notice, notice
from consent.part import SharedField
from consent.purpose import Purpose, Scope
from consent.receipt_document import CONTENT_TYPE, Issuer, Shared, kantara_view, receipt_document
from consent.recipient import Recipient
from consent.record import ConsentRecord, Decision, history
from consent.register import PUBLISHED, Notices
from vault.desk import Vault


@dataclass(frozen=True)
class Receipt:
    """One receipt: the decision it is for, what it says, and the signed token that is kept."""

    record: ConsentRecord
    document: dict[str, Any]
    token: str

    @property
    def is_covered(self) -> bool:
        """Whether a signed checkpoint proves its entry already."""
        return bool(self.document["log"] and self.document["log"]["covered"])


def make_receipt(vault: Vault, record: ConsentRecord, issuer: Issuer) -> Receipt:
    """The receipt of one committed decision.

    Raises:
        NoticeUnknown: it was carried here, and nobody here can vouch for it.
    """
    if record.decision is Decision.CARRIED:
        raise NoticeUnknown
    reference = subject_reference(vault, record.subject_id)
    entries = list(held_about(vault.connection, reference))
    return _receipt(vault, record, issuer, reference, entries)


def make_receipts(
    vault: Vault, subject_id: UUID, issuer: Issuer, scope: Scope | None = None
) -> list[Receipt]:
    """The receipts of every decision a person made here, or of those about one scope, oldest first."""
    reference = subject_reference(vault, subject_id)
    entries = list(held_about(vault.connection, reference))
    return [
        _receipt(vault, record, issuer, reference, entries)
        for record in history(vault, subject_id)
        if scope in (None, record.scope) and record.decision is not Decision.CARRIED
    ]


def shown_notice(vault: Vault, record: ConsentRecord, notices: Notices = PUBLISHED) -> Notice:
    """The exact words a decision was about, whose digest is the one recorded (GDPR Art. 7(1)).

    Raises:
        NoticeUnknown: there is no such text, or it is not the one that was shown.
    """
    shared = _shared(vault, record)
    shown = notice(
        record.scope,
        record.notice_language,
        record.notice_version,
        chosen=[SharedField(name) for name in shared.fields] if shared is not None else (),
        names={"brand": shared.name, "perk": shared.perk} if shared is not None else None,
        notices=notices,
    )
    if not hmac.compare_digest(shown.sha256, record.notice_sha256):
        raise NoticeUnknown
    return shown


def find_words(vault: Vault, record: ConsentRecord, notices: Notices = PUBLISHED) -> Notice | None:
    """The same, where they can be printed again."""
    try:
        return shown_notice(vault, record, notices)
    except NoticeUnknown:
        return None


def _receipt(
    vault: Vault,
    record: ConsentRecord,
    issuer: Issuer,
    reference: bytes,
    entries: Sequence[HeldEntry],
) -> Receipt:
    found = _find_entry(record, entries)
    logged = evidence(found, issuer.checkpoint, issuer.log_key) if found is not None else None
    # The same decision under the same checkpoint gives the same receipt id.
    receipt_id = uuid5(record.id, str(logged and logged.get("checkpoint")))
    document = receipt_document(
        record, reference.hex(), issuer, receipt_id, vault.now(), _shared(vault, record)
    )
    if record.decision is Decision.GIVEN:
        document["kantara"] = kantara_view(record, _question(vault, record, issuer), document, issuer)
    document["log"] = logged
    payload = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Receipt(record, document, issuer.signer.sign(payload, CONTENT_TYPE))


def _shared(vault: Vault, record: ConsentRecord) -> Shared | None:
    if record.purpose is not Purpose.BRAND_SHARE:
        return None
    slug, _, perk = record.about.partition("/")
    name = vault.session.scalar(select(Recipient.name).where(Recipient.slug == slug))
    covered = _covered(vault, record)
    if covered is None:
        return Shared(name or slug, perk, ())
    return Shared(name or slug, covered.perk or perk, tuple(covered.fields.split()))


def _covered(vault: Vault, record: ConsentRecord) -> SharedFields | None:
    """What the very words of a decision name: its own fields, or those of the consent it ended."""
    statement = (
        select(SharedFields)
        .join(ConsentRecord, ConsentRecord.id == SharedFields.consent_id)
        .where(
            ConsentRecord.subject_id == record.subject_id,
            ConsentRecord.purpose == record.purpose,
            ConsentRecord.about == record.about,
            ConsentRecord.number <= record.number,
        )
        .order_by((ConsentRecord.notice_sha256 == record.notice_sha256).desc(), ConsentRecord.number.desc())
        .limit(1)
    )
    return vault.session.scalar(statement)


def _question(vault: Vault, record: ConsentRecord, issuer: Issuer) -> str:
    """What was asked, in the words shown; the scope's name where they cannot be printed again."""
    words = find_words(vault, record, issuer.notices)
    return words.question if words is not None else str(record.scope)


def _find_entry(record: ConsentRecord, entries: Sequence[HeldEntry]) -> HeldEntry | None:
    if record.log_entry_id is None:
        return None
    named = f'"id":"{record.log_entry_id}"'.encode()
    return next((held for held in entries if named in held.body), None)
