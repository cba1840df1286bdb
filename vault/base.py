"""The tables' base: naming convention, aware UTC instants, enums stored by value.

Two registries, because there are two databases: `Base` for the data, `KeyBase` for the key store.
Every mapped class carries a `__holding__` (holdings.py); tests/architecture refuses one without.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Enum, LargeBinary, MetaData, Uuid
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from vault.envelope import Cell
from vault.holding import Holding

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive one is refused, because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive instant cannot be stored.")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def by_value(kind: type[StrEnum]) -> Enum:
    """A column type that stores an enum's values, as text any engine can read."""
    return Enum(
        kind, native_enum=False, length=64, values_callable=lambda members: [m.value for m in members]
    )


class _Typed:
    """What both registries share."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, UUID: Uuid(), bytes: LargeBinary}


class Base(_Typed, DeclarativeBase):
    """A table of the data database."""

    metadata = MetaData(naming_convention=NAMING)
    __holding__: ClassVar[Holding]
    # Raised when the plain form of what a table seals changes; bound into every sealed record.
    __sealed_schema__: ClassVar[int] = 1

    def cell(self, column: str) -> Cell:
        """The place of one sealed column of this row, to which its ciphertext is bound."""
        row: Any = self
        return Cell(self.__tablename__, column, row.id, row.row_version, self.__sealed_schema__)


class KeyBase(_Typed, DeclarativeBase):
    """A table of the key store, which is another database with another backup."""

    metadata = MetaData(naming_convention=NAMING)
    __holding__: ClassVar[Holding]
