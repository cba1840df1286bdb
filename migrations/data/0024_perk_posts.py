"""Posts handed in for offers, with the verdict on their labels; never their text."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "perk_post",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("text_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name="fk_perk_post_participation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_perk_post_subject_id"),
        sa.PrimaryKeyConstraint("id", name="pk_perk_post"),
        sa.UniqueConstraint("participation_id", "number", name="uq_perk_post_participation_id_number"),
    )
    op.create_index("ix_perk_post_subject_id", "perk_post", ["subject_id"])


def downgrade() -> None:
    op.drop_table("perk_post")
