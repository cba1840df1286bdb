"""The key store: a database of its own, with everything that makes the other one readable.

Here and only here lie, wrapped under the KEK: one DEK per data subject and consent scope, one
reference key per subject (its name in the audit log), and the blind index of the e-mail address.
A backup of the data alone can therefore never bring an erased person back, nor tell who was one.
Tables: wrapped.py. Which KEK is in force: epoch.py.

No transaction spans both databases, so the order does the work. A key is committed here *before* the
first row sealed under it (a key nobody used is swept); it is destroyed *after* the commit that says
why. Each method below is its own short transaction.

The KEK may be replaced by another process at any moment (rotation.py). So a key is wrapped inside the
transaction that holds the epoch in force, and a KEK this process does not know is looked for in the files.
"""

import hmac
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Executable, delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from vault.base import KeyBase
from vault.engine import leave_no_remnants, writing
from vault.envelope import Dek, expand
from vault.epoch import Epoch, KekEpoch, hold_epoch, read_epochs
from vault.errors import DomainError, KeyDestroyed, KeyFileRefused
from vault.kekfiles import Keks
from vault.keys import KeyEncryptionKey, kek_name
from vault.wrapped import KINDS, SubjectKeys, WrappedDek, dek_context, reference_context

CACHE_SECONDS = 60
CACHE_KEYS = 512
ATTEMPTS = 10  # each but the last met another rotation
WRONG_KEK = "The key store was wrapped under another KEK; put the right kek.key (or kek-N.key) back."


class AddressTaken(DomainError):
    """An account with this e-mail address exists. Never shown to whoever asked: see app/accounts.py."""

    slug = "address-taken"
    title = "Address taken"

    def __init__(self) -> None:
        super().__init__("There is an account with this address.")


