"""Receipts: a decision names its log entry, the log is found by reference, receipt keys stay published.

The references of a log that is already there are read out of its entries, so nobody's earlier decision is
beyond an Art. 11(2) question. A decision from before names no entry, and its receipt says so.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BATCH = 1000
REFERENCES = sa.table("log_reference", sa.column("ref", sa.LargeBinary), sa.column("index_", sa.BigInteger))
ENTRIES = sa.table("log_entry", sa.column("index_", sa.BigInteger), sa.column("body", sa.LargeBinary))


def upgrade() -> None:
    op.add_column("consent_record", sa.Column("log_entry_id", sa.String(length=32), nullable=True))
    op.create_table(
        "log_reference",
        sa.Column("ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("index_", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("ref", "index_", name="pk_log_reference"),
    )
    op.create_table(
        "receipt_key",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name="pk_receipt_key"),
    )
    _fill()
    if op.get_bind().dialect.name == "sqlite":
        for table in ("log_reference", "receipt_key"):
            for action in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_{action.lower()}_guard BEFORE {action} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    for table in ("log_reference", "receipt_key"):
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("receipt_key")
    op.drop_table("log_reference")
    op.drop_column("consent_record", "log_entry_id")


def _fill() -> None:
    connection, start = op.get_bind(), 0
    while True:
        rows = connection.execute(
            sa.select(ENTRIES.c.index_, ENTRIES.c.body)
            .where(ENTRIES.c.index_ >= start)
            .order_by(ENTRIES.c.index_)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        said = [(row.index_, json.loads(row.body).get("subject_ref")) for row in rows]
        found = [{"ref": bytes.fromhex(ref), "index_": index} for index, ref in said if ref is not None]
        if found:
            connection.execute(REFERENCES.insert(), found)
        start = rows[-1].index_ + 1
