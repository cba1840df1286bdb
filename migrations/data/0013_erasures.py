"""Erasures in steps, how far the erasure ledger was followed, and notices to recipients."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Text(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("token_sha256", name="uq_erasure_token_sha256"),
    )
    op.create_table(
        "erasure_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_mark"),
    )
    op.create_table(
        "recipient_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("pseudonym", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("acknowledged_at", INSTANT, nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name="fk_recipient_notice_recipient_id_recipient"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recipient_notice"),
    )
    op.create_index("ix_recipient_notice_recipient_id", "recipient_notice", ["recipient_id"])
    op.create_index("ix_recipient_notice_pseudonym", "recipient_notice", ["pseudonym"])
    op.create_index("ix_recipient_notice_state", "recipient_notice", ["state"])


def downgrade() -> None:
    for table in ("recipient_notice", "erasure_mark", "erasure"):
        op.drop_table(table)
