"""The disclosure ledger: what was handed to whom, committed before a byte leaves (GDPR Art. 15(1)(c)).

    lock -> permit covers the fields -> recipient ready -> row, access note, log entry -> commit -> values

`disclose` returns a `Handover`, which gives the values only after its transaction has committed, log
entry included. So where the log cannot be written nothing leaves, and a crash right after the commit
leaves a ledger that says too much rather than too little.

The ledger rests on the duty to tell who had what, not on the consent: its rows outlive a withdrawal, and
the values as sent stay readable for the person. A recipient knows a person under a pseudonym of its own;
two recipients cannot compare theirs.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from audit.entry import Action, ActorRole
from audit.log import Written, append
from consent.access import note_disclosure
from consent.errors import ConsentMissing, GrantNotTheirs
from consent.gate import require_permit
from consent.limits import require_unlimited
from consent.part import SharedField
from consent.purpose import RIGHTS, Purpose, Scope
from consent.recipient import Recipient, require_ready
from consent.record import ConsentRecord, find_in_force
from vault.base import Base
from vault.desk import Vault
from vault.envelope import packed
from vault.errors import DomainError
from vault.holding import Fate, Holding, Opening
from vault.permit import Permit
from vault.subject import Subject, lock_subject

PSEUDONYM_BYTES = 16


class FieldsNotCovered(DomainError):
    """A field was asked for that the person's consent does not name."""

    slug = "fields-not-covered"
    title = "Consent does not cover this"

    def __init__(self) -> None:
        super().__init__("The consent in force does not name every field that was asked for.")


class DisclosureUnrecorded(DomainError):
    """Values were asked for before it was on record that they are handed over."""

    slug = "disclosure-unrecorded"
    title = "Handover is not on record"

    def __init__(self) -> None:
        super().__init__("Nothing leaves before its disclosure is committed.")


class SharedFields(Base):
    """The fields that one consent to share covers."""

    __tablename__ = "shared_fields"
    __holding__ = Holding(
        what="Which fields a consent to share covers, and what the offer was called",
        purpose="account",
        basis="gdpr-6-1-c",
        retained="until the account is erased",
        source="the person",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "fields": "which fields the person agreed to",
            "perk": "what the offer was called",
        },
        copied_to="consents/shared_fields.jsonl",
    )

    consent_id: Mapped[UUID] = mapped_column(ForeignKey(ConsentRecord.id), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    fields: Mapped[str] = mapped_column(String(500))  # by blanks
    perk: Mapped[str | None] = mapped_column(String(100))  # so that the words can be printed again


def _own(vault: Vault, permits: Mapping[str, Permit], row: "Disclosure") -> dict[str, Any]:
    """A handover for the person's copy: to whom by name, and what exactly."""
    recipient = vault.session.get_one(Recipient, row.recipient_id)
    disclosed = _opened(vault, permits[str(RIGHTS)], row, recipient)
    return {
        "recipient": recipient.name,
        "country": recipient.country,
        "contact": recipient.contact,
        "pseudonym": disclosed.pseudonym,
        "values": dict(disclosed.values),
    }


_OWN_FORM = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("recipient", "country", "contact", "pseudonym")},
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["contact", "country", "pseudonym", "recipient", "values"],
    "additionalProperties": False,
}


class Disclosure(Base):
    """One handover of one person's data to one recipient; inserted, never updated."""

    __tablename__ = "disclosure"
    __holding__ = Holding(
        what="What was handed to which recipient, when and for what; fields and values as sent, sealed",
        purpose="rights",
        basis="gdpr-6-1-c",
        retained="until the account is erased",
        source="the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={
            "recipient_id": "which recipient",
            "scope": "for which brand and perk",
            "at": "when",
            "content": "fields, values as sent, and the person's name at the recipient (sealed)",
        },
        copied_to="recipients/disclosures.jsonl",
        opened_by={"content": Opening(_own, _OWN_FORM)},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(Subject.id), index=True)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey(Recipient.id))
    scope: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(default=1)
    content: Mapped[bytes]


@dataclass(frozen=True)
class Disclosed:
    """One handover as its person may read it.

    pseudonym: 32 hex digits, the name under which this recipient, and no other, knows the person.
    values: exactly as sent.
    """

    id: UUID
    recipient: Recipient
    scope: str
    at: datetime
    pseudonym: str
    values: Mapping[str, str]


class Handover:
    """What is handed over, out of reach until its disclosure is committed."""

    def __init__(self, vault: Vault, entry: bytes, disclosed: Disclosed) -> None:
        self._vault, self._entry, self._disclosed = vault, entry, disclosed

    def open(self) -> Disclosed:
        """What may now leave.

        Raises:
            DisclosureUnrecorded: the transaction is not committed, or holds no entry of it.
        """
        if not self._vault.is_committed or self._entry not in self._vault.on_record:
            raise DisclosureUnrecorded
        return self._disclosed


def cover_fields(
    vault: Vault, record: ConsentRecord, fields: Collection[SharedField], perk: str = ""
) -> None:
    """Note, with the consent itself, which fields it covers, and what the offer was called in its words.

    Raises:
        GrantNotTheirs: anybody but the person acts in this transaction.
    """
    if vault.actor != ActorRole.SUBJECT:
        raise GrantNotTheirs
    vault.session.add(
        SharedFields(
            consent_id=record.id,
            subject_id=record.subject_id,
            fields=" ".join(sorted(fields)),
            perk=perk or None,
        )
    )


