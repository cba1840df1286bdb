"""Pruning: bodies of entries whose term is over go, up to a minimum index; every hash stays.

    term     an entry stays until the end of the third year after its own
    minimum  a multiple of 256: whole bundles only, each of whose entries is over (C2SP tlog-tiles, "Pruning")
    proof    an entry `retention.purged` of `retention/log_entry`; its `rows` is the minimum from then on

Of a log that was closed (succession.py) the last bundle will never be whole, and goes once all of it is over:
the minimum is then the log's size. The proof stands in the log that goes on, with the closed one's number
behind the scope and that log as its object, and is repeated whenever what held it is pruned itself.

So every proof and every consistency with an earlier checkpoint can still be made; what cannot is to read
what was pruned, which an export made before still holds. Never beyond what the last checkpoint covers.
"""

import secrets
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Table, bindparam, delete, select, update

from audit.binding import about_log
from audit.entry import Action, ActorRole, Entry, canonical, parse
from audit.log import append
from audit.stored import Reads, StoredLog, log_numbers
from audit.tables import LogEntry, LogHead, LogReference, first_row
from audit.tiles import TILE_WIDTH
from vault.desk import Vault

LOG_YEARS = 3
SCOPE = "retention/log_entry"


def oldest_kept(now: datetime) -> datetime:
    """The instant from which on entries are within their term."""
    return datetime(now.year - LOG_YEARS, 1, 1, tzinfo=UTC)


def is_due(vault: Vault) -> bool:
    """Whether the oldest body that is left of any log is over its term."""
    kept_from = oldest_kept(vault.now())
    return any(_begins_before(StoredLog(vault.connection, number), kept_from) for number in _logs(vault))


def kept_since(reads: Reads) -> datetime | None:
    """The instant of the oldest entry that is left, where earlier ones were pruned."""
    is_pruned = False
    for number in log_numbers(reads):
        log = StoredLog(reads, number)
        is_pruned |= log.minimum > 0
        if log.minimum < log.size:
            return parse(log.entry(log.minimum)).at if is_pruned else None
    return None


def prune(vault: Vault, covered: int) -> int:
    """Drop what is over its term; returns how many bodies went.

    Args:
        covered: the size of the last signed checkpoint.
    """
    vault.session.flush()
    gone = {number: _prune(vault, number, covered) for number in _logs(vault)}
    last = max((number for number, bodies in gone.items() if bodies), default=0)
    for number in gone:
        if number <= last:
            _say(vault, number)  # of older ones once more: what said it may be among what went
    return sum(gone.values())


def _prune(vault: Vault, number: int, covered: int) -> int:
    statement = select(LogHead).where(LogHead.id == number).with_for_update()
    head = vault.session.execute(statement).scalar_one()
    is_closed = number != vault.log_number
    log = StoredLog(vault.connection, number)
    minimum = _reached(
        log, head.size if is_closed else covered, oldest_kept(vault.now()), is_closed=is_closed
    )
    gone = minimum - head.minimum
    if gone:
        first = first_row(number)
        below = {"low": first + head.minimum, "high": first + minimum}
        head.minimum = minimum
        vault.session.flush()  # before the rows: the guard asks for it
        vault.connection.execute(_EMPTY_BODIES, below)
        vault.connection.execute(_DROP_REFERENCES, below)
        vault.checkpoint_wanted = True
    return gone


def _say(vault: Vault, number: int) -> None:
    """In the log that goes on: of itself, or of one that is closed."""
    head = vault.session.get_one(LogHead, number)
    if number == vault.log_number:
        append(vault, Action.RETENTION_PURGED, scope=SCOPE, counts={"rows": head.minimum})
    if number == vault.log_number or not head.minimum:
        return
    vault.journal.append(
        canonical(
            Entry(
                id=secrets.token_hex(16),
                at=vault.now(),
                action=Action.RETENTION_PURGED,
                actor=ActorRole(vault.actor),
                scope=f"{SCOPE}/{head.id}",
                object=about_log(head.origin, head.id),
                counts={"rows": head.minimum},
            )
        )
    )


def _logs(vault: Vault) -> list[int]:
    """Those there are, up to the one this process writes to."""
    return [number for number in log_numbers(vault.connection) if number <= vault.log_number]


def _begins_before(log: StoredLog, kept_from: datetime) -> bool:
    body = log.entry(log.minimum) if log.minimum < log.size else b""
    return bool(body) and parse(body).at < kept_from


def _reached(log: StoredLog, covered: int, kept_from: datetime, *, is_closed: bool) -> int:
    """The end of the last bundle whose every entry is over; of a closed log also of the partial one."""
    minimum = log.minimum
    while minimum < covered:
        stop = min(minimum + TILE_WIDTH, covered)
        if stop < minimum + TILE_WIDTH and not is_closed:
            break
        if not all(body and parse(body).at < kept_from for body, _ in log.entries(minimum, stop)):
            break
        minimum = stop
    return minimum


_ROWS: Table = LogEntry.__table__  # type: ignore[assignment]  # a mapped class has a table
_REFERENCES: Table = LogReference.__table__  # type: ignore[assignment]
_LOW, _HIGH = bindparam("low", type_=BigInteger), bindparam("high", type_=BigInteger)
_EMPTY_BODIES = update(_ROWS).where(_ROWS.c.index_ >= _LOW, _ROWS.c.index_ < _HIGH).values(body=b"")
_DROP_REFERENCES = delete(_REFERENCES).where(_REFERENCES.c.index_ >= _LOW, _REFERENCES.c.index_ < _HIGH)
