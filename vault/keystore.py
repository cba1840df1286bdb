"""The key store: a database of its own, with everything that makes the other one readable.

Here and only here lie, wrapped under the KEK: one DEK per data subject and consent scope, one
reference key per subject (its name in the audit log), and the blind index of the e-mail address.
A backup of the data alone can therefore never bring an erased person back, nor tell who was one.

No transaction spans both databases, so the order does the work. A key is committed here *before* the
first row sealed under it (a key nobody used is swept); it is destroyed *after* the commit that says
why. Each method below is its own short transaction.
"""

import hmac
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, ForeignKey, LargeBinary, String, UniqueConstraint, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from vault.base import KeyBase
from vault.engine import leave_no_remnants, writing
from vault.envelope import Dek, packed
from vault.errors import DomainError, KeyDestroyed, KeyFileRefused
from vault.holding import Fate, Holding
from vault.keys import KeyEncryptionKey

CACHE_SECONDS = 60
CACHE_KEYS = 512


class AddressTaken(DomainError):
    """An account with this e-mail address exists. Never shown to whoever asked: see app/accounts.py."""

    slug = "address-taken"
    title = "Address taken"

    def __init__(self) -> None:
        super().__init__("There is an account with this address.")


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


class KeyStore:
    """The key store behind one KEK and one index key."""

    def __init__(self, engine: Engine, kek: KeyEncryptionKey, index_key: bytes) -> None:
        self._engine = engine
        self._writing = writing(engine)
        self._kek = kek
        self._index_key = index_key
        self._cache: dict[tuple[UUID, str], tuple[float, Dek]] = {}
        self._lock = threading.Lock()

    def dispose(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def check_kek(self) -> None:
        """Refuse to run with a KEK that did not wrap what lies here.

        Raises:
            KeyFileRefused: the stored keys were wrapped under another KEK.
        """
        with self._engine.begin() as connection:
            stored = set(connection.scalars(select(SubjectKeys.kek_id).distinct()))
        if stored - {self._kek.id}:
            raise KeyFileRefused("The key store was wrapped under another KEK; put the right kek.key back.")

    def create_subject(self, subject_id: UUID, address: str, now: datetime) -> None:
        """Give a new data subject a reference key and claim the address.

        Raises:
            AddressTaken: the address belongs to an account.
        """
        key = secrets.token_bytes(32)
        row = {
            "subject_id": subject_id,
            "kek_id": self._kek.id,
            "reference_key": self._kek.wrap(key, _reference_context(subject_id)),
            "blind_index": self.blind_index(address),
            "created_at": now,
        }
        try:
            with self._writing.begin() as connection:
                connection.execute(insert(SubjectKeys), row)
        except IntegrityError:
            raise AddressTaken from None

    def find_subject(self, address: str) -> UUID | None:
        """Whose address this is."""
        with self._engine.begin() as connection:
            statement = select(SubjectKeys.subject_id).where(
                SubjectKeys.blind_index == self.blind_index(address)
            )
            return connection.scalar(statement)

    def blind_index(self, address: str) -> bytes:
        """128 bits of HMAC-SHA-256 over the normalised address: NFC, trimmed, case-folded."""
        normal = unicodedata.normalize("NFC", address.strip()).casefold()
        return hmac.digest(self._index_key, b"klarwert/address/v1" + normal.encode(), "sha256")[:16]

    def reference_key(self, subject_id: UUID) -> bytes:
        """The key that makes a subject's references in the log.

        Raises:
            KeyDestroyed: the subject was erased or never existed.
        """
        # In the cache under an empty scope, so that destroying a subject empties it as well.
        return self._cached(subject_id, "", self._read_reference_key).key

    def dek(self, subject_id: UUID, scope: str) -> Dek:
        """The DEK of one subject and scope.

        Raises:
            KeyDestroyed: there is none, or not any more.
        """
        return self._cached(subject_id, scope, self._read_dek)

    def ensure_dek(self, subject_id: UUID, scope: str, now: datetime) -> Dek:
        """The DEK of one subject and scope, made and committed here if there is none yet."""
        try:
            return self.dek(subject_id, scope)
        except KeyDestroyed:
            pass
        dek_id, key = secrets.token_bytes(16), secrets.token_bytes(32)
        row = {
            "id": dek_id,
            "subject_id": subject_id,
            "scope": scope,
            "kek_id": self._kek.id,
            "wrapped": self._kek.wrap(key, _dek_context(subject_id, scope, dek_id)),
            "created_at": now,
        }
        try:
            with self._writing.begin() as connection:
                connection.execute(insert(WrappedDek), row)
        except IntegrityError:  # another process was faster, or the subject is gone
            pass
        return self.dek(subject_id, scope)

    def destroy_dek(self, subject_id: UUID, scope: str) -> None:
        """Destroy one key; doing it again changes nothing."""
        with self._writing.begin() as connection:
            connection.execute(
                delete(WrappedDek).where(WrappedDek.subject_id == subject_id, WrappedDek.scope == scope)
            )
        self._forget(subject_id)

    def destroy_subject(self, subject_id: UUID) -> None:
        """Destroy every key of a subject, the reference key and the blind index; idempotent."""
        with self._writing.begin() as connection:
            connection.execute(delete(WrappedDek).where(WrappedDek.subject_id == subject_id))
            connection.execute(delete(SubjectKeys).where(SubjectKeys.subject_id == subject_id))
        self._forget(subject_id)

    def leave_no_remnants(self) -> bool:
        """Take destroyed keys out of the files too; False if a reader held it up."""
        return leave_no_remnants(self._engine, WrappedDek.__tablename__, SubjectKeys.__tablename__)

    def count_rows(self, subject_id: UUID) -> dict[type[KeyBase], int]:
        """How many rows each table here holds about one subject."""
        with self._engine.begin() as connection:
            return {
                table: connection.scalar(
                    select(func.count()).select_from(table).where(table.subject_id == subject_id)
                )
                or 0
                for table in (SubjectKeys, WrappedDek)
            }

    def scopes(self, subject_id: UUID) -> tuple[str, ...]:
        """The scopes for which a subject has keys here."""
        with self._engine.begin() as connection:
            statement = select(WrappedDek.scope).where(WrappedDek.subject_id == subject_id)
            return tuple(connection.scalars(statement.order_by(WrappedDek.scope)))

    def subjects_older_than(self, age: timedelta, now: datetime) -> frozenset[UUID]:
        """Subjects whose keys were made longer ago than `age`, for the sweep of unused keys."""
        with self._engine.begin() as connection:
            statement = select(SubjectKeys.subject_id).where(SubjectKeys.created_at < now - age)
            return frozenset(connection.scalars(statement))

    def _read_reference_key(self, subject_id: UUID, _scope: str) -> Dek:
        with self._engine.begin() as connection:
            statement = select(SubjectKeys.reference_key).where(SubjectKeys.subject_id == subject_id)
            wrapped = connection.scalar(statement)
        if wrapped is None:
            raise KeyDestroyed
        return Dek(b"", self._kek.unwrap(wrapped, _reference_context(subject_id)))

    def _read_dek(self, subject_id: UUID, scope: str) -> Dek:
        with self._engine.begin() as connection:
            statement = select(WrappedDek.id, WrappedDek.wrapped).where(
                WrappedDek.subject_id == subject_id, WrappedDek.scope == scope
            )
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise KeyDestroyed
        return Dek(row.id, self._kek.unwrap(row.wrapped, _dek_context(subject_id, scope, row.id)))

    def _cached(self, subject_id: UUID, scope: str, read: Callable[[UUID, str], Dek]) -> Dek:
        # Unwrapped keys stay in memory for at most a minute: a page needs the same key several times.
        with self._lock:
            kept_until, dek = self._cache.get((subject_id, scope), (0.0, None))
        if dek is not None and time.monotonic() < kept_until:
            return dek
        dek = read(subject_id, scope)
        with self._lock:
            while len(self._cache) >= CACHE_KEYS:
                del self._cache[next(iter(self._cache))]
            self._cache[subject_id, scope] = (time.monotonic() + CACHE_SECONDS, dek)
        return dek

    def _forget(self, subject_id: UUID) -> None:
        with self._lock:
            for place in [place for place in self._cache if place[0] == subject_id]:
                del self._cache[place]


def _reference_context(subject_id: UUID) -> bytes:
    return packed(b"reference", subject_id.bytes)


def _dek_context(subject_id: UUID, scope: str, dek_id: bytes) -> bytes:
    return packed(b"dek", subject_id.bytes, scope.encode(), dek_id)
