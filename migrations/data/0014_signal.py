"""Browsers that ask not to share, and consents given in view of that.

Columns are only added, which no trigger refuses: what stands in a record stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "browser_signal",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_browser_signal_subject_id_subject"),
        sa.PrimaryKeyConstraint("subject_id", name="pk_browser_signal"),
    )
    op.add_column("web_session", sa.Column("signal_heard_at", INSTANT, nullable=True))
    op.add_column(
        "consent_record",
        sa.Column("despite_signal", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("consent_record", "despite_signal")
    op.drop_column("web_session", "signal_heard_at")
    op.drop_table("browser_signal")
