"""`Copy`: one person's copy while it is being made, as every section of it gets it.

A section is a function that takes a `Copy` and writes its files; rights/access.py has the list of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from consent.controller import Controller
from consent.receipt_document import Issuer
from explain.wording import Language, Words
from rights.package.folder import Folder
from vault.desk import Vault
from vault.permit import Permit

WORDS = Words(Path(__file__).parent / "words")


@dataclass(frozen=True)
class Service:
    """Who answers, as the copy says it.

    name: the log's name, under which everything here is signed.
    key: the verifier key of the signature, as it is published at `key_url`.
    issuer: who makes the receipts of consents.
    """

    name: str
    url: str
    controller: Controller
    key: str
    sign: Callable[[str], str]
    issuer: Issuer

    @property
    def key_url(self) -> str:
        """Where the key is published."""
        return f"{self.url}/api/v1/log/key"


@dataclass
class Copy:
    """One person's copy.

    permits: what may be opened, by scope.
    house_words: the words of the pages, for what tables, purposes and legal bases are called there.
    facts: what sections leave for the first page.
    """

    vault: Vault
    subject_id: UUID
    permits: Mapping[str, Permit]
    language: Language
    folder: Folder
    service: Service
    reference: str
    house_words: Words
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def made_at(self) -> datetime:
        """When it is made."""
        return self.vault.now()

    def say(self, key: str, **facts: object) -> str:
        """A sentence of the copy, in the person's language."""
        return WORDS.say(key, self.language, **facts)

    def house(self, key: str) -> str:
        """What the pages call something."""
        return self.house_words.say(key, self.language)


Section = Callable[[Copy], None]
