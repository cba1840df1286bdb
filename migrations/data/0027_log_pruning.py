"""Entries whose term is over lose their body, up to a minimum index; their hashes stay, so proofs go on.

The guard lets a body go, and nothing else, only below the minimum that the log's head names; so do the
references, which would link what is no longer there. An index holds the number of its log above bit 40.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

BELOW = "(OLD.index_ & 1099511627775) < (SELECT minimum FROM log_head WHERE id = (OLD.index_ >> 40) + 1)"
PRUNED = f"NEW.index_ = OLD.index_ AND NEW.leaf_hash = OLD.leaf_hash AND length(NEW.body) = 0 AND {BELOW}"


def upgrade() -> None:
    op.add_column("log_head", sa.Column("minimum", sa.BigInteger(), server_default="0", nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        _sqlite("log_entry", "UPDATE", f"WHEN NOT ({PRUNED}) ")
        _sqlite("log_reference", "DELETE", f"WHEN NOT ({BELOW}) ")
        return
    op.execute(
        "CREATE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_TABLE_NAME = 'log_entry' AND TG_OP = 'UPDATE' THEN "
        f"IF {PRUNED} THEN RETURN NEW; END IF; END IF; "
        "IF TG_TABLE_NAME = 'log_reference' AND TG_OP = 'DELETE' THEN "
        f"IF {BELOW} THEN RETURN OLD; END IF; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    _postgresql("refuse_log_change")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite("log_entry", "UPDATE", "")
        _sqlite("log_reference", "DELETE", "")
    else:
        _postgresql("refuse_change")
        op.execute("DROP FUNCTION refuse_log_change()")
    op.drop_column("log_head", "minimum")


def _sqlite(table: str, action: str, when: str) -> None:
    name = f"{table}_{action.lower()}_guard"
    op.execute(f"DROP TRIGGER {name}")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {action} ON {table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _postgresql(function: str) -> None:
    for table in ("log_entry", "log_reference"):
        op.execute(f"DROP TRIGGER {table}_guard ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
