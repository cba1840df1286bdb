"""Public pages, and how often an hour they were opened."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "shown_field",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=43), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_shown_field_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_shown_field"),
        sa.UniqueConstraint("subject_id", "scope", name="uq_shown_field_subject_id_scope"),
    )
    op.create_index("ix_shown_field_subject_id", "shown_field", ["subject_id"])
    op.create_index("ix_shown_field_slug", "shown_field", ["slug"])
    op.add_column("access_event", sa.Column("times", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("access_event", "times")
    op.drop_table("shown_field")
