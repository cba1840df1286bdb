"""`klarwert erasures ...`: the ledger of whom a backup must not bring back."""

from contextlib import closing

import click


@click.group()
def erasures() -> None:
    """The ledger of erasures, which a backup must not undo."""


@erasures.command("adopt")
@click.confirmation_option(
    prompt="Lines of the ledger are lost. Will no backup older than today be put back, ever?"
)
def erasures_adopt() -> None:
    """Go on with a ledger that lost lines; only where no copy of it is left."""
    from app.config import read_config
    from app.erasing import adopt_ledger
    from app.setup import open_prepared
    from rights.erasure_ledger import ErasureLedger

    config = read_config()
    ErasureLedger(config.erasures).prepare()
    with closing(open_prepared(config)) as house:
        adopt_ledger(house)
    click.echo("The ledger goes on. Put no backup back that is older than today.")


@erasures.command("list")
def erasures_list() -> None:
    """The number and the day of every erasure a backup could undo."""
    from app.config import read_config
    from rights.erasure_ledger import ErasureLedger

    for line in ErasureLedger(read_config().erasures).lines():
        if line.mark is not None:
            click.echo(f"{line.number}: {line.on}")
