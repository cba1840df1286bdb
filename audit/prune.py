"""Pruning: bodies of entries whose term is over go, up to a minimum index; every hash stays.

    term     an entry stays until the end of the third year after its own
    minimum  a multiple of 256: whole bundles only, each of whose entries is over (C2SP tlog-tiles, "Pruning")
    proof    an entry `retention.purged` of `retention/log_entry`; its `rows` is the minimum from then on

So every proof and every consistency with an earlier checkpoint can still be made; what cannot is to read
what was pruned, which an export made before still holds. Never beyond what the last checkpoint covers.
A log that was closed (succession.py) is as it is: nothing can be said in it any more.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Table, bindparam, delete, select, update

from audit.entry import Action, parse
from audit.log import LogEntry, LogHead, LogReference, Reads, StoredLog, append, first_row, log_numbers
from audit.tiles import TILE_WIDTH
from vault.desk import Vault

LOG_YEARS = 3
SCOPE = "retention/log_entry"


def oldest_kept(now: datetime) -> datetime:
    """The instant from which on entries are within their term."""
    return datetime(now.year - LOG_YEARS, 1, 1, tzinfo=UTC)


def is_due(vault: Vault) -> bool:
    """Whether the oldest body that is left is over its term."""
    log = StoredLog(vault.connection)
    body = log.entry(log.minimum) if log.minimum < log.size else b""
    return bool(body) and parse(body).at < oldest_kept(vault.now())


def kept_since(reads: Reads) -> datetime | None:
    """The instant of the oldest entry that is left, where earlier ones were pruned."""
    for number in log_numbers(reads):
        log = StoredLog(reads, number)
        if log.minimum and log.minimum < log.size:
            return parse(log.entry(log.minimum)).at
    return None


def prune(vault: Vault, covered: int) -> int:
    """Drop what is over its term; returns how many bodies went.

    Args:
        covered: the size of the last signed checkpoint.
    """
    vault.session.flush()
    head = vault.session.execute(
        select(LogHead).where(LogHead.id == vault.log_number).with_for_update()
    ).scalar_one()
    minimum = _reached(StoredLog(vault.connection), head.minimum, covered, oldest_kept(vault.now()))
    gone = minimum - head.minimum
    if gone:
        first = first_row(vault.log_number)
        below = {"low": first + head.minimum, "high": first + minimum}
        head.minimum = minimum
        vault.session.flush()  # before the rows: the guard asks for it
        vault.connection.execute(_EMPTY_BODIES, below)
        vault.connection.execute(_DROP_REFERENCES, below)
        append(vault, Action.RETENTION_PURGED, scope=SCOPE, counts={"rows": minimum})
        vault.checkpoint_wanted = True
    return gone


def _reached(log: StoredLog, minimum: int, covered: int, kept_from: datetime) -> int:
    """The end of the last bundle whose every entry is over."""
    while minimum + TILE_WIDTH <= covered:
        bodies = [body for body, _ in log.entries(minimum, minimum + TILE_WIDTH)]
        if not all(body and parse(body).at < kept_from for body in bodies):
            break
        minimum += TILE_WIDTH
    return minimum


_ROWS: Table = LogEntry.__table__  # type: ignore[assignment]  # a mapped class has a table
_REFERENCES: Table = LogReference.__table__  # type: ignore[assignment]
_LOW, _HIGH = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
_EMPTY_BODIES = update(_ROWS).where(_ROWS.c.index_ >= _LOW, _ROWS.c.index_ < _HIGH).values(body=b"")
_DROP_REFERENCES = delete(_REFERENCES).where(_REFERENCES.c.index_ >= _LOW, _REFERENCES.c.index_ < _HIGH)
