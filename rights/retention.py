"""Retention: one job for every table, driven by what each declares (GDPR Art. 5(1)(e)).

A table names its terms (`Holding.ends`): a row goes as soon as one of them is over. What rests on a consent
ends with it (consent/record.py), an account that was never confirmed with its link (app/accounts.py), and
the log by its own rules. Each purge leaves its proof in the log: which table, how many rows, nobody's. Once a
day a run that found nothing leaves one too, or nobody could tell that there was one (audit/rules.py).
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_

from audit.entry import Action
from audit.log import append
from vault.base import Base
from vault.desk import Vault
from vault.holdings import data_tables, holding_of

PROOF_EVERY = timedelta(days=1)


def purge(vault: Vault, *, is_proof_due: bool = False) -> dict[str, int]:
    """Delete every row whose term is over; returns how many went, by table.

    Args:
        is_proof_due: log the run even if nothing went.
    """
    vault.session.flush()
    gone = {}
    for table in data_tables():  # those that point at others come first
        if not holding_of(table).ends:
            continue
        result: Any = vault.session.execute(delete(table).where(_is_over(vault, table)))
        if result.rowcount:
            gone[table.__tablename__] = int(result.rowcount)
    for name, rows in gone.items():
        append(vault, Action.RETENTION_PURGED, scope=f"retention/{name}", counts={"rows": rows})
    if is_proof_due and not gone:
        append(vault, Action.RETENTION_PURGED, scope="retention", counts={"rows": 0})
    vault.session.expire_all()
    return gone


def _is_over(vault: Vault, table: type[Base]) -> ColumnElement[bool]:
    # A row without the instant (a job that has not ended) is not over: NULL is no answer in SQL either.
    now = vault.now()
    return or_(*(getattr(table, term.column) <= now - term.after for term in holding_of(table).ends))
