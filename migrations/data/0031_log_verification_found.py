"""The worker's last run says what it found, for a room whose log is too long to be verified for a page."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("log_verification", sa.Column("found", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("log_verification") as table:
        table.drop_column("found")
