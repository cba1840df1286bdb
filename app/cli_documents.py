"""`klarwert documents ...`: the documents that are made from the code."""

import sys
from pathlib import Path

import click

from app.cli_printing import write_whole


@click.group()
def documents() -> None:
    """Record of processing, impact assessment, measures, retention, notices and more: made from the code."""


@documents.command("write")
@click.option("--to", "folder", default="docs", type=click.Path(file_okay=False, path_type=Path))
def documents_write(folder: Path) -> None:
    """Write them anew."""
    from app.documents import every_document

    folder.mkdir(parents=True, exist_ok=True)
    for name, render in every_document().items():
        write_whole(folder / name, render().encode())
        click.echo(str(folder / name))


@documents.command("check")
@click.option("--in", "folder", default="docs", type=click.Path(file_okay=False, path_type=Path))
def documents_check(folder: Path) -> None:
    """Say which of them are not what the code says today."""
    from app.documents import every_document

    old = [
        name
        for name, render in every_document().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != render()
    ]
    for name in old:
        click.echo(f"{name} is not what the code says today.", err=True)
    sys.exit(1 if old else 0)
