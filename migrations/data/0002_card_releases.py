"""Released points cards; and scores sealed in their first form make way for scores computed again.

A score now holds each network's inputs in its own units, and its sealed form is bound to that: rows of
before do not open any more. A migration has no key to rewrite them, so they go, and the worker computes
everybody's score again from what they brought. Down takes away the cards and leaves scores alone.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

score = sa.table("score")
import_batch = sa.table("import_batch", sa.column("subject_id", sa.Uuid()))
job = sa.table(
    "job",
    sa.column("id", sa.Uuid()),
    sa.column("subject_id", sa.Uuid()),
    sa.column("kind", sa.String()),
    sa.column("state", sa.String()),
    sa.column("attempts", sa.Integer()),
    sa.column("bytes_done", sa.BigInteger()),
    sa.column("bytes_total", sa.BigInteger()),
    sa.column("facts", sa.JSON()),
    sa.column("created_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.create_table(
        "card_release",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("distribution", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_card_release"),
    )
    op.create_index("ix_card_release_digest", "card_release", ["digest"], unique=False)
    op.execute(score.delete())
    _queue_scores()


def downgrade() -> None:
    op.drop_index("ix_card_release_digest", table_name="card_release")
    op.drop_table("card_release")


def _queue_scores() -> None:
    """Queue a score for everybody who brought something and has none queued, without fetching anybody."""
    waiting = sa.select(job.c.id).where(
        job.c.subject_id == import_batch.c.subject_id, job.c.kind == "score", job.c.state == "queued"
    )
    owners = (
        sa.select(
            _random_id(),
            import_batch.c.subject_id,
            sa.literal("score"),
            sa.literal("queued"),
            sa.literal(0),
            sa.literal(0),
            sa.literal(0),
            sa.literal({}, sa.JSON()),
            sa.func.now(),
        )
        .where(~waiting.exists())
        .group_by(import_batch.c.subject_id)
    )
    op.execute(job.insert().from_select([column.name for column in job.columns], owners))


def _random_id() -> sa.ColumnElement[UUID]:
    if op.get_bind().dialect.name == "sqlite":
        return sa.func.lower(sa.func.hex(sa.func.randomblob(16)))
    return sa.func.gen_random_uuid()
