"""`klarwert audit witness ...`: who holds the log's checkpoints outside, and how far each is."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.transaction import House
    from audit.outside import Held


@click.group()
def witness() -> None:
    """Witnesses of the log's checkpoints, and the places that get them."""


@witness.command("status")
def witness_status() -> None:
    """Print how far each witness and place is; exit status 1 for entries that wait too long, or a fork."""
    from app.config import read_config
    from app.setup import open_prepared

    with closing(open_prepared(read_config())) as house:
        is_well = _print_publication(house)
        said, closings = list(_held(house)), _say_closings(house)
    for line in closings:
        click.echo(line)
    for name, held in said:
        since = (
            "" if held.at is None else f" since {datetime.fromtimestamp(held.at, UTC):%Y-%m-%d %H:%M:%S} UTC"
        )
        problem = "" if held.problem is None else f"; the last time: {held.problem}"
        click.echo(f"{name}: {held.size} entries{since}{problem}")
    is_split = any(held.problem in ("forked", "ahead", "conflict") for _, held in said)
    if is_split:
        click.echo("Somebody outside holds another history of this log than this database does.")
    sys.exit(0 if is_well and not is_split and not any(closings.values()) else 1)


@witness.command("send")
def witness_send() -> None:
    """Sign the log as it is and carry the checkpoint outside now, as the worker does once a minute."""
    from app.config import read_config
    from app.mail import choose_mailer
    from app.outside import carry_outside
    from app.setup import open_prepared

    with closing(open_prepared(read_config())) as house:
        house.sign_checkpoint()
        carry_outside(house, choose_mailer(house.config))
    click.echo("Sent; `klarwert audit witness status` says how far each is.")


def _print_publication(house: "House") -> bool:
    from app.publishing import publication

    found, promised = publication(house), house.config.merge_delay_seconds
    click.echo(f"log: {found.size} entries, {found.signed_size} signed, {found.published_size} published")
    if found.cosigned_size is not None:
        fails = "closed" if house.config.fails_closed else "open"
        click.echo(f"cosigned by a quorum: {found.cosigned_size}; without one it fails {fails}")
    waiting = int(max(found.delay, found.cosigned_delay).total_seconds())
    late = "LATE: " if found.is_late else ""
    click.echo(f"{late}the oldest entry outside waits for {waiting} s; at most {promised} s are promised")
    return not found.is_late


def _say_closings(house: "House") -> "dict[str, bool]":
    """What closed a log without a quorum, and whether that is an alarm."""
    from app.closings import closings_without_quorum

    now, said = house.clock(), {}
    for one in closings_without_quorum(house):
        what = f"the checkpoint over {one.size} entries that closed log {one.last.number} has no quorum"
        asked = "asked for again" if one.is_asked_for(now) else "no longer asked for"
        said[f"{what}; {asked}"] = one.is_late(now, house.config.merge_delay_seconds)
    return said


def _held(house: "House") -> "list[tuple[str, Held]]":
    from app.placing import place_key
    from audit.outside import Held

    held, policy = house.outside.held(), house.config.witness_policy
    witnesses = [] if policy is None else list(policy.witnesses.values())
    names = [(f"witness {one.name}", one.cosigner.vkey()) for one in witnesses]
    places = [(f"place {one.kind}:{one.target}", place_key(one)) for one in house.config.checkpoint_places]
    return [(name, held.get(key, Held())) for name, key in names + places]
