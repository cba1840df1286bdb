"""Recipients, the fields a consent to share covers, and the disclosure ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("transfer_tool", sa.String(length=64), nullable=True),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("notices_url", sa.String(length=500), nullable=False),
        sa.Column("terms_version", sa.String(length=20), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("suspended_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipient"),
        sa.UniqueConstraint("slug", name="uq_recipient_slug"),
    )
    op.create_table(
        "shared_fields",
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("fields", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent_record.id"], name="fk_shared_fields_consent_id_consent_record"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_shared_fields_subject_id_subject"),
        sa.PrimaryKeyConstraint("consent_id", name="pk_shared_fields"),
    )
    op.create_index("ix_shared_fields_subject_id", "shared_fields", ["subject_id"])
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name="fk_disclosure_recipient_id_recipient"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_disclosure_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_disclosure"),
    )
    op.create_index("ix_disclosure_subject_id", "disclosure", ["subject_id"])


def downgrade() -> None:
    for table in ("disclosure", "shared_fields", "recipient"):
        op.drop_table(table)
