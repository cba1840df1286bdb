"""Walks what every table declares about itself: the one mechanism behind erasure and withdrawal."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from vault.base import Base, KeyBase
from vault.desk import Vault
from vault.holding import Fate, Holding


def holding_of(table: type[Base] | type[KeyBase]) -> Holding:
    """What one table declares."""
    return table.__holding__


def data_tables() -> tuple[type[Base], ...]:
    """Every mapped class of the data database, those that point at others first."""
    mapped = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    return tuple(mapped[table] for table in reversed(Base.metadata.sorted_tables) if table in mapped)


def personal_tables() -> tuple[str, ...]:
    """The names of the data tables that name a data subject in any column."""
    return tuple(
        table.__tablename__
        for table in data_tables()
        if holding_of(table).subject_column is not None or "subject_id" in table.__table__.columns
    )


def key_tables() -> tuple[type[KeyBase], ...]:
    """Every mapped class of the key store."""
    mapped = {mapper.local_table: mapper.class_ for mapper in KeyBase.registry.mappers}
    return tuple(mapped[table] for table in KeyBase.metadata.sorted_tables if table in mapped)


def count_rows(vault: Vault, subject_id: UUID) -> dict[type[Base], int]:
    """How many rows each table holds about one subject."""
    counts = {}
    for table, owner in _personal_tables():
        statement = select(func.count()).select_from(table).where(owner == subject_id)
        counts[table] = vault.session.scalar(statement) or 0
    return counts


def delete_rows(vault: Vault, subject_id: UUID) -> dict[type[Base], int]:
    """Delete every row about one subject that erasure deletes; returns how many per table."""
    deleted = {}
    vault.session.flush()
    for table, owner in _personal_tables():
        if holding_of(table).fate is Fate.DELETED:
            result: Any = vault.session.execute(delete(table).where(owner == subject_id))
            deleted[table] = int(result.rowcount)
    vault.session.expire_all()
    return deleted


def delete_rows_resting_on(vault: Vault, subject_id: UUID, scope: str) -> int:
    """Delete what rests on one scope, when its consent is withdrawn; returns how many rows."""
    deleted = 0
    for table, owner in _personal_tables():
        rests_on = holding_of(table).rests_on
        if rests_on is None:
            continue
        for row in vault.session.scalars(select(table).where(owner == subject_id)):
            if scope in rests_on(row):
                vault.session.delete(row)
                deleted += 1
        vault.session.flush()
    return deleted


def _personal_tables() -> Iterator[tuple[type[Base], Any]]:
    for table in data_tables():
        column = holding_of(table).subject_column
        if column is not None:
            yield table, getattr(table, column)
