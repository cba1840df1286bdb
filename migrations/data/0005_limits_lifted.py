"""Restrictions and objections name their request, and when the person was told of their end."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("processing_limit", sa.Column("reference", sa.String(length=16), nullable=True))
    op.add_column("processing_limit", sa.Column("lift_announced_at", INSTANT, nullable=True))
    op.add_column("processing_limit", sa.Column("lift_told_at", INSTANT, nullable=True))


def downgrade() -> None:
    for column in ("lift_told_at", "lift_announced_at", "reference"):
        op.drop_column("processing_limit", column)
