"""`klarwert receipt ...`: what a person holds in their hand, checked without us."""

from pathlib import Path

import click

from app.cli_printing import FILE


@click.group()
def receipt() -> None:
    """Receipts of consent decisions, and the log's proofs of acts."""


@receipt.command("verify")
@click.argument("file", type=FILE)
@click.option("--keys", type=FILE, help="The published keys (JWKS); default: the receipt's own key.")
@click.option("--log-key", help="The log's key as published, or its file; a .tlog-proof carries none.")
@click.option(
    "--log",
    type=click.Path(exists=True, path_type=Path),
    help="An export of the log, or a later checkpoint of it: does it continue the one in a .tlog-proof?",
)
@click.option(
    "--later",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="An export of a log after that one, which says what is lost of it; may be given again.",
)
def receipt_verify(
    file: Path, keys: Path | None, log_key: str | None, log: Path | None, later: tuple[Path, ...]
) -> None:
    """Check a receipt or a .tlog-proof offline; with --log, that the log still holds the act."""
    from audit.proof import is_proof

    text, log_key = _text(file), _key(log_key)
    if is_proof(text):
        if log_key is None:
            raise click.UsageError("A .tlog-proof carries no key; give --log-key with the one published.")
        _verify_proof(text, log_key, log, later)
        return
    if log is not None:
        raise click.UsageError("--log is for a .tlog-proof.")
    _verify_receipt(text, keys, log_key)


def _verify_proof(text: str, log_key: str, log: Path | None, later: tuple[Path, ...]) -> None:
    from audit.continued import require_kept
    from audit.proof import check_proof

    proven = check_proof(text, log_key)
    covered = proven.checkpoint.size
    click.echo(
        f"The proof holds: {proven.entry.action} at {proven.entry.at:%Y-%m-%d %H:%M:%S} UTC "
        f"is entry {proven.index} of {proven.checkpoint.origin}, under its checkpoint over {covered} entries."
    )
    if log is not None:
        size = require_kept(text, log_key, log, later)
        rest = "its {} entries continue those" if size >= covered else "among the {} that are left"
        click.echo(f"The log still holds it: {rest.format(size)}.")


def _verify_receipt(text: str, keys: Path | None, log_key: str | None) -> None:
    from audit.jws import keys_of_jwks
    from consent.receipt_check import check_receipt

    published = keys_of_jwks(_text(keys)) if keys is not None else None
    checked = check_receipt(text, published, log_key)
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


def _key(given: str | None) -> str | None:
    return _text(Path(given)).strip() if given is not None and Path(given).is_file() else given


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{path.name} is not a text.") from None
