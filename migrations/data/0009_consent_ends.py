"""Consent records say who ended one and why; months count whom their age turned away.

Columns are only added, which no trigger refuses: what stands in a record stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("consent_record", sa.Column("reason", sa.String(length=64), nullable=True))
    op.add_column("consent_record", sa.Column("alias", sa.String(length=60), nullable=True))
    op.create_table(
        "turned_away",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_turned_away"),
    )


def downgrade() -> None:
    op.drop_table("turned_away")
    for column in ("alias", "reason"):
        op.drop_column("consent_record", column)
