"""What lies wrapped in the key store: its two tables about people, and what each wrapped key is bound to.

Both kinds say which KEK wrapped them, so that a rotation finds them (rotation.py) and a reader asks for
the right one (keystore.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from vault.base import KeyBase
from vault.envelope import packed
from vault.holding import Fate, Holding


class SubjectKeys(KeyBase):
    """One data subject in the key store: the reference key and the blind index of the address."""

    __tablename__ = "subject_keys"
    __holding__ = Holding(
        what="The key that names a person in the audit log, and the blinded e-mail address they sign in with",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="until the account is erased",
        source="the person, when joining",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"blind_index": "the e-mail address as a keyed hash", "reference_key": "a random key"},
        left_out={
            "blind_index": "a keyed hash of the address, which is in the copy; it says nothing more",
            "reference_key": "key material: whoever holds it can tell which log entries are yours",
        },
    )

    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    kek_id: Mapped[str] = mapped_column(String(16))
    reference_key: Mapped[bytes] = mapped_column(LargeBinary)  # wrapped
    blind_index: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    created_at: Mapped[datetime]


class WrappedDek(KeyBase):
    """One DEK of one data subject for one consent scope."""

    __tablename__ = "wrapped_dek"
    __table_args__ = (UniqueConstraint("subject_id", "scope"),)
    __holding__ = Holding(
        what="The wrapped keys under which everything about a person is sealed, one per consent scope",
        purpose="account",
        basis="gdpr-6-1-b",
        retained="until consent for the scope is withdrawn or the account is erased",
        source="made by the service",
        fate=Fate.DELETED,
        subject_column="subject_id",
        personal={"wrapped": "a random key", "scope": "the scope the key is for"},
        copied_to="data/keys.jsonl",
        left_out={"wrapped": "key material: what it opens is in the copy, in the clear"},
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey(SubjectKeys.subject_id))
    scope: Mapped[str] = mapped_column(String(200))
    kek_id: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


def reference_context(subject_id: UUID) -> bytes:
    """What a wrapped reference key is bound to."""
    return packed(b"reference", subject_id.bytes)


def dek_context(subject_id: UUID, scope: str, dek_id: bytes) -> bytes:
    """What a wrapped DEK is bound to."""
    return packed(b"dek", subject_id.bytes, scope.encode(), dek_id)


@dataclass(frozen=True)
class WrappedKind:
    """One kind of wrapped key: where it lies, and what a row of it is bound to."""

    table: type[SubjectKeys] | type[WrappedDek]
    row: InstrumentedAttribute[Any]
    wrapped: InstrumentedAttribute[bytes]
    context: Callable[[Any], bytes]


# Everything the KEK wraps; a kind left out here would be lost at the next rotation.
KINDS = (
    WrappedKind(
        SubjectKeys,
        SubjectKeys.subject_id,
        SubjectKeys.reference_key,
        lambda row: reference_context(row.subject_id),
    ),
    WrappedKind(
        WrappedDek,
        WrappedDek.id,
        WrappedDek.wrapped,
        lambda row: dek_context(row.subject_id, row.scope, row.id),
    ),
)
