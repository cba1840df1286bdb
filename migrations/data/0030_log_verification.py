"""Runs of the log's verifier are kept, so that its health can be drawn over time; about nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "log_verification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("log_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("published_size", sa.BigInteger(), nullable=False),
        sa.Column("delay_seconds", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("violation_count", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_log_verification"),
    )
    op.create_index("ix_log_verification_log_number_made_at", "log_verification", ["log_number", "made_at"])


def downgrade() -> None:
    op.drop_index("ix_log_verification_log_number_made_at", table_name="log_verification")
    op.drop_table("log_verification")
