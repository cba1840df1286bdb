"""Parts in offers with their steps, and what is sealed for them: choices, findings, shared values, claims."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "participation",
    "participation_step",
    "perk_profile",
    "perk_judgement",
    "perk_share",
    "perk_claim",
)


def upgrade() -> None:
    op.create_table(
        "participation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opted_in_at", INSTANT, nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("grant_number", sa.Integer(), nullable=True),
        sa.Column("handed_number", sa.Integer(), nullable=True),
        sa.Column("handed_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_participation_subject_id"),
        sa.ForeignKeyConstraint(["offer_id"], ["perk_offer.id"], name="fk_participation_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_participation"),
        sa.UniqueConstraint("subject_id", "offer_id", name="uq_participation_subject_id_offer_id"),
    )
    op.create_index("ix_participation_offer_id", "participation", ["offer_id"])
    op.create_index("ix_participation_state", "participation", ["state"])
    op.create_table(
        "participation_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_participation_step_subject_id"),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name="fk_participation_step_participation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_participation_step"),
    )
    op.create_index("ix_participation_step_participation_id", "participation_step", ["participation_id"])
    op.create_index("ix_participation_step_subject_id", "participation_step", ["subject_id"])
    op.create_table(
        "perk_profile",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_perk_profile_subject_id"),
        sa.PrimaryKeyConstraint("id", name="pk_perk_profile"),
        sa.UniqueConstraint("subject_id", name="uq_perk_profile_subject_id"),
    )
    op.create_table(
        "perk_judgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.Column("rests_on", sa.String(length=2000), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name="fk_perk_judgement_participation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_perk_judgement_subject_id"),
        sa.PrimaryKeyConstraint("id", name="pk_perk_judgement"),
        sa.UniqueConstraint("participation_id", name="uq_perk_judgement_participation_id"),
    )
    op.create_index("ix_perk_judgement_subject_id", "perk_judgement", ["subject_id"])
    op.create_table(
        "perk_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("rests_on", sa.String(length=2000), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_perk_share_subject_id"),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name="fk_perk_share_participation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_perk_share"),
        sa.UniqueConstraint("participation_id", name="uq_perk_share_participation_id"),
    )
    op.create_index("ix_perk_share_subject_id", "perk_share", ["subject_id"])
    op.create_table(
        "perk_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("claimed_at", INSTANT, nullable=False),
        sa.Column("shipper", sa.String(length=100), nullable=True),
        sa.Column("shipped_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_perk_claim_subject_id"),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name="fk_perk_claim_participation_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_perk_claim"),
        sa.UniqueConstraint("participation_id", name="uq_perk_claim_participation_id"),
    )
    op.create_index("ix_perk_claim_subject_id", "perk_claim", ["subject_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
