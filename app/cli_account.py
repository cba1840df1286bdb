"""`klarwert account ...`: suspending one, and letting it be used again."""

from contextlib import closing

import click

REASONS = ("security", "misuse", "court-order", "under-age")  # tests hold them to app/suspending.py


@click.group()
def account() -> None:
    """Accounts of people; their rights go on whatever is done here."""


@account.command("suspend")
@click.argument("address")
@click.option("--reason", required=True, type=click.Choice(REASONS))
def account_suspend(address: str, reason: str) -> None:
    """End sign-ins and use of an account; the pages of rights stay open by a code to its address."""
    from app.config import read_config
    from app.setup import open_checked
    from app.suspending import SuspensionReason, suspend

    with closing(open_checked(read_config())) as house:
        suspend(house, address, SuspensionReason(reason))
    click.echo("Suspended. Every right goes on: /rights/without-sign-in")


@account.command("reinstate")
@click.argument("address")
def account_reinstate(address: str) -> None:
    """Let an account be used again."""
    from app.config import read_config
    from app.setup import open_checked
    from app.suspending import reinstate

    with closing(open_checked(read_config())) as house:
        reinstate(house, address)
    click.echo("Reinstated.")
