"""Builds of training data, and whose numbers are in them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "research_build",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.String(length=100), nullable=False),
        sa.Column("built_at", INSTANT, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.Column("destroyed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_research_build"),
    )
    op.create_table(
        "research_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("build_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_research_use_subject_id_subject"),
        sa.ForeignKeyConstraint(
            ["build_id"], ["research_build.id"], name="fk_research_use_build_id_research_build"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_research_use"),
    )
    op.create_index("ix_research_use_subject_id", "research_use", ["subject_id"])
    op.create_index("ix_research_use_build_id", "research_use", ["build_id"])


def downgrade() -> None:
    op.drop_table("research_use")
    op.drop_table("research_build")
