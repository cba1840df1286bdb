"""Copies of one's data until they are fetched."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "export_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name="fk_export_copy_request_id_rights_request"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_export_copy_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_export_copy"),
    )
    op.create_index("ix_export_copy_subject_id", "export_copy", ["subject_id"])


def downgrade() -> None:
    op.drop_table("export_copy")
