"""`klarwert receipt ...`: what a person holds in their hand, checked without us."""

from pathlib import Path

import click

from app.cli_printing import FILE


@click.group()
def receipt() -> None:
    """Receipts of consent decisions."""


@receipt.command("verify")
@click.argument("file", type=FILE)
@click.option("--keys", type=FILE, help="The published keys (JWKS); default: the receipt's own key.")
@click.option("--log-key", help="The log's key as published; default: the receipt's own.")
def receipt_verify(file: Path, keys: Path | None, log_key: str | None) -> None:
    """Check a receipt offline: who signed it, and that the log holds the decision it is for."""
    from audit.jws import keys_of_jwks
    from consent.receipt_check import check_receipt

    published = keys_of_jwks(_text(keys)) if keys is not None else None
    checked = check_receipt(_text(file), published, log_key)
    by_itself = [part for part, given in (("signature", keys), ("log", log_key)) if given is None]
    whose = (
        f" ({' and '.join(by_itself)} by its own key; compare it with those published)" if by_itself else ""
    )
    click.echo(
        f"The receipt holds{whose}: {checked.scope} was {checked.decision} "
        f"at {checked.decided_at:%Y-%m-%d %H:%M:%S} UTC."
    )
    if checked.size is not None:
        click.echo(f"Entry {checked.index} of the log, proven by its checkpoint over {checked.size} entries.")
    else:
        click.echo("No checkpoint covers its log entry yet; fetch the receipt again to have it proven.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path.name} is not a text.") from None
