"""Signing a brand up and showing that it is who it says: what needs keys, mail, or the network.

    domain   the token is told, somebody puts it there, a button looks: outside any transaction, then noted
    contact  a mail with a link to the brand's own address; whoever reads it there presses a button

What a brand is, and when it may act: perks/brand.py.
"""

import hmac
from datetime import timedelta
from uuid import UUID

from app.domains import Domains, Seen, domains
from app.jobs import Job, JobKind, enqueue
from app.transaction import House
from perks.brand import (
    Brand,
    NewBrand,
    Proof,
    add_brand,
    ask_contact,
    confirm_contact,
    contact_token,
    domain_token,
    prove_domain,
    require_brand,
)
from perks.errors import BrandUnknown
from perks.team import Role, join_team, require_adult
from vault.desk import Vault

MAIL_AGAIN_AFTER = timedelta(minutes=10)  # nobody's mailbox is filled by a button


def sign_up(house: House, subject_id: UUID, new: NewBrand) -> None:
    """Make a brand with the person as its owner, and write to its contact.

    Raises:
        TooYoung: not declared to be of age.
        RecipientRefused: the brand cannot be as described, or its short name is taken.
    """
    with house.open_vault("subject") as vault:
        require_adult(vault, subject_id)
        brand = add_brand(vault, new)
        vault.flush()
        join_team(vault, subject_id, brand.recipient_id, Role.OWNER)
        _write_to_contact(vault, subject_id, new.slug)


def write_to_contact(vault: Vault, subject_id: UUID, slug: str) -> bool:
    """Queue one more mail to the contact; False where the last one was asked for a moment ago."""
    brand, _ = require_brand(vault, slug)
    asked = brand.contact_asked_at
    if asked is not None and vault.now() < asked + MAIL_AGAIN_AFTER:
        return False
    _write_to_contact(vault, subject_id, slug)
    return True


def confirm_by_link(house: House, slug: str, token: str) -> str:
    """Take the button behind the link in that mail; returns the brand's name.

    Raises:
        BrandUnknown: not the link of the last mail, or it is over.
    """
    with house.open_vault("recipient", slug) as vault:
        confirm_contact(vault, slug, token, _key(house))
        return require_brand(vault, slug)[1].name


def proof_of(house: House, brand: Brand) -> str:
    """The token that shows that a domain is a brand's."""
    return domain_token(_key(house), brand)


def look_for_proof(house: House, slug: str, by: Proof, ways: Domains | None = None) -> Seen:
    """Look for the token where it should be, and note it if it is there.

    Raises:
        BrandUnknown: there is no such brand.
    """
    with house.open_reading_vault("recipient", slug) as vault:
        brand, _ = require_brand(vault, slug)
        domain, token = brand.domain, proof_of(house, brand)
    seen = (ways or domains(house.config)).look(by, domain, token)
    if seen is Seen.PROVED:
        with house.open_vault("recipient", slug) as vault:
            prove_domain(vault, slug, by)
    return seen


def contact_of(vault: Vault, job: Job) -> str | None:
    """Where a mail about a brand goes; None for mails to people, and where the brand is confirmed or gone."""
    if job.kind is not JobKind.MAIL_BRAND_CONTACT:
        return None
    try:
        brand, recipient = require_brand(vault, str(job.facts["brand"]))
    except BrandUnknown:
        return None
    return recipient.contact if brand.contact_confirmed_at is None else None


def contact_facts(house: House, vault: Vault, job: Job) -> dict[str, object]:
    """What the mail to a contact says."""
    brand, recipient = require_brand(vault, str(job.facts["brand"]))
    token = contact_token(_key(house), brand, recipient.contact)
    link = f"{house.config.public_url}/brand/confirm?brand={recipient.slug}&token={token}"
    return {"link": link, "name": recipient.name}


def _write_to_contact(vault: Vault, subject_id: UUID, slug: str) -> None:
    ask_contact(vault, slug)
    enqueue(vault, subject_id, JobKind.MAIL_BRAND_CONTACT, facts={"brand": slug})


def _key(house: House) -> bytes:
    return hmac.digest(house.keys.web, b"klarwert/brand-proof/v1", "sha256")
