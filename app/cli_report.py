"""`klarwert audit report`: an auditor's report as it was downloaded, checked without us."""

from pathlib import Path

import click

from app.cli_printing import FILE


@click.command("report")
@click.argument("file", type=FILE)
@click.option("--keys", type=FILE, help="The published keys (JWKS); default: the report's own key.")
def audit_report(file: Path, keys: Path | None) -> None:
    """Check a report from the auditor's room offline: its PDF, its JSON, and the signature over both."""
    from app.audit_room_report import check_report
    from audit.jws import keys_of_jwks

    published = keys_of_jwks(keys.read_text(encoding="utf-8")) if keys is not None else None
    checked = check_report(file.read_bytes(), published)
    whose = "" if keys is not None else " (by its own key; compare it with those published)"
    click.echo(f"The report holds{whose}: made at {checked.said['made_at']} of {checked.said['origin']}.")
    count = checked.said["violation_count"]
    rules = "" if count is None else f", {count} {'violation' if count == 1 else 'violations'}"
    click.echo(f"It says: {checked.said['state']}, {checked.said['covered']} entries covered{rules}.")
