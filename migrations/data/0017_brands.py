"""Brands, their teams, offers with their versions, and stocks of codes; a version is never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

INSTANT = sa.DateTime(timezone=True)
GUARDED = "perk_offer_version"


def upgrade() -> None:
    _brands()
    _offers()
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {GUARDED}_{action.lower()}_guard BEFORE {action} ON {GUARDED} "
                f"BEGIN SELECT RAISE(ABORT, '{GUARDED} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {GUARDED}_guard BEFORE UPDATE OR DELETE ON {GUARDED} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _brands() -> None:
    op.create_table(
        "brand",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("domain_proved_at", INSTANT, nullable=True),
        sa.Column("domain_proved_by", sa.String(length=64), nullable=True),
        sa.Column("contact_asked_at", INSTANT, nullable=True),
        sa.Column("contact_confirmed_at", INSTANT, nullable=True),
        sa.Column("terms_accepted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["recipient_id"], ["recipient.id"], name="fk_brand_recipient_id_recipient"),
        sa.PrimaryKeyConstraint("recipient_id", name="pk_brand"),
    )
    op.create_table(
        "brand_member",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["brand.recipient_id"], name="fk_brand_member_recipient_id_brand"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_brand_member_subject_id_subject"),
        sa.PrimaryKeyConstraint("recipient_id", "subject_id", name="pk_brand_member"),
    )
    op.create_index("ix_brand_member_subject_id", "brand_member", ["subject_id"])
    op.create_table(
        "brand_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["brand.recipient_id"], name="fk_brand_invitation_recipient_id_brand"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_brand_invitation"),
        sa.UniqueConstraint("token_sha256", name="uq_brand_invitation_token_sha256"),
    )
    op.create_index("ix_brand_invitation_recipient_id", "brand_invitation", ["recipient_id"])


def _offers() -> None:
    op.create_table(
        "perk_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["brand.recipient_id"], name="fk_perk_offer_recipient_id_brand"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_perk_offer"),
    )
    op.create_index("ix_perk_offer_recipient_id", "perk_offer", ["recipient_id"])
    op.create_index("ix_perk_offer_state", "perk_offer", ["state"])
    op.create_table(
        "perk_offer_version",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["perk_offer.id"], name="fk_perk_offer_version_offer_id_perk_offer"
        ),
        sa.PrimaryKeyConstraint("offer_id", "number", name="pk_perk_offer_version"),
    )
    op.create_table(
        "perk_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["brand.recipient_id"], name="fk_perk_code_recipient_id_brand"
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["perk_offer.id"], name="fk_perk_code_offer_id_perk_offer"),
        sa.PrimaryKeyConstraint("id", name="pk_perk_code"),
        sa.UniqueConstraint("recipient_id", "fingerprint", name="uq_perk_code_recipient_id_fingerprint"),
    )
    op.create_index("ix_perk_code_offer_id", "perk_code", ["offer_id"])


def downgrade() -> None:
    for table in (
        "perk_code",
        "perk_offer_version",
        "perk_offer",
        "brand_invitation",
        "brand_member",
        "brand",
    ):
        op.drop_table(table)
