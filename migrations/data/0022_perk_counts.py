"""Counts of people for offers, blurred and rounded before they are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "perk_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("counted", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_at", INSTANT, nullable=False),
        sa.Column("tens", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_perk_count"),
    )
    op.create_index("ix_perk_count_about", "perk_count", ["about"])


def downgrade() -> None:
    op.drop_table("perk_count")
