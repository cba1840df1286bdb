"""Codes by mail for people who cannot sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "rights_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_rights_code_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_rights_code"),
    )
    op.create_index("ix_rights_code_subject_id", "rights_code", ["subject_id"])


def downgrade() -> None:
    op.drop_table("rights_code")
