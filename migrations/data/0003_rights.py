"""Rights: requests, restrictions and objections, who looked, staff; and accounts that may be suspended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("subject", sa.Column("suspended_at", INSTANT, nullable=True))
    op.create_table(
        "processing_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=True),
        sa.Column("ground", sa.String(length=64), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name="fk_processing_limit_subject_id_subject"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_processing_limit"),
    )
    op.create_index("ix_processing_limit_subject_id", "processing_limit", ["subject_id"])
    op.create_table(
        "access_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("alias", sa.String(length=60), nullable=True),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.String(length=1000), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("recipient", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_access_event_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_access_event"),
    )
    op.create_index("ix_access_event_subject_id", "access_event", ["subject_id"])
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.String(length=200), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
        sa.UniqueConstraint("alias", name="uq_staff_member_alias"),
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("fresh_until", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["staff_member.id"], name="fk_staff_session_member_id_staff_member"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_session"),
        sa.UniqueConstraint("token_sha256", name="uq_staff_session_token_sha256"),
    )
    op.create_index("ix_staff_session_member_id", "staff_session", ["member_id"])
    op.create_table(
        "rights_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("right", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("extended_at", INSTANT, nullable=True),
        sa.Column("extension_reason", sa.String(length=60), nullable=True),
        sa.Column("refusal_reason", sa.String(length=60), nullable=True),
        sa.Column("proposed_by", sa.String(length=60), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_rights_request_subject_id_subject"),
        sa.PrimaryKeyConstraint("id", name="pk_rights_request"),
        sa.UniqueConstraint("reference", name="uq_rights_request_reference"),
    )
    op.create_index("ix_rights_request_subject_id", "rights_request", ["subject_id"])
    op.create_index("ix_rights_request_state", "rights_request", ["state"])


def downgrade() -> None:
    for table in ("rights_request", "staff_session", "staff_member", "access_event", "processing_limit"):
        op.drop_table(table)
    op.drop_column("subject", "suspended_at")
