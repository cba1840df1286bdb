"""`klarwert news ...`: letters to everybody who asked for news."""

from contextlib import closing
from pathlib import Path

import click

from app.cli_printing import FILE


@click.group()
def news() -> None:
    """News by mail, to whoever asked for them and confirmed it."""


@news.command("send")
@click.argument("file", type=FILE)
def news_send(file: Path) -> None:
    """Queue a letter: plain text, a part begun by “# en: SUBJECT” and one by “# de: SUBJECT”."""
    from app.config import read_config
    from app.letters import LetterUnfit, queue_letter, read_wordings
    from app.setup import open_checked
    from consent.purpose import Purpose

    try:
        wordings = read_wordings(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise LetterUnfit("A letter is plain text in UTF-8.") from None
    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        queued = queue_letter(vault, Purpose.MAIL_NEWS, wordings)
    click.echo(f"Queued for {queued} {'person' if queued == 1 else 'people'}.")
