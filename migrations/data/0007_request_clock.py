"""Requests: when their clock rested, which is the same as an earlier one, and which need attention."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "rights_request", sa.Column("pauses", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("rights_request", sa.Column("duplicate_of", sa.String(length=16), nullable=True))
    op.add_column("rights_request", sa.Column("escalation", sa.String(length=64), nullable=True))
    op.add_column("rights_request", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("escalated_at", "escalation", "duplicate_of", "pauses"):
        op.drop_column("rights_request", column)
