"""`klarwert keys ...`: which KEK is in force, and replacing it."""

from contextlib import closing

import click


@click.group()
def keys() -> None:
    """The key above all keys: which one is in force, replace it."""


@keys.command("show")
def keys_show() -> None:
    """Print the KEK epochs, and by when the present one is to be replaced."""
    from app.config import read_config
    from app.setup import open_prepared
    from vault.epoch import erasure_horizon, is_overdue
    from vault.keys import kek_name

    config = read_config()
    with closing(open_prepared(config)) as house:
        house.keystore.check_kek()
        now, epochs = house.clock(), house.keystore.epochs()
        files = {kek.id: kek_name(number) for number, kek in house.keystore.keks.held().items()}
    for epoch in epochs:
        since = f"epoch {epoch.number}, KEK {epoch.kek_id}, since {epoch.began_at:%Y-%m-%d %H:%M} UTC"
        if epoch.is_in_force:
            due = erasure_horizon(epoch.began_at, config.kek_days)
            said = f"in force, {files[epoch.kek_id]}, to be replaced by {due:%Y-%m-%d %H:%M} UTC"
            late = " (overdue)" if is_overdue(epoch, now, config.kek_days) else ""
            click.echo(f"{since}: {said}{late}")
        elif epoch.finished_at is not None:
            click.echo(f"{since}: destroyed {epoch.finished_at:%Y-%m-%d %H:%M} UTC")
        else:
            click.echo(f"{since}: superseded, {epoch.rewrapped} keys taken over so far")


@keys.command("rotate")
def keys_rotate() -> None:
    """Put a new KEK in force, re-wrap every key under it, destroy the old one. The service may run."""
    from app.config import read_config
    from app.logs import configure_logs
    from app.rotating import rotate_keys
    from app.setup import open_checked
    from vault.keys import kek_name

    configure_logs()
    with closing(open_checked(read_config())) as house:
        ended = rotate_keys(house)
        (number,) = house.keystore.keks.held()
    keys_said = "1 key" if ended.rewrapped == 1 else f"{ended.rewrapped} keys"
    click.echo(f"{keys_said} re-wrapped; the KEK of epoch {ended.number} is destroyed.")
    click.echo(
        f"Copy {kek_name(number)} and the key store to their backups, and destroy the copies of before."
    )
