"""How the first entry of a log binds the log before it; pure.

    log.opened     object.table   log_head
                   object.row     first 16 bytes of SHA-256(the older log's name)
                   object.version its number
                   object.commit  its root                      counts.rows   its size
    log.restored   the same of the older log as a database that was put back holds it, and beside it
                   notice         size and root that were signed last, as <size>.<root in hex>
                   counts.lost    so many signed entries are not there any more, also of logs after that one

So whoever holds the older log's last checkpoint sees that this one goes on from there, and a second log
that claims to does not bind the same root. What signs is the new key; the older one is destroyed. After
`log.opened` the older log said `log.closed` as its last entry; after `log.restored` it says nothing, since an
entry more would be one of another history than was signed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from audit.checkpoint import Checkpoint
from audit.entry import Action, Entry, EntryObject

TABLE = "log_head"
OPENINGS = frozenset({Action.LOG_OPENED, Action.LOG_RESTORED})
_SIGNED = re.compile(r"([0-9]{1,16})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Restore:
    """What the first entry of a log says of the one before, which was put back from an older copy.

    size, root: as the database held it. signed_size, signed_root: of the last signed checkpoint.
    later: so many entries of logs after it are lost too.
    """

    number: int
    size: int
    root: bytes
    signed_size: int
    signed_root: bytes
    later: int
    at: datetime

    def admits(self, shown: Checkpoint) -> bool:
        """Whether a checkpoint reaches into what is said to be lost, and not beyond it."""
        is_last = shown.size == self.signed_size
        return self.size < shown.size <= self.signed_size and (not is_last or shown.root == self.signed_root)


def binding(older: Checkpoint, number: int) -> EntryObject:
    """What the first entry says of the log before."""
    return EntryObject(TABLE, _named(older.origin), number, older.root.hex())


def about_log(origin: str, number: int) -> EntryObject:
    """What an entry is about that prunes a closed log."""
    return EntryObject(TABLE, _named(origin), number)


def lost_notice(signed: Checkpoint) -> str:
    """What a log that was put back is said to have been signed as."""
    return f"{signed.size}.{signed.root.hex()}"


def lost_counts(restored: Checkpoint, signed: Checkpoint, later: int = 0) -> Mapping[str, int]:
    """How much is there, and how much is not any more; `later` of it in logs after this one."""
    return {"rows": restored.size, "lost": max(0, signed.size - restored.size) + later}


def binds_another(entry: Entry) -> bool:
    """Whether an entry opens a log that another one came before."""
    return entry.action in OPENINGS and entry.object is not None


def is_bound(entry: Entry, older: Checkpoint) -> bool:
    """Whether the entry that opens a log binds exactly what this checkpoint of the older one says."""
    said = entry.object
    return (
        names(entry, older.origin)
        and said is not None
        and said.commit == older.root.hex()
        and entry.counts.get("rows") == older.size
    )


def names(entry: Entry, origin: str) -> bool:
    """Whether an entry that opens a log, or prunes one that is closed, is about the log of this name."""
    return entry.object is not None and (entry.object.table, entry.object.row) == (TABLE, _named(origin))


def find_restore(entry: Entry) -> Restore | None:
    """What an entry says of a log that was put back; None where it says nothing, or not all of it."""
    signed, older = _SIGNED.fullmatch(entry.notice or ""), entry.object
    if entry.action is not Action.LOG_RESTORED or signed is None or "rows" not in entry.counts:
        return None
    if older is None or older.commit is None:
        return None
    return Restore(
        number=older.version,
        size=entry.counts["rows"],
        root=bytes.fromhex(older.commit),
        signed_size=int(signed[1]),
        signed_root=bytes.fromhex(signed[2]),
        later=max(0, entry.counts.get("lost", 0) - max(0, int(signed[1]) - entry.counts["rows"])),
        at=entry.at,
    )


def _named(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()[:32]
