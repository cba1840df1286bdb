"""`Vault`: one open transaction, and the domain's only door to the world.

It carries the connection, the key store and the clock. Sealing and unsealing go through here and need a
`Permit` of this very transaction; several permits mean a record that rests on several consents and
opens only with all their keys. It never commits: app/transaction.py does, writes the journal into the
audit log as the last act before, and carries out ordered key destructions right after.
"""

import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from vault import envelope
from vault.envelope import Cell, Dek
from vault.errors import PermitInvalid
from vault.keystore import KeyStore
from vault.permit import Permit


@dataclass(frozen=True)
class Denial:
    """Something about a person was refused, and shall be on record although it undoes its transaction.

    action: as what it is logged (audit/entry.py); by default as a refused reading of their data.
    """

    subject_id: UUID
    scope: str
    reason: str  # the slug of the refusal
    action: str = "record.read"


class Vault:
    """One open transaction over the data, with the key store and the clock beside it."""

    def __init__(
        self,
        connection: Connection,
        keystore: KeyStore,
        clock: Callable[[], datetime],
        actor: str,
        log_origin: str,
        alias: str | None = None,
    ) -> None:
        self.connection = connection
        self.keystore = keystore
        self.now = clock
        self.actor = actor  # in which role this transaction acts: subject, worker, operator, system, staff…
        self.alias = alias  # of a member of staff, as people are told it; never a name
        self.log_origin = log_origin  # the name of the first log, which references are made under
        self.log_number = 1  # of the log this transaction writes to
        self.holidays: Collection[date] = ()  # days that are no working days, beside weekends
        self.journal: list[bytes] = []  # canonical log entries, integrated as the last act (audit/log.py)
        self.references: dict[bytes, bytes] = {}  # whom an entry is about, as a keyed reference
        self.denials: list[Denial] = []  # what the gate refused, noted after the rollback (consent/access.py)
        self.ended: list[tuple[UUID, str]] = []  # whose consent to what ended; told on (rights/notice.py)
        self.noticed: list[tuple[UUID, UUID]] = []  # whom a notice was queued for, and which one
        self.may_wait: set[bytes] = set()  # entries whose index nobody here needs (audit/outbox.py)
        self.uses_outbox = False  # whether those may get it after the commit
        self.entry_indices: dict[bytes, int] = {}  # after the commit: where each entry stands in the log
        self.on_record: frozenset[bytes] = frozenset()  # entries that the commit holds, waiting or not
        self.is_committed = False  # what may leave the house only once it is on record asks for this
        self.checkpoint_wanted = False  # after this commit a checkpoint is signed at once
        self.destruction_ordered = False  # after this commit keys are destroyed (destruction.py)
        self._open = True

    def seal(self, permits: Permit | Sequence[Permit], cell: Cell, plaintext: bytes) -> bytes:
        """Seal `plaintext` for one cell, under the key of every permit's scope.

        Raises:
            PermitInvalid: a permit of another transaction, or permits of different subjects.
        """
        held = self._checked(permits)
        # A key is committed in the key store before the first row sealed under it, hence `ensure`.
        deks = [self.keystore.ensure_dek(p.subject_id, p.scope, self.now()) for p in held]
        return envelope.seal(envelope.pool(deks), held[0].subject_id, cell, plaintext)

    def unseal(self, permits: Permit | Sequence[Permit], cell: Cell, record: bytes) -> bytes:
        """Open a sealed record.

        Raises:
            PermitInvalid: as for `seal`.
            KeyDestroyed: a key it rests on is gone.
            EnvelopeInvalid: it was altered, moved, or rests on other scopes.
        """
        held = self._checked(permits)
        return envelope.unseal(self._pooled(held), held[0].subject_id, cell, record)

    def upload_key(self, permit: Permit) -> Dek:
        """The key an upload waits under until it is read (spool.py)."""
        (held,) = self._checked(permit)
        return self.keystore.ensure_dek(held.subject_id, held.scope, self.now())

    def seal_stock(self, owner: UUID, cell: Cell, plaintext: bytes) -> bytes:
        """Seal what is nobody's yet: an organisation's stock, under a key of the installation."""
        return envelope.seal(self.keystore.stock_dek, owner, cell, plaintext)

    def unseal_stock(self, owner: UUID, cell: Cell, record: bytes) -> bytes:
        """Open what `seal_stock` sealed.

        Raises:
            EnvelopeInvalid: it was altered, moved, or is of another owner.
        """
        return envelope.unseal(self.keystore.stock_dek, owner, cell, record)

    def stock_fingerprint(self, owner: UUID, plaintext: bytes) -> bytes:
        """32 bytes by which one owner's stock is known again, and nothing is known from."""
        return self.keystore.stock_fingerprint(envelope.packed(owner.bytes, plaintext))

    def blur(self, label: bytes, below: int) -> int:
        """A number from 0 to below `below`, secret and always the same for one label."""
        return self.keystore.blur(label) % below

    def reference(self, subject_id: UUID, label: bytes) -> bytes:
        """32 bytes that stand for a subject (or something of theirs) in the log.

        HMAC-SHA-256 under the subject's reference key: linkable while that key lives, noise after.
        """
        message = envelope.packed(b"klarwert/reference/v1", self.log_origin.encode(), label)
        return hmac.digest(self.keystore.reference_key(subject_id), message, "sha256")

    @cached_property
    def session(self) -> Session:
        """The same transaction for mapped objects; made when first asked for, since reading needs none."""
        # Rollback only: it is the connection's transaction, and the session cannot commit it.
        return Session(self.connection, join_transaction_mode="rollback_only", expire_on_commit=False)

    def flush(self) -> None:
        """Write what waits in the session."""
        if "session" in self.__dict__:
            self.session.flush()

    def close(self) -> None:
        """End the transaction: from here on no permit of it opens anything."""
        self._open = False
        if "session" in self.__dict__:
            self.session.close()

    def _checked(self, permits: Permit | Sequence[Permit]) -> tuple[Permit, ...]:
        held = (permits,) if isinstance(permits, Permit) else tuple(permits)
        same_subject = len({permit.subject_id for permit in held}) == 1
        if not (self._open and same_subject and all(permit.transaction is self for permit in held)):
            raise PermitInvalid
        return held

    def _pooled(self, permits: tuple[Permit, ...]) -> Dek:
        return envelope.pool([self.keystore.dek(p.subject_id, p.scope) for p in permits])
