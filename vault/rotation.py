"""Replaces the KEK: every wrapped key is taken over by a new one, then the old one is destroyed.

    new file durable -> new epoch in force -> keys re-wrapped in batches -> old file destroyed -> finished

Each arrow is a place where the machine may stop, and each step can be taken again. From the second on no
process wraps anything under the old KEK (`hold_epoch`), so once no row of it is left there never will be.
Only within `rotating_alone` (kekfiles.py). Saying so in the log: app/rotating.py.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from vault.epoch import Epoch, KekEpoch, read_epochs
from vault.errors import KeyFileRefused
from vault.kekfiles import LEFTOVERS, create_kek, destroy_kek
from vault.keys import KeyEncryptionKey
from vault.keystore import WRONG_KEK, KeyStore
from vault.wrapped import KINDS, WrappedKind

BATCH = 500
PAUSE_SECONDS = 0.05


def is_unfinished(store: KeyStore) -> bool:
    """Whether a rotation was interrupted, or a destroyed KEK's file is back."""
    _, epochs = _current(store)
    over = {epoch.kek_id for epoch in epochs if not epoch.is_in_force}
    return (
        any(epoch.is_unfinished for epoch in epochs)
        or any(kek.id in over for kek in store.keks.held().values())
        or find_next(store) is not None
        or any(any(store.keks.directory.glob(pattern)) for pattern in LEFTOVERS)
    )


def find_next(store: KeyStore) -> int | None:
    """The number of a KEK that was made and never came into force."""
    current, epochs = _current(store)
    known = {epoch.kek_id for epoch in epochs}
    waiting = (n for n, kek in store.keks.held().items() if n > current.number and kek.id not in known)
    return min(waiting, default=None)


def begin_epoch(store: KeyStore, now: datetime) -> None:
    """Put a new KEK in force: the one an interrupted rotation made, else a fresh one."""
    store.keks.reload()
    current, epochs = _current(store)
    number = find_next(store)
    if number is None:
        number = max(*store.keks.held(), *(epoch.number for epoch in epochs)) + 1
        create_kek(store.keks.directory, number)
        store.keks.reload()
    kek = store.keks.held()[number]
    with store.write() as connection:
        # Waits for every transaction that is wrapping a key right now.
        over = update(KekEpoch).where(KekEpoch.number == current.number, KekEpoch.superseded_at.is_(None))
        result: Any = connection.execute(over.values(superseded_at=now))
        if result.rowcount != 1:
            raise KeyFileRefused(WRONG_KEK)  # a rotation over another directory of secrets
        row = {"number": number, "kek_id": kek.id, "began_at": now, "rewrapped": 0}
        connection.execute(insert(KekEpoch), row)


def take_over(store: KeyStore, old: Epoch) -> None:
    """Re-wrap every key that an epoch left, then destroy its KEK.

    Raises:
        EnvelopeInvalid: a wrapped key was altered; the old KEK stays until that row is put right or erased.
        KeyFileRefused: a KEK is missing that a key needs.
    """
    while not _destroyed_if_unused(store, old):
        rewrapped = sum(_rewrap(store, kind, old) for kind in KINDS)
        if not rewrapped:
            time.sleep(PAUSE_SECONDS)  # the rest is held by transactions that are erasing it


def finish_epoch(store: KeyStore, old: Epoch, now: datetime) -> None:
    """Record that an epoch's KEK is gone."""
    with store.write() as connection:
        connection.execute(update(KekEpoch).where(KekEpoch.number == old.number).values(finished_at=now))


def destroy_returned(store: KeyStore) -> None:
    """Destroy the KEKs of finished epochs whose file somebody put back."""
    store.keks.reload()
    held = {kek.id for kek in store.keks.held().values()}
    for epoch in store.epochs():
        if epoch.finished_at is not None and epoch.kek_id in held:
            _destroyed_if_unused(store, epoch)


def _current(store: KeyStore) -> tuple[Epoch, tuple[Epoch, ...]]:
    epochs = store.epochs()
    current = next((epoch for epoch in epochs if epoch.is_in_force), None)
    if current is None:
        raise KeyFileRefused(WRONG_KEK)
    return current, epochs


def _destroyed_if_unused(store: KeyStore, epoch: Epoch) -> bool:
    with store.write() as connection:
        for kind in KINDS:
            left = select(kind.row).where(kind.table.kek_id == epoch.kek_id).limit(1)
            if connection.execute(left).first() is not None:
                return False
        for number, kek in store.keks.held().items():
            if kek.id == epoch.kek_id:
                destroy_kek(store.keks.directory, number)
    store.keks.reload()
    return True


def _rewrap(store: KeyStore, kind: WrappedKind, old: Epoch) -> int:
    """Re-wrap one kind of key, in batches of a transaction each; returns how many."""
    done, after = 0, None
    while True:
        with store.write() as connection:
            new = next(epoch for epoch in read_epochs(connection) if epoch.is_in_force)
            rows = _batch(connection, kind, old.kek_id, after)
            if not rows:
                return done
            _store(connection, kind, old, _found(store, old.kek_id), _found(store, new.kek_id), rows)
        done, after = done + len(rows), rows[-1].row


def _batch(connection: Connection, kind: WrappedKind, kek_id: str, after: object) -> Sequence[Any]:
    # Rows that an erasure holds are skipped: waiting for them could be waiting for each other.
    statement = (
        select(kind.table.__table__, kind.row.label("row"), kind.wrapped.label("key"))
        .where(kind.table.kek_id == kek_id)
        .order_by(kind.row)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    )
    if after is not None:
        statement = statement.where(kind.row > after)
    return connection.execute(statement).all()


def _store(
    connection: Connection,
    kind: WrappedKind,
    old: Epoch,
    old_kek: KeyEncryptionKey,
    new_kek: KeyEncryptionKey,
    rows: Sequence[Any],
) -> None:
    changes = [
        {"at": row.row, "fresh": new_kek.wrap(old_kek.unwrap(row.key, context), context)}
        for row in rows
        for context in (kind.context(row),)
    ]
    fresh = {"kek_id": new_kek.id, kind.wrapped.key: bindparam("fresh")}
    table: Any = kind.table.__table__
    connection.execute(update(table).where(table.c[kind.row.key] == bindparam("at")).values(fresh), changes)
    # Counted where nobody who wraps a key has to wait for it, and in the same transaction.
    counted = update(KekEpoch).where(KekEpoch.number == old.number)
    connection.execute(counted.values(rewrapped=KekEpoch.rewrapped + len(rows)))


def _found(store: KeyStore, kek_id: str) -> KeyEncryptionKey:
    kek = store.keks.find(kek_id)
    if kek is None:
        raise KeyFileRefused(WRONG_KEK)
    return kek