class KeyStore:
    """The key store behind its KEKs and one index key."""

    def __init__(self, engine: Engine, keks: Keks, index_key: bytes) -> None:
        self._engine = engine
        self._writing = writing(engine)
        self.keks = keks
        self._index_key = index_key
        self._cache: dict[tuple[UUID, str], tuple[float, Dek]] = {}
        self._lock = threading.Lock()

    def dispose(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction of rotation.py: on the disk once committed, whatever the database is set to."""
        with self._writing.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL synchronous_commit = on"))
            yield connection

    def epochs(self) -> tuple[Epoch, ...]:
        """Every KEK epoch, in order; one is in force once `begin_first_epoch` has been here."""
        with self._engine.begin() as connection:
            return read_epochs(connection)

    def begin_first_epoch(self, now: datetime) -> None:
        """Record the KEK there is as the first one in force; nothing where an epoch is recorded.

        Raises:
            KeyFileRefused: the stored keys were wrapped under another KEK.
        """
        if self.epochs():
            return
        self.check_kek()
        number, kek = min(self.keks.held().items())
        row = {"number": number, "kek_id": kek.id, "began_at": now, "rewrapped": 0}
        # Another process may be faster.
        with suppress(IntegrityError), self._writing.begin() as connection:
            connection.execute(insert(KekEpoch), row)

    def check_kek(self) -> None:
        """Refuse to run without the KEK in force, or with one that never was.

        Raises:
            KeyFileRefused: the stored keys were wrapped under another KEK, or a file is of none of them.
        """
        epochs = self.epochs()
        with self._engine.begin() as connection:
            needed = set(connection.scalars(select(SubjectKeys.kek_id).distinct()))
        needed |= {epoch.kek_id for epoch in epochs if epoch.is_in_force}
        held = self.keks.held()
        if needed - {kek.id for kek in held.values()}:
            raise KeyFileRefused(WRONG_KEK)
        known = {epoch.kek_id for epoch in epochs}
        for number, kek in held.items():
            # One with a higher number is the next, made by a rotation that went no further.
            if epochs and kek.id not in known and number < epochs[-1].number:
                raise KeyFileRefused(f"The key file {kek_name(number)} is not of this key store; remove it.")

    def create_subject(self, subject_id: UUID, address: str, now: datetime) -> None:
        """Give a new data subject a reference key and claim the address.

        Raises:
            AddressTaken: the address belongs to an account.
        """
        key = secrets.token_bytes(32)
        row = {"subject_id": subject_id, "blind_index": self.blind_index(address), "created_at": now}
        try:
            self._insert(SubjectKeys, row, "reference_key", key, reference_context(subject_id))
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

    @property
    def stock_dek(self) -> Dek:
        """The key of what lies here and is nobody's; derived, so that it is in no database."""
        return Dek(b"klarwert/stock/1", expand(self._index_key, b"klarwert/stock/v1"))

    def stock_fingerprint(self, plaintext: bytes) -> bytes:
        """HMAC-SHA-256 under a key derived for this alone."""
        return hmac.digest(expand(self._index_key, b"klarwert/stock-fingerprint/v1"), plaintext, "sha256")

    def blur(self, label: bytes) -> int:
        """64 bits of HMAC-SHA-256 under a key derived for this alone."""
        key = expand(self._index_key, b"klarwert/blur/v1")
        return int.from_bytes(hmac.digest(key, label, "sha256")[:8], "big")

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
        row = {"id": dek_id, "subject_id": subject_id, "scope": scope, "created_at": now}
        with suppress(IntegrityError):  # another process was faster, or the subject is gone
            self._insert(WrappedDek, row, "wrapped", key, dek_context(subject_id, scope, dek_id))
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
        return leave_no_remnants(self._engine, *(kind.table.__tablename__ for kind in KINDS))

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

    def subjects(self) -> frozenset[UUID]:
        """Every subject there are keys of."""
        with self._engine.begin() as connection:
            return frozenset(connection.scalars(select(SubjectKeys.subject_id)))

    def traces(self, subject_id: UUID) -> tuple[bytes, ...]:
        """Everything here that a search after the erasure must not find: keys, wrapped keys, blind index."""
        with self._engine.begin() as connection:
            mine = select(SubjectKeys.reference_key, SubjectKeys.blind_index).where(
                SubjectKeys.subject_id == subject_id
            )
            own = [bytes(value) for row in connection.execute(mine) for value in row]
            wrapped = connection.execute(
                select(WrappedDek.scope, WrappedDek.wrapped).where(WrappedDek.subject_id == subject_id)
            ).all()
        keys = [self.dek(subject_id, row.scope).key for row in wrapped]
        return (*own, *(bytes(row.wrapped) for row in wrapped), *keys)

    @property
    def engine(self) -> Engine:
        """The database, for the search after an erasure (rights/erasure_scan.py)."""
        return self._engine

    def subjects_older_than(self, age: timedelta, now: datetime) -> frozenset[UUID]:
        """Subjects whose keys were made longer ago than `age`, for the sweep of unused keys."""
        with self._engine.begin() as connection:
            statement = select(SubjectKeys.subject_id).where(SubjectKeys.created_at < now - age)
            return frozenset(connection.scalars(statement))

    def _insert(
        self, table: type[KeyBase], row: dict[str, Any], column: str, key: bytes, context: bytes
    ) -> None:
        """Wrap a key and insert it, in the one transaction in which the KEK cannot be superseded."""
        for _ in range(ATTEMPTS):
            with self._writing.begin() as connection:
                kek = self._known(hold_epoch(connection))
                if kek is not None:
                    wrapped = kek.wrap(key, context)
                    connection.execute(insert(table), row | {"kek_id": kek.id, column: wrapped})
                    return
        raise KeyFileRefused(WRONG_KEK)

    def _read_reference_key(self, subject_id: UUID, _scope: str) -> Dek:
        statement = select(SubjectKeys.kek_id, SubjectKeys.reference_key.label("wrapped")).where(
            SubjectKeys.subject_id == subject_id
        )
        row, kek = self._read(statement)
        return Dek(b"", kek.unwrap(row.wrapped, reference_context(subject_id)))

    def _read_dek(self, subject_id: UUID, scope: str) -> Dek:
        statement = select(WrappedDek.kek_id, WrappedDek.id, WrappedDek.wrapped).where(
            WrappedDek.subject_id == subject_id, WrappedDek.scope == scope
        )
        row, kek = self._read(statement)
        return Dek(row.id, kek.unwrap(row.wrapped, dek_context(subject_id, scope, row.id)))

    def _read(self, statement: Executable) -> tuple[Any, KeyEncryptionKey]:
        """One wrapped key and its KEK; read again where a rotation re-wrapped it in between."""
        for _ in range(ATTEMPTS):
            with self._engine.begin() as connection:
                row = connection.execute(statement).one_or_none()
            if row is None:
                raise KeyDestroyed
            if (kek := self._known(row.kek_id)) is not None:
                return row, kek
        raise KeyFileRefused(WRONG_KEK)

    def _known(self, kek_id: str | None) -> KeyEncryptionKey | None:
        return None if kek_id is None else self.keks.find(kek_id)

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
