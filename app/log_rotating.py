"""Another key for the log: the present log is closed, and its successor begins under a new key and name.

    new key file  ->  log.closed, signed by the old key  ->  successor  ->  first checkpoint  ->  old key gone

The service is stopped meanwhile: a process that was left running writes nothing any more (LogClosed).
Interrupted at any point, doing it again goes on from there; until the successor is opened the present log is
simply the log, and from then on every start takes the new key.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from app.config import Config
from app.setup import require_schema
from app.transaction import open_house, system_clock
from audit.succession import close_log, open_successor
from vault.logkeys import create_log_key, destroy_older_log_keys


def rotate_log_key(config: Config, clock: Callable[[], datetime] = system_clock) -> str:
    """Close the log and open its successor; returns the new verifier key.

    Raises:
        SchemaOutdated: nothing was set up there, or a database is behind, or ahead.
        LogStillWritten: something else writes meanwhile; nothing changed but that the log says it is closed.
    """
    require_schema(config)
    with closing(open_house(config, clock)) as house:
        create_log_key(config.secrets, house.log_number + 1)
        with house.open_vault("operator") as vault:
            close_log(vault)
        note = house.sign_checkpoint()
        with house.open_vault("operator") as vault:
            open_successor(vault, note, house.log_key)
    with closing(open_house(config, clock)) as successor:
        successor.sign_checkpoint()
        destroy_older_log_keys(config.secrets, successor.log_number)
        return successor.log_key
