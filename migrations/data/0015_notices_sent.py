"""What a notice to a recipient is about, why it had no answer, and who confirmed it by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

COLUMNS = {"about": 200, "last_failure": 20, "by_hand": 64, "confirmed_by": 31}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("recipient_notice", sa.Column(name, sa.String(length=length), nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("recipient_notice", name)
