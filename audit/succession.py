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
from audit.log import LogHead, StoredLog, append
from audit.merkle import CompactRange
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
    _open_next(vault, log, Action.LOG_OPENED, older)


def open_after_restore(vault: Vault, note: str, verifier_key: str, signed: Checkpoint) -> None:
    """Open the next log where a database was put back; its first entry also says what is lost.

    Args:
        note: signs the log as the database holds it. signed: what was signed last.

    Raises:
        LogClosed: it has a successor already.
        LogStillWritten: something was appended meanwhile.
    """
    restored = open_checkpoint(note, [NoteVerifier.from_vkey(verifier_key)])
    log = _close(vault, restored.size, note, verifier_key)
    _open_next(vault, log, Action.LOG_RESTORED, restored, signed)


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


def _open_next(
    vault: Vault, log: StoredLog, action: Action, older: Checkpoint, signed: Checkpoint | None = None
) -> None:
    number = log.number + 1
    empty = CompactRange(0, ()).to_bytes()
    vault.session.add(LogHead(id=number, origin=next_origin(older.origin), size=0, frontier=empty))
    vault.flush()
    vault.log_number = number
    vault.journal.append(
        canonical(
            Entry(
                id=secrets.token_hex(16),
                at=vault.now(),
                action=action,
                actor=ActorRole(vault.actor),
                notice=None if signed is None else lost_notice(signed),
                object=binding(older, log.number),
                counts={"rows": older.size} if signed is None else lost_counts(older, signed),
            )
        )
    )


def next_origin(origin: str) -> str:
    """The name of the successor: the number at its end, one higher."""
    numbered = _NUMBERED.fullmatch(origin)
    return f"{numbered[1]}{int(numbered[2]) + 1}" if numbered else f"{origin}/2"
