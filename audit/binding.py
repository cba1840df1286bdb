"""How the first entry of a log binds the log before it, whose key has ended; pure.

    log.opened   object.table   log_head
                 object.row     first 16 bytes of SHA-256(the older log's name)
                 object.version its number
                 object.commit  its root                      counts.rows   its size

So whoever holds the older log's last checkpoint sees that this one goes on from there, and a second log
that claims to does not bind the same root. What signs is the new key; the older one signed `log.closed` as
its last entry, and is destroyed.
"""

from hashlib import sha256

from audit.checkpoint import Checkpoint
from audit.entry import Action, Entry, EntryObject

TABLE = "log_head"


def binding(older: Checkpoint, number: int) -> EntryObject:
    """What the first entry says of the log before."""
    return EntryObject(TABLE, _named(older.origin), number, older.root.hex())


def binds_another(entry: Entry) -> bool:
    """Whether an entry opens a log that another one came before."""
    return entry.action is Action.LOG_OPENED and entry.object is not None


def is_bound(entry: Entry, older: Checkpoint) -> bool:
    """Whether the entry that opens a log binds exactly what this checkpoint of the older one says."""
    said = entry.object
    return (
        binds_another(entry)
        and said is not None
        and (said.table, said.row, said.commit) == (TABLE, _named(older.origin), older.root.hex())
        and entry.counts.get("rows") == older.size
    )


def _named(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()[:32]
