"""Copies for tests: made by the domain itself, opened as zips."""

import io
import json
import zipfile
from typing import Any
from uuid import uuid4

from app.language import WORDS
from app.transaction import House
from audit.checkpoint import sign_text
from consent.gate import permits_for_rights
from consent.purpose import RIGHTS
from rights.access import Wanted, write_copy
from rights.package.copying import Service
from tests.people import Person
from vault.spool import SpoolReader, SpoolWriter

REFERENCE = "R-0TEST000"


def service_of(house: House) -> Service:
    return Service(
        name=house.log_origin,
        url=house.config.public_url,
        controller=house.config.controller,
        key=house.receipts.verifier_key(),
        sign=lambda text: sign_text(text, house.receipts),
        issuer=house.issuer(),
    )


def copy_of(house: House, person: Person) -> bytes:
    """The zip of a person's copy."""
    folder, copy_id = house.config.spool / "copies", uuid4()
    with house.open_reading_vault("worker") as vault:
        key = vault.upload_key(permits_for_rights(vault, person.subject_id)[RIGHTS])
        with SpoolWriter(folder, copy_id, key) as out:
            wanted = Wanted(person.subject_id, REFERENCE, service_of(house), WORDS)
            write_copy(vault, out, wanted, lambda: None)
            out.finish()
    with SpoolReader(folder, copy_id, key) as reader:
        return io.BufferedReader(reader).read()


def opened(content: bytes) -> dict[str, bytes]:
    """Every file of a copy."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lines(content: bytes) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]
