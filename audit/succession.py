"""Closing a log and opening its successor under another key and name.

    log.closed  ->  last checkpoint, by the old key  ->  successor, binding it  ->  its first checkpoint

The older log keeps its rows, its last checkpoint and its public key, so it is served, exported and proven
from as before. References stay as they were, so one person's entries can be followed from log to log.
"""

import re
import secrets

from sqlalchemy import select

from audit.binding import binding
from audit.checkpoint import NoteVerifier, open_checkpoint
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
    statement = select(LogHead).where(LogHead.id == vault.log_number).with_for_update()
    head = vault.session.execute(statement).scalar_one()
    if head.closing_note is not None:
        raise LogClosed
    log = StoredLog(vault.connection, head.id)
    if log.head().size != older.size or parse(log.entry(older.size - 1)).action is not Action.LOG_CLOSED:
        raise LogStillWritten
    head.closing_note, head.verifier_key = note, verifier_key
    number = head.id + 1
    empty = CompactRange(0, ()).to_bytes()
    vault.session.add(LogHead(id=number, origin=next_origin(older.origin), size=0, frontier=empty))
    vault.flush()
    vault.log_number = number
    vault.journal.append(
        canonical(
            Entry(
                id=secrets.token_hex(16),
                at=vault.now(),
                action=Action.LOG_OPENED,
                actor=ActorRole(vault.actor),
                object=binding(older, head.id),
                counts={"rows": older.size},
            )
        )
    )


def next_origin(origin: str) -> str:
    """The name of the successor: the number at its end, one higher."""
    numbered = _NUMBERED.fullmatch(origin)
    return f"{numbered[1]}{int(numbered[2]) + 1}" if numbered else f"{origin}/2"
