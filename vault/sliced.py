"""A row whose sealed columns are read slice by slice.

A driver may hold a large value several times over while it hands it on (PostgreSQL's sends bytes as text,
twice as long). A sealed record of many megabytes would cost five times its size in memory; in slices it
costs its size.
"""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, LargeBinary, func, inspect, select
from sqlalchemy.orm import Mapper, Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from vault.base import Base

SLICE_BYTES = 1 << 20
Row = TypeVar("Row", bound=Base)


def find_sliced(session: Session, table: type[Row], key: tuple[Any, ...]) -> Row | None:
    """The row of a primary key, or None; the session does not keep it."""
    mapped: Mapper[Any] = inspect(table)
    large = [column.key for column in mapped.columns if isinstance(column.type, LargeBinary)]
    is_key = [column == value for column, value in zip(mapped.primary_key, key, strict=True)]
    statement = select(table).where(*is_key).options(*(defer(getattr(table, name)) for name in large))
    row = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    session.expunge(row)
    for name in large:
        set_committed_value(row, name, _value(session, getattr(table, name), is_key))
    return row


def _value(session: Session, column: Any, is_key: list[ColumnElement[bool]]) -> bytearray | None:
    size = session.scalar(select(func.length(column)).where(*is_key))
    if size is None:
        return None
    value = bytearray(size)  # as good as bytes to whoever opens it, and never copied to grow
    for start in range(0, size, SLICE_BYTES):
        piece = func.substr(column, start + 1, SLICE_BYTES, type_=LargeBinary)
        found = session.scalar(select(piece).where(*is_key)) or b""
        value[start : start + len(found)] = found
    return value
