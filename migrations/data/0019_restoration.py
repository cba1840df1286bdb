"""An account brought from another installation, and what a carried decision said there."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "restoration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("took_language", sa.Boolean(), nullable=False),
        sa.Column("age_agrees", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_restoration_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_restoration"),
        sa.UniqueConstraint("subject_id", name="uq_restoration_subject_id"),
    )
    op.add_column("consent_record", sa.Column("carried_as", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("consent_record", "carried_as")
    op.drop_table("restoration")
