"""Every table, by what it declares about itself: each row about the person, each personal column of it.

This is what makes a copy complete (GDPR Art. 15(3); CJEU C-487/21): a new table is in it without a word
here, and a sealed column nobody says how to open is refused by a test. Where a table goes, how its sealed
columns open and what is left out, with the reason, stands beside the table (`Holding`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import Enum as PythonEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, DateTime, Enum, Integer, LargeBinary, Uuid, inspect, select
from sqlalchemy.orm import Mapper

from rights.package.copying import Copy
from rights.package.folder import About, compact
from rights.package.forms import closed
from vault.base import Base, Instant, KeyBase
from vault.errors import EnvelopeInvalid, KeyDestroyed
from vault.holdings import data_tables, holding_of, key_tables
from vault.sliced import find_sliced
from vault.wrapped import WrappedDek

Table = type[Base] | type[KeyBase]


def write_rows(copy: Copy) -> None:
    """Every data table that holds something about people, and what the key store can tell."""
    counts = {}
    for table in copied_tables():
        filed = copy.folder.add_lines(place_of(table), _lines(copy, table), about(table), form_of(table))
        counts[filed.path] = table.__tablename__
    copy.facts["tables"] = counts
    keys = ({"scope": scope} for scope in copy.vault.keystore.scopes(copy.subject_id))
    copy.folder.add_lines(
        place_of(WrappedDek), map(compact, keys), about(WrappedDek), closed({"scope": {"type": "string"}})
    )


def copied_tables() -> tuple[type[Base], ...]:
    """The data tables that hold something about a person."""
    return tuple(table for table in data_tables() if holding_of(table).subject_column is not None)


def place_of(table: Table) -> str:
    """The file of the copy a table goes into."""
    return holding_of(table).copied_to or f"data/{table.__tablename__}.jsonl"


def schema_of(table: Table) -> str:
    """The file with the schema of each of its lines."""
    return f"schemas/{table.__tablename__}.schema.json"


def about(table: Table) -> About:
    """What a table's file is, as the table says."""
    holding = holding_of(table)
    return About(table.__tablename__, (holding.purpose,), holding.source, schema_of(table))


def columns_of(table: Table) -> tuple[Column[Any], ...]:
    """The personal columns of a table that are copied, as the table orders them."""
    holding, mapped = holding_of(table), _mapped(table)
    copied = holding.personal.keys() - holding.left_out.keys()
    return tuple(column for column in mapped.columns if mapped.get_property_by_column(column).key in copied)


def form_of(table: Table) -> dict[str, Any]:
    """The JSON Schema of one line: closed, each column by its type or by what opens it."""
    opened = holding_of(table).opened_by
    return closed(
        {
            column.key: _or_null(dict(opened[column.key].form)) if column.key in opened else _form(column)
            for column in columns_of(table)
        }
    )


def left_out() -> list[dict[str, str]]:
    """What is in no copy, and why, of both databases."""
    return [
        {"table": table.__tablename__, "what": name, "because": because}
        for table in _all_tables()
        for name, because in holding_of(table).left_out.items()
    ]


def _all_tables() -> tuple[Table, ...]:
    return (*copied_tables(), *key_tables())


def uncopied(table: Table) -> tuple[str, ...]:
    """Personal columns that nothing can copy: sealed, and neither opened nor left out for a reason."""
    opened = holding_of(table).opened_by
    return tuple(
        column.key
        for column in columns_of(table)
        if isinstance(column.type, LargeBinary) and column.key not in opened
    )


def _lines(copy: Copy, table: type[Base]) -> Iterator[bytes]:
    session, owner = copy.vault.session, str(holding_of(table).subject_column)
    keys = _mapped(table).primary_key
    statement = select(*keys).where(getattr(table, owner) == copy.subject_id).order_by(*keys)
    # One row at a time and none of them kept: a sealed record may have many megabytes.
    for key in session.execute(statement).all():
        row = find_sliced(session, table, tuple(key))
        if row is not None:
            yield compact(_line(copy, table, row))


def _line(copy: Copy, table: type[Base], row: Base) -> dict[str, Any]:
    opened = holding_of(table).opened_by
    line = {}
    for column in columns_of(table):
        if column.key in opened:
            line[column.key] = _opened(copy, opened[column.key].opens, row)
        else:
            line[column.key] = _plain(getattr(row, column.key))
    return line


def _opened(copy: Copy, opens: Any, row: Base) -> Any:
    try:
        return opens(copy.vault, copy.permits, row)
    except (KeyError, KeyDestroyed, EnvelopeInvalid):  # its consent has ended: nobody can open it any more
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, PythonEnum):
        return value.value
    return value


def _mapped(table: Table) -> Mapper[Any]:
    mapped: Mapper[Any] = inspect(table)
    return mapped


def _form(column: Column[Any]) -> dict[str, Any]:
    form = _form_of_type(column.type)
    return _or_null(form) if column.nullable else form


def _form_of_type(kind: Any) -> dict[str, Any]:
    if isinstance(kind, Instant | DateTime):
        return {"type": "string", "format": "date-time"}
    if isinstance(kind, Uuid):
        return {"type": "string", "format": "uuid"}
    if isinstance(kind, Enum):
        return {"enum": sorted(kind.enums)}
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Integer):
        return {"type": "integer"}
    return {} if isinstance(kind, JSON) else {"type": "string"}


def _or_null(form: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(form), {"type": "null"}]}