def covered_fields(vault: Vault, subject_id: UUID, scope: Scope) -> frozenset[SharedField]:
    """The fields that the consent in force for a scope names; none, where there is no consent."""
    record = find_in_force(vault, subject_id, scope)
    named = vault.session.get(SharedFields, record.id) if record is not None else None
    return frozenset(SharedField(name) for name in named.fields.split()) if named is not None else frozenset()


def disclose(
    vault: Vault, subject_id: UUID, recipient: Recipient, scope: Scope, values: Mapping[SharedField, str]
) -> Handover:
    """Put on record that values are handed to a recipient; they leave after the commit and not before.

    The person's row is locked first, so a withdrawal at the same time comes wholly before or wholly after.

    Raises:
        ConsentMissing, ProcessingLimited, RecipientNotReady, FieldsNotCovered: nothing is handed over.

    Source: GDPR Art. 6(1)(a), 15(1)(c) (CJEU C-154/21), 18(2), 21(3).
    """
    lock_subject(vault, subject_id)
    permit = require_permit(vault, subject_id, scope)
    if scope.purpose is not Purpose.BRAND_SHARE or scope.about.partition("/")[0] != recipient.slug:
        raise ConsentMissing(scope)
    require_unlimited(vault, subject_id, scope)
    require_ready(recipient)
    if not values or not values.keys() <= covered_fields(vault, subject_id, scope):
        raise FieldsNotCovered
    return _record(vault, permit, recipient, values)


def deliver(vault: Vault, subject_id: UUID, recipient: Recipient, scope: Scope, address: str) -> Handover:
    """Put on record that a shipper gets the address for one perk: under its contract, not by consent.

    Raises:
        ProcessingLimited, RecipientNotReady, FieldsNotCovered: nothing is handed over.

    Source: GDPR Art. 6(1)(b), 15(1)(c).
    """
    lock_subject(vault, subject_id)
    permit = require_permit(vault, subject_id, scope)
    if scope.purpose is not Purpose.PERK_DELIVER:
        raise FieldsNotCovered
    require_unlimited(vault, subject_id, scope)
    require_ready(recipient)
    return _record(vault, permit, recipient, {SharedField.SHIPPING_ADDRESS: address})


def disclosures(vault: Vault, subject_id: UUID) -> tuple[Disclosed, ...]:
    """Every handover there was, newest first, with fields and values as sent.

    Raises:
        SubjectUnknown: erased, or never there.
    """
    permit = require_permit(vault, subject_id, RIGHTS)
    statement = (
        select(Disclosure, Recipient)
        .join(Recipient)
        .where(Disclosure.subject_id == subject_id)
        .order_by(Disclosure.at.desc(), Disclosure.id)
    )
    return tuple(
        _opened(vault, permit, row, recipient) for row, recipient in vault.session.execute(statement)
    )


def known_to(vault: Vault, subject_id: UUID) -> Sequence[Disclosed]:
    """The last handover to every recipient who ever had anything: whom notices go to, and as whom."""
    last: dict[UUID, Disclosed] = {}
    for disclosed in disclosures(vault, subject_id):
        last.setdefault(disclosed.recipient.id, disclosed)
    return sorted(last.values(), key=lambda disclosed: disclosed.recipient.name)


def pseudonym(vault: Vault, subject_id: UUID, recipient: Recipient) -> str:
    """The name under which one recipient knows a person; noise once the person's reference key is gone."""
    label = packed(b"recipient", recipient.id.bytes)
    return vault.reference(subject_id, label)[:PSEUDONYM_BYTES].hex()


def _record(
    vault: Vault, permit: Permit, recipient: Recipient, values: Mapping[SharedField, str]
) -> Handover:
    known_as = pseudonym(vault, permit.subject_id, recipient)
    sent = {str(field): values[field] for field in sorted(values)}
    row = Disclosure(
        id=uuid4(),
        subject_id=permit.subject_id,
        recipient_id=recipient.id,
        scope=permit.scope,
        at=vault.now(),
        row_version=1,
    )
    plain = json.dumps({"pseudonym": known_as, "values": sent}, ensure_ascii=False).encode()
    ledger = require_permit(vault, permit.subject_id, RIGHTS)
    row.content = vault.seal(ledger, row.cell("content"), plain)
    vault.session.add(row)
    note_disclosure(vault, permit, recipient.name, tuple(sent))
    entry = append(
        vault,
        Action.DATA_DISCLOSED,
        subject_id=permit.subject_id,
        scope=permit.scope,
        basis=permit.basis,
        written=Written(row.cell("content"), row.content),
    )
    return Handover(vault, entry, Disclosed(row.id, recipient, permit.scope, row.at, known_as, sent))


def _opened(vault: Vault, permit: Permit, row: Disclosure, recipient: Recipient) -> Disclosed:
    plain = json.loads(vault.unseal(permit, row.cell("content"), row.content))
    return Disclosed(row.id, recipient, row.scope, row.at, plain["pseudonym"], plain["values"])
