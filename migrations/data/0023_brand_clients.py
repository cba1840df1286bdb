"""Programs of brands: how they sign in, their tokens, and how often they ask."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "brand_client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("public_key", sa.String(length=500), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name="fk_brand_client_recipient_id_recipient"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_brand_client"),
    )
    op.create_index("ix_brand_client_recipient_id", "brand_client", ["recipient_id"])
    op.create_table(
        "brand_token",
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["brand_client.id"],
            name="fk_brand_token_client_id_brand_client",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_brand_token"),
    )
    op.create_index("ix_brand_token_client_id", "brand_token", ["client_id"])
    op.create_table(
        "brand_assertion",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_brand_assertion"),
    )
    op.create_table(
        "brand_use",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name="fk_brand_use_recipient_id_recipient"
        ),
        sa.PrimaryKeyConstraint("recipient_id", "day", name="pk_brand_use"),
    )


def downgrade() -> None:
    for table in ("brand_use", "brand_assertion", "brand_token", "brand_client"):
        op.drop_table(table)
