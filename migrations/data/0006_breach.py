"""The register of personal data breaches (GDPR Art. 33(5))."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "breach",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("nature", sa.String(length=64), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("known_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("authority_told_at", INSTANT, nullable=True),
        sa.Column("authority_not_told_because", sa.String(length=2000), nullable=True),
        sa.Column("people_told_at", INSTANT, nullable=True),
        sa.Column("people_not_told_because", sa.String(length=2000), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_breach"),
    )


def downgrade() -> None:
    op.drop_table("breach")
