"""`klarwert breach ...`: the register of breaches, with its 72-hour clock and drafts of the two notices."""

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from app.cli_printing import LANGUAGES

if TYPE_CHECKING:
    from app.transaction import House

INSTANT = click.DateTime(["%Y-%m-%dT%H:%M"])


@click.group()
def breach() -> None:
    """The register of personal data breaches (GDPR Art. 33, 34)."""


@breach.command("record")
@click.option("--nature", required=True, type=click.Choice(["confidentiality", "integrity", "availability"]))
@click.option("--table", "tables", multiple=True, help="A table concerned, as docs/data-map.md names it.")
@click.option("--people", required=True, type=int, help="About how many people.")
@click.option("--facts", required=True, help="What happened, in words without anybody's data.")
@click.option("--known-at", type=INSTANT, help="UTC, e.g. 2026-11-25T09:30; default: now.")
def breach_record(
    nature: str, tables: tuple[str, ...], people: int, facts: str, known_at: datetime | None
) -> None:
    """Enter a breach; the clock runs from when it was known."""
    from rights.breach import Nature, record_breach

    with closing(_house()) as house, house.open_vault("operator") as vault:
        at = known_at.replace(tzinfo=UTC) if known_at else vault.now()
        made = record_breach(
            vault, nature=Nature(nature), tables=tables, people=people, facts=facts, known_at=at
        )
        click.echo(f"Breach {made.number}: the authority is to be told by {made.due_at:%Y-%m-%d %H:%M} UTC.")


@breach.command("list")
def breach_list() -> None:
    """The register, newest first."""
    from rights.breach import breaches, is_overdue

    with closing(_house()) as house, house.open_reading_vault("operator") as vault:
        for one in breaches(vault):
            state = "closed" if one.closed_at else "OVERDUE" if is_overdue(one, vault.now()) else "open"
            due = f"due {one.due_at:%Y-%m-%d %H:%M}"
            click.echo(f"{one.number}: {one.nature}, {one.people} people, {due}, {state}")


@breach.command("draft")
@click.argument("number", type=int)
@click.option("--to", "addressee", default="authority", type=click.Choice(["authority", "people"]))
@click.option("--lang", default="en", show_default=True, type=LANGUAGES)
def breach_draft(number: int, addressee: str, lang: str) -> None:
    """Draft the notice to the authority (Art. 33(3)) or to the people concerned (Art. 34(2))."""
    from app.breach_notices import draft
    from rights.breach import require_breach

    with closing(_house()) as house, house.open_reading_vault("operator") as vault:
        click.echo(draft(require_breach(vault, number), addressee, lang, house.config.controller))


@breach.command("told")
@click.argument("number", type=int)
@click.option("--to", "addressee", required=True, type=click.Choice(["authority", "people"]))
def breach_told(number: int, addressee: str) -> None:
    """Note that the authority or the people concerned were told now."""
    from rights.breach import require_breach

    with closing(_house()) as house, house.open_vault("operator") as vault:
        setattr(require_breach(vault, number), f"{addressee}_told_at", vault.now())
    click.echo(f"Breach {number}: {addressee} told.")


@breach.command("close")
@click.argument("number", type=int)
@click.option("--authority-not-told-because", help="Why the authority was not told (Art. 33(1)).")
@click.option("--people-not-told-because", help="Why the people were not told (Art. 34(1), (3)).")
def breach_close(
    number: int, authority_not_told_because: str | None, people_not_told_because: str | None
) -> None:
    """Close a breach: both told, or a reason for each who was not."""
    from rights.breach import close_breach, require_breach

    with closing(_house()) as house, house.open_vault("operator") as vault:
        close_breach(
            vault,
            require_breach(vault, number),
            authority_because=authority_not_told_because,
            people_because=people_not_told_because,
        )
    click.echo(f"Breach {number} is closed.")


def _house() -> "House":
    from app.config import read_config
    from app.setup import open_checked

    return open_checked(read_config())
