"""Addresses at which brands' machines are told of events, and the messages to them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "brand_webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", sa.String(length=300), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name="fk_brand_webhook_recipient_id_recipient"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_brand_webhook"),
    )
    op.create_index("ix_brand_webhook_recipient_id", "brand_webhook", ["recipient_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("pseudonym", sa.String(length=32), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("dead_at", INSTANT, nullable=True),
        sa.Column("last_failure", sa.String(length=20), nullable=True),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["brand_webhook.id"],
            name="fk_webhook_delivery_webhook_id_brand_webhook",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name="fk_webhook_delivery_subject_id_subject"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.CheckConstraint(
            "(subject_id IS NULL) = (pseudonym IS NULL)",
            name="ck_webhook_delivery_about_nobody_or_an_account",
        ),
    )
    for column in ("webhook_id", "subject_id", "due_at"):
        op.create_index(f"ix_webhook_delivery_{column}", "webhook_delivery", [column])


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("brand_webhook")
