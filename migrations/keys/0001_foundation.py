"""The key store's foundation: wrapped DEKs, reference keys, the blind index of addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "subject_keys",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kek_id", sa.String(length=16), nullable=False),
        sa.Column("reference_key", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="pk_subject_keys"),
        sa.UniqueConstraint("blind_index", name="uq_subject_keys_blind_index"),
    )
    op.create_table(
        "wrapped_dek",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("kek_id", sa.String(length=16), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject_keys.subject_id"], name="fk_wrapped_dek_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wrapped_dek"),
        sa.UniqueConstraint("subject_id", "scope", name="uq_wrapped_dek_subject_id_scope"),
    )


def downgrade() -> None:
    op.drop_table("wrapped_dek")
    op.drop_table("subject_keys")
