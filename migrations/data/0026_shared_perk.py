"""What an offer was called in the words somebody agreed to, so that they can be printed again."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("shared_fields", sa.Column("perk", sa.String(length=100), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("shared_fields") as table:
        table.drop_column("perk")
