"""What the commands share: the kinds of arguments, and how a result is printed or written."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

LANGUAGES = click.Choice(["en", "de"])
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
DIRECTORY = click.Path(file_okay=False, path_type=Path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: whatever stood there stays until the new one is complete."""
    fresh = _beside(path)
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise _not_there() from None


def require_writable(path: Path) -> None:
    """Refuse a place where nothing can be written, before the work for it rather than after."""
    fresh = _beside(path)
    try:
        fresh.touch()
        fresh.unlink()
    except OSError:
        raise _not_there() from None


def _not_there() -> click.ClickException:
    return click.ClickException("The file cannot be written there.")


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.fresh")


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_statement(result: Any, language: str) -> None:
    """A score in sentences: every part of its explanation that makes sense without an account."""
    from app.transaction import system_clock
    from explain.composition import explain
    from explain.sentences import tell
    from explain.wording import Language
    from model.card import load_card

    told = tell(explain(result, load_card(), today=system_clock().date()), Language(language))
    click.echo("\n".join((*told.summary, told.earned, *told.band)))
    for one in told.criteria:
        click.echo(f"\n{one.name}: {one.points}\n  {one.measures}\n  {one.input} {one.piece}".rstrip())
        click.echo("".join(f"  {line}\n" for line in (one.origin, *one.figures, *one.networks)), nl=False)
    for part in (told.comparison, (*told.up, *told.down), told.singles, told.together, told.coverage):
        click.echo("".join(f"\n{line}" for line in part))
