"""`klarwert audit succeed`: what is asked and said where a log that was put back is succeeded by another."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.log_rotating import Restored
    from audit.checkpoint import Checkpoint

AFTER_A_NEW_KEY = (
    "Copy secrets/ to its backup now, tell the witnesses, and renew the policy where it names logs."
)


def succeed(*, is_agreed: bool) -> None:
    """Show what was signed and what is there, ask, and begin the next log."""
    from app.config import read_config
    from app.log_rotating import find_restored, succeed_log

    config = read_config()
    found = find_restored(config)
    if found is not None:
        _show(found)
        if not is_agreed:
            click.confirm("Is the service stopped, and is there no newer copy of this database?", abort=True)
    click.echo(f"The log goes on under another key; publish it: {succeed_log(config)}")
    click.echo(AFTER_A_NEW_KEY)


def _show(found: "Restored") -> None:
    click.echo(f"Signed last:     {_said(found.signed)}")
    click.echo(f"In the database: {_said(found.stored)}")
    if found.stored.size < found.signed.size:
        lost = f"Its entries {found.stored.size} to {found.signed.size - 1} are lost"
    else:
        lost = f"It does not hold the {found.signed.size} entries that were signed"
    for number, size in found.later:
        lost += f", and all {size} of log {number}"
    click.echo(f"{lost}. Log {found.number} is closed as it is, and the first entry of the next one says so.")


def _said(checkpoint: "Checkpoint") -> str:
    return f"{checkpoint.size} entries, root {checkpoint.root.hex()}"
