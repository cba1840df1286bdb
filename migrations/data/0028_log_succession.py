"""A log can be closed and succeeded by another under another key: its last checkpoint and its public key."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("log_head", sa.Column("closing_note", sa.String(length=4000), nullable=True))
    op.add_column("log_head", sa.Column("verifier_key", sa.String(length=400), nullable=True))


def downgrade() -> None:
    op.drop_column("log_head", "verifier_key")
    op.drop_column("log_head", "closing_note")
