"""What the commands share: the kinds of arguments, and how a result is printed."""

import json
from pathlib import Path
from typing import Any

import click

LANGUAGES = click.Choice(["en", "de"])
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
DIRECTORY = click.Path(file_okay=False, path_type=Path)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_statement(result: Any, language: str) -> None:
    from app.transaction import system_clock
    from explain.statement import state
    from explain.wording import Language
    from model.card import load_card

    said = state(result, load_card(), Language(language), today=system_clock().date())
    click.echo("\n".join(said.headline))
    for one in said.criteria:
        click.echo(f"\n{one.name}: {one.points}\n  {one.measures}\n  {one.input} {one.piece}".rstrip())
        click.echo("".join(f"  {line}\n" for line in (one.origin, *one.networks) if line), nl=False)
    click.echo("\n" + "\n".join(said.networks))
