"""Orders to destroy keys: committed with their reason, carried out right after, finished after a crash.

    withdrawal or erasure commits, with its order   ->   keys destroyed   ->   order deleted

From the first commit on the gate refuses. A crash before the second step leaves the order; the next
start carries it out before anything is served. Destroying twice changes nothing.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from vault.base import Base
from vault.desk import Vault
from vault.holding import Fate, Holding
from vault.subject import Subject

UNUSED_AFTER = timedelta(hours=1)


class KeyDestruction(Base):
    """One order to destroy a scope's key or, without a scope, every key of a subject."""

    __tablename__ = "key_destruction"
    __holding__ = Holding(
        what="Orders to destroy keys, for the moments until they are carried out",
        purpose="account",
        basis="gdpr-6-1-c",
        retained="until carried out, normally within a second",
        source="a withdrawal or an erasure",
        fate=Fate.NOT_PERSONAL,  # gone by itself; deleting it with the person would undo the erasure
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject_id: Mapped[UUID]
    scope: Mapped[str | None] = mapped_column(String(200))
    ordered_at: Mapped[datetime]


def order_destruction(vault: Vault, subject_id: UUID, scope: str | None) -> None:
    """Have keys destroyed right after this commit."""
    vault.session.add(KeyDestruction(subject_id=subject_id, scope=scope, ordered_at=vault.now()))
    vault.destruction_ordered = True


def carry_out(vault: Vault, subject_id: UUID | None = None) -> int:
    """Carry out committed orders, of one subject or of all; returns how many."""
    statement = select(KeyDestruction)
    if subject_id is not None:
        statement = statement.where(KeyDestruction.subject_id == subject_id)
    orders = vault.session.scalars(statement).all()
    for order in orders:
        if order.scope is None:
            vault.keystore.destroy_subject(order.subject_id)
        else:
            vault.keystore.destroy_dek(order.subject_id, order.scope)
        vault.session.execute(delete(KeyDestruction).where(KeyDestruction.id == order.id))
    return len(orders)


def sweep_unused_keys(vault: Vault) -> int:
    """Destroy keys of subjects that were never written: a key is committed before its first row."""
    known = set(vault.session.scalars(select(Subject.id)))
    unused = vault.keystore.subjects_older_than(UNUSED_AFTER, vault.now()) - known
    for subject_id in unused:
        vault.keystore.destroy_subject(subject_id)
    return len(unused)
