"""Links that confirm a consent by mail, and letters to everybody who asked for them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consent_confirmation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name="fk_consent_confirmation_subject_id_subject"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["consent_record.id"], name="fk_consent_confirmation_record_id_consent_record"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consent_confirmation"),
        sa.UniqueConstraint("token_sha256", name="uq_consent_confirmation_token_sha256"),
    )
    op.create_index("ix_consent_confirmation_subject_id", "consent_confirmation", ["subject_id"])
    op.create_index("ix_consent_confirmation_record_id", "consent_confirmation", ["record_id"])
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("subject_en", sa.String(length=150), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("subject_de", sa.String(length=150), nullable=False),
        sa.Column("text_de", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
        sa.UniqueConstraint("sha256", name="uq_letter_sha256"),
    )


def downgrade() -> None:
    op.drop_table("letter")
    op.drop_table("consent_confirmation")
