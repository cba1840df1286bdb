"""`klarwert staff ...`: who answers requests and looks again at scores."""

from contextlib import closing

import click


@click.group()
def staff() -> None:
    """Who is on the staff, under an alias, with one role each."""


@staff.command("add")
@click.argument("alias")
@click.option("--role", required=True, type=click.Choice(["privacy", "reviewer", "model", "auditor"]))
@click.password_option(help="Asked for, if it is not given here.")
def staff_add(alias: str, role: str, password: str) -> None:
    """Make a member of staff; people are told the alias, so it should be nobody's name."""
    from app.config import read_config
    from app.setup import open_checked
    from app.staff import StaffRole, add_staff

    with closing(open_checked(read_config())) as house:
        add_staff(house, alias, StaffRole(role), password)
    click.echo(f"{alias} is on the staff: {role}.")


@staff.command("list")
def staff_list() -> None:
    """Everybody who is or was on the staff."""
    from app.config import read_config
    from app.setup import open_checked
    from app.staff import staff as everybody

    with closing(open_checked(read_config())) as house:
        for member in everybody(house):
            ended = f", ended {member.ended_at:%Y-%m-%d}" if member.ended_at else ""
            click.echo(f"{member.alias}: {member.role}{ended}")


@staff.command("end")
@click.argument("alias")
def staff_end(alias: str) -> None:
    """End a member of staff and their sign-ins; the alias is not given again."""
    from app.config import read_config
    from app.setup import open_checked
    from app.staff import end_staff

    with closing(open_checked(read_config())) as house:
        end_staff(house, alias)
    click.echo(f"{alias} is not on the staff any more.")
