"""Another key for the log: the present log is closed, and its successor begins under a new key and name.

    rotation   new key file  ->  log.closed, signed by the old key  ->  offered to witnesses and places
    restore    new key file  ->  the log as the database holds it, signed by the old key
    both       ->  successor, in one transaction  ->  its first checkpoint  ->  old key gone

The service is stopped meanwhile: a process that was left running writes nothing any more (LogClosed).
Interrupted at any point, doing it again goes on from there; until the successor is opened the present log is
simply the log (of a restore: the one that is refused), and from then on every start takes the new key.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.config import Config
from app.mail import Mailer, choose_mailer
from app.outgoing import Outgoing
from app.outside import carry_outside
from app.setup import require_schema
from app.transaction import House, open_house, system_clock
from audit.checkpoint import Checkpoint
from audit.highwater import named_size
from audit.stored import StoredLog
from audit.succession import close_log, open_after_restore, open_successor
from vault.keys import log_key_numbers
from vault.logkeys import create_log_key, destroy_older_log_keys


@dataclass(frozen=True)
class Restored:
    """A database that does not hold what was signed last."""

    number: int  # of the log
    signed: Checkpoint
    stored: Checkpoint
    later: tuple[tuple[int, int], ...]  # number and signed size of logs after it, all of which is lost

    @property
    def next_number(self) -> int:
        """A name that was used is not used again: somebody may hold a checkpoint under it."""
        return max([self.number, *(number for number, _ in self.later)]) + 1


def rotate_log_key(
    config: Config,
    clock: Callable[[], datetime] = system_clock,
    mailer: Mailer | None = None,
    ways: Outgoing | None = None,
) -> str:
    """Close the log and open its successor; returns the new verifier key.

    What witnesses do not answer now is asked again by the worker (app/closings.py).

    Raises:
        SchemaOutdated: nothing was set up there, or a database is behind, or ahead.
        LogStillWritten: something else writes meanwhile; nothing changed but that the log says it is closed.
    """
    require_schema(config)
    with closing(open_house(_without_policy(config), clock)) as house:
        if not _is_unfinished(house):
            create_log_key(config.secrets, house.log_number + 1)
            with house.open_vault("operator") as vault:
                close_log(vault)
            note = house.sign_checkpoint()
            carry_outside(replace(house, config=config), mailer or choose_mailer(config), ways)
            with house.open_vault("operator") as vault:
                open_successor(vault, note, house.log_key)
    return _begin(config, clock)


def find_restored(config: Config) -> Restored | None:
    """What a database that was put back lacks; None where its successor is open already, but not signed.

    Raises:
        LogContinues: it lacks nothing.
        MarkMissing, LogForked, LogBroken: nobody can tell what was signed, or what is there.
    """
    require_schema(config)
    with closing(open_house(_without_policy(config))) as house:
        return None if _is_unfinished(house) else _restored(house)


def succeed_log(config: Config, clock: Callable[[], datetime] = system_clock) -> str:
    """Close a log that was put back from an older copy, and open its successor; returns the verifier key.

    Raises:
        LogContinues: nothing that was signed is missing. MarkMissing, LogForked, LogBroken: see above.
        LogStillWritten: something else writes meanwhile; nothing changed.
    """
    require_schema(config)
    with closing(open_house(_without_policy(config), clock)) as house:
        if not _is_unfinished(house):
            found = _restored(house)
            create_log_key(config.secrets, found.next_number)
            note = house.high_water.sign_restored(found.stored)
            later = sum(size for _, size in found.later)
            with house.open_vault("operator") as vault:
                open_after_restore(vault, note, house.log_key, found.signed, found.next_number, later)
    return _begin(config, clock)


def _restored(house: House) -> Restored:
    with Session(house.data) as session:
        log = StoredLog(session, house.log_number)
        signed, stored = house.high_water.require_restored(log)
    return Restored(log.number, signed, stored, tuple(_later_marks(house)))


def _later_marks(house: House) -> Iterator[tuple[int, int]]:
    """What was signed of logs that a database from before them does not know."""
    first = house.config.high_water
    for path in sorted(first.parent.glob(f"{first.name}-*")):
        number = path.name.removeprefix(f"{first.name}-")
        if number.isdecimal() and int(number) > house.log_number:
            yield int(number), named_size(path.read_text(encoding="utf-8"))


def _is_unfinished(house: House) -> bool:
    """Whether a crash left a successor open, but not signed yet, or the older key in its place."""
    with Session(house.data) as session:
        is_unsigned = StoredLog(session, house.log_number).size == 1 and house.high_water.read() is None
    older = [number for number in log_key_numbers(house.config.secrets) if number < house.log_number]
    return house.log_number > 1 and (is_unsigned or bool(older))


def _begin(config: Config, clock: Callable[[], datetime]) -> str:
    """Sign the log that was opened for the first time, and destroy the key of the one before."""
    with closing(open_house(_without_policy(config), clock)) as successor:
        successor.sign_checkpoint()
        destroy_older_log_keys(config.secrets, successor.log_number)
        return successor.log_key


def _without_policy(config: Config) -> Config:
    """A policy that names the old log's key alone must not stop the new one from being signed."""
    return replace(config, witness_policy=None)
