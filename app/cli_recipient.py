"""`klarwert recipient ...`: who may be handed something, if a person lets them."""

from contextlib import closing

import click


@click.group()
def recipient() -> None:
    """Recipients: who may be handed something, if a person lets them."""


@recipient.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="As people are told it.")
@click.option("--kind", required=True, type=click.Choice(["brand", "shipper", "processor"]))
@click.option("--country", required=True, help="Two capital letters, where it is established.")
@click.option("--contact", required=True, help="Whom people may write to.")
@click.option("--notices", required=True, help="The https address that takes notices (GDPR Art. 19).")
@click.option(
    "--transfer-tool",
    type=click.Choice(["gdpr-45", "gdpr-46-2-c", "gdpr-47"]),
    help="Outside the EEA: adequacy, standard clauses, or binding rules.",
)
def recipient_add(
    slug: str, name: str, kind: str, country: str, contact: str, notices: str, transfer_tool: str | None
) -> None:
    """Make a recipient; nothing is handed to it before it is verified and has accepted the terms."""
    from app.config import read_config
    from app.setup import open_checked
    from consent.recipient import NewRecipient, RecipientKind, TransferTool, add_recipient

    tool = TransferTool(transfer_tool) if transfer_tool else None
    new = NewRecipient(slug, name, RecipientKind(kind), country, contact, notices, tool)
    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        add_recipient(vault, new)
    click.echo(f"{slug} is a recipient; verify it and note its terms next.")


@recipient.command("list")
def recipient_list() -> None:
    """Every recipient there is or was."""
    from app.config import read_config
    from app.setup import open_checked
    from consent.recipient import recipients

    with closing(open_checked(read_config())) as house, house.open_reading_vault("operator") as vault:
        for one in recipients(vault):
            state = "suspended" if one.suspended_at else "verified" if one.verified_at else "not verified"
            terms = one.terms_version or "none"
            click.echo(f"{one.slug}: {one.name}, {one.kind}, {one.country}, {state}, terms {terms}")


@recipient.command("verify")
@click.argument("slug")
def recipient_verify(slug: str) -> None:
    """Note that it was checked who this is; ends a suspension."""
    from app.config import read_config
    from app.setup import open_checked
    from consent.recipient import verify_recipient

    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        verify_recipient(vault, slug)
    click.echo(f"{slug} is verified.")


@recipient.command("accept-terms")
@click.argument("slug")
@click.option("--version", required=True, help="The version at the head of docs/recipient-terms.md.")
def recipient_accept_terms(slug: str, version: str) -> None:
    """Note that a recipient has signed the terms."""
    from app.config import read_config
    from app.setup import open_checked
    from consent.recipient import accept_terms

    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        accept_terms(vault, slug, version)
    click.echo(f"{slug} has accepted the terms {version}.")


@recipient.command("suspend")
@click.argument("slug")
def recipient_suspend(slug: str) -> None:
    """Hand nothing to it from now on."""
    from app.config import read_config
    from app.setup import open_checked
    from consent.recipient import suspend_recipient

    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        suspend_recipient(vault, slug)
    click.echo(f"{slug} is suspended.")
