"""Closing a log and opening its successor under another key and name.

    log.closed  ->  last checkpoint, by the old key  ->  successor, binding it  ->  its first checkpoint

Where a database was put back from an older copy, nothing is appended to it: what it holds is signed as it is,
and the successor's first entry, `log.restored`, binds that and owns up to what was signed beyond.

The older log keeps its rows, its last checkpoint and its public key, so it is served, exported and proven
from as before. References stay as they were, so one person's entries can be followed from log to log.
"""

import re
import secrets

from sqlalchemy import select

from audit.binding import binding, lost_counts, lost_notice
from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.entry import Action, ActorRole, Entry, canonical, parse
from audit.errors import LogClosed, LogStillWritten
from audit.log import append
from audit.merkle import CompactRange
from audit.stored import StoredLog
from audit.tables import LogHead
from vault.desk import Vault

_NUMBERED = re.compile(r"(.*/)([1-9][0-9]{0,8})")


def close_log(vault: Vault) -> None:
    """Say as the log's last entry that it ends; said already, it is not said again."""
    log = StoredLog(vault.connection, vault.log_number)
    if parse(log.entry(log.size - 1)).action is not Action.LOG_CLOSED:
        append(vault, Action.LOG_CLOSED)
        vault.checkpoint_wanted = True


def open_successor(vault: Vault, note: str, verifier_key: str) -> None:
    """Open the next log, whose first entry binds the checkpoint that the present one ended with.

    Raises:
        LogClosed: it has a successor already.
        LogStillWritten: something was appended after that checkpoint.
    """
    older = open_checkpoint(note, [NoteVerifier.from_vkey(verifier_key)])
    log = _close(vault, older.size, note, verifier_key)
    if parse(log.entry(older.size - 1)).action is not Action.LOG_CLOSED:
        raise LogStillWritten
    opening = Entry(
        id=secrets.token_hex(16),
        at=vault.now(),
        action=Action.LOG_OPENED,
        actor=ActorRole(vault.actor),
        object=binding(older, log.number),
        counts={"rows": older.size},
    )
    _open_next(vault, log.number + 1, next_origin(older.origin), opening)


def open_after_restore(
    vault: Vault, note: str, verifier_key: str, signed: Checkpoint, number: int, later: int = 0
) -> None:
    """Open the next log where a database was put back; its first entry also says what is lost.

    Args:
        note: signs the log as the database holds it. signed: what was signed last.
        number: of the next log. later: how many entries of logs in between are lost wholly.

    Raises:
        LogClosed: it has a successor already.
        LogStillWritten: something was appended meanwhile.
    """
    restored = open_checkpoint(note, [NoteVerifier.from_vkey(verifier_key)])
    log = _close(vault, restored.size, note, verifier_key)
    opening = Entry(
        id=secrets.token_hex(16),
        at=vault.now(),
        action=Action.LOG_RESTORED,
        actor=ActorRole(vault.actor),
        notice=lost_notice(signed),
        object=binding(restored, log.number),
        counts=lost_counts(restored, signed, later),
    )
    _open_next(vault, number, next_origin(restored.origin, number - log.number), opening)


def is_restored(log: StoredLog) -> bool:
    """Whether a log began because the one before it was put back from an older copy."""
    body = log.entry(0) if log.size and not log.minimum else b""
    return bool(body) and parse(body).action is Action.LOG_RESTORED


def _close(vault: Vault, size: int, note: str, verifier_key: str) -> StoredLog:
    """Close the present log for good, at this size, which it still has."""
    statement = select(LogHead).where(LogHead.id == vault.log_number).with_for_update()
    head = vault.session.execute(statement).scalar_one()
    if head.closing_note is not None:
        raise LogClosed
    log = StoredLog(vault.connection, head.id)
    if log.head().size != size:
        raise LogStillWritten
    head.closing_note, head.verifier_key = note, verifier_key
    return log


def _open_next(vault: Vault, number: int, origin: str, opening: Entry) -> None:
    empty = CompactRange(0, ()).to_bytes()
    vault.session.add(LogHead(id=number, origin=origin, size=0, frontier=empty))
    vault.flush()
    vault.log_number = number
    vault.journal.append(canonical(opening))


def next_origin(origin: str, further: int = 1) -> str:
    """The name of the successor: the number at its end, one higher; or so many."""
    numbered = _NUMBERED.fullmatch(origin)
    return f"{numbered[1]}{int(numbered[2]) + further}" if numbered else f"{origin}/{1 + further}"
