"""Alembic's environment for both databases; app/setup.py says which one, over which connection."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, MetaData


def migrate(connection: Connection, metadata: MetaData) -> None:
    """Run the migrations of one database on one connection, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


attributes: dict[str, Any] = context.config.attributes
migrate(attributes["connection"], attributes["metadata"])
