"""Entries that are committed and wait for their place in the log."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "log_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("ref", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_log_outbox"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER log_outbox_update_guard BEFORE UPDATE ON log_outbox "
            "BEGIN SELECT RAISE(ABORT, 'log_outbox is append-only'); END"
        )
        return
    for name, change, each in (("guard", "UPDATE", "ROW"), ("truncate_guard", "TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER log_outbox_{name} BEFORE {change} ON log_outbox "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM log_outbox")):
        raise RuntimeError("Entries wait for their place in the log: start the worker once, then go back.")
    op.drop_table("log_outbox")
