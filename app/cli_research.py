"""`klarwert research ...`: training data of people who consent to it, and their end."""

import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from app.cli_printing import DIRECTORY

if TYPE_CHECKING:
    from model.research import BuildView


@click.group()
def research() -> None:
    """Training data for better cards, of people who consent to it."""


@research.command("build")
@click.argument("directory", type=DIRECTORY)
def research_build(directory: Path) -> None:
    """Write the numbers of everybody who consents now into a new directory; ten people at least."""
    from app.config import read_config
    from app.researching import build_into
    from app.setup import open_checked

    with closing(open_checked(read_config())) as house:
        made = build_into(house, directory)
    click.echo(f"Build {made.id}: {made.people} people (rounded down to tens) in {directory}")
    click.echo("These are personal data. `klarwert research builds` says when they must be destroyed.")


@research.command("builds")
def research_builds() -> None:
    """Every build and how it stands; exit code 1 if one should be gone already."""
    from app.config import read_config
    from app.researching import list_builds
    from app.setup import open_checked

    with closing(open_checked(read_config())) as house:
        found, now = list_builds(house), house.clock()
    for one in found:
        click.echo(f"{one.id}  {one.line}  {one.built_at:%Y-%m-%d}  {one.people:>6}  {_standing(one, now)}")
    if any(one.is_overdue(now) for one in found):
        sys.exit(1)


@research.command("destroy")
@click.argument("build", type=click.UUID)
@click.option("--directory", type=DIRECTORY, help="Where its files are; left out: they are gone already.")
def research_destroy(build: UUID, directory: Path | None) -> None:
    """Remove the files of a build and note that it is destroyed."""
    from app.config import read_config
    from app.researching import destroy
    from app.setup import open_checked

    with closing(open_checked(read_config())) as house:
        destroy(house, build, directory)
    click.echo(f"Build {build} is destroyed. Copies made elsewhere are yours to find.")


def _standing(one: "BuildView", now: datetime) -> str:
    if one.destroyed_at is not None:
        return f"destroyed on {one.destroyed_at:%Y-%m-%d}"
    if one.destroy_by is None:
        return "everybody in it agrees"
    if one.is_overdue(now):
        return f"OVERDUE: to be destroyed since {one.destroy_by:%Y-%m-%d}"
    return f"somebody has left: build anew, destroy this one by {one.destroy_by:%Y-%m-%d}"
