"""`klarwert brand ...`: what the operator may do about brands; `klarwert recipient suspend` stops one."""

from contextlib import closing

import click


@click.group()
def brand() -> None:
    """Brands: who makes offers."""


@brand.command("list")
def brand_list() -> None:
    """Every brand, with what of its identity was shown, and how."""
    from app.config import read_config
    from app.setup import open_checked
    from perks.brand import brands

    with closing(open_checked(read_config())) as house, house.open_reading_vault("operator") as vault:
        for one, recipient in brands(vault):
            domain = f"by {one.domain_proved_by}" if one.domain_proved_by else "not shown"
            contact = "confirmed" if one.contact_confirmed_at else "not confirmed"
            terms = recipient.terms_version or "none"
            click.echo(f"{recipient.slug}: {one.domain} {domain}, contact {contact}, terms {terms}")


@brand.command("verify")
@click.argument("slug")
def brand_verify(slug: str) -> None:
    """Note that you checked by hand that domain and contact are the brand's; its terms it accepts itself."""
    from app.config import read_config
    from app.setup import open_checked
    from perks.brand import verify_by_operator

    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        verify_by_operator(vault, slug)
    click.echo(f"{slug}: domain and contact are shown to be its own.")


@brand.command("resume")
@click.argument("slug")
def brand_resume(slug: str) -> None:
    """End a suspension (`klarwert recipient suspend`); nothing else of the brand changes."""
    from app.config import read_config
    from app.setup import open_checked
    from perks.brand import resume

    with closing(open_checked(read_config())) as house, house.open_vault("operator") as vault:
        resume(vault, slug)
    click.echo(f"{slug} is no longer suspended.")
