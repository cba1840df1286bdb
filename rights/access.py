"""A person's copy of everything about them (GDPR Art. 15, 20): one zip, written as a stream, sealed at once.

    what tables declare, section by section  ->  zip stream  ->  sealed file of the spool, in chunks

A section is one function over a `Copy`; adding one to `SECTIONS` is all that a new kind of file needs, and
a new table needs nothing (package/rows.py). Nothing is ever on disk in clear. Who asks, how long the copy
lies here and who may fetch it: app/exports.py. What it looks like: docs/access-package.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from consent.gate import permits_for_rights
from consent.purpose import ACCOUNT, RIGHTS
from explain.wording import Language, Words
from rights.package.consents import write_log_receipts, write_receipts, write_texts
from rights.package.context import write_context, write_notices, write_recipients
from rights.package.copying import Copy, Section, Service
from rights.package.explained import write_explanations
from rights.package.folder import Folder
from rights.package.forms import MANIFEST_FORM
from rights.package.front import write_checking, write_index, write_readme
from rights.package.rows import write_rows
from rights.package.weeks import write_activity_streams, write_weeks
from sources.package import KIND, SCHEMA_VERSION
from vault.desk import Vault
from vault.permit import Permit
from vault.spool import SpoolWriter
from vault.subject import read_account, require_subject

SECTIONS: tuple[Section, ...] = (
    write_rows,
    write_weeks,
    write_explanations,
    write_texts,
    write_receipts,
    write_log_receipts,
    write_recipients,
    write_notices,
    write_activity_streams,
    write_context,
    write_checking,
    write_readme,
    write_index,  # last: it lists what the others wrote
)


@dataclass(frozen=True)
class Wanted:
    """What is copied for whom, and who answers.

    reference: of the request it answers.
    house_words: the words of the pages.
    """

    subject_id: UUID
    reference: str
    service: Service
    house_words: Words


def write_copy(vault: Vault, out: SpoolWriter, wanted: Wanted, progress: Callable[[], None]) -> None:
    """Write everything about one person into `out`, which its owner finishes.

    Args:
        progress: called after every piece; may raise to give up.

    Raises:
        SubjectUnknown: erased, or never there.

    Source: GDPR Art. 15(1), 15(3), 20(1).
    """
    permits = _permits(vault, wanted.subject_id)
    subject = require_subject(vault, wanted.subject_id)
    with Folder(out, vault.now(), progress) as folder:
        copy = Copy(
            vault=vault,
            subject_id=wanted.subject_id,
            permits=permits,
            language=Language(read_account(vault, permits[str(ACCOUNT)], subject).language),
            folder=folder,
            service=wanted.service,
            reference=wanted.reference,
            house_words=wanted.house_words,
        )
        for write in SECTIONS:
            write(copy)
        folder.finish(_head(copy), wanted.service.sign, MANIFEST_FORM)


def _permits(vault: Vault, subject_id: UUID) -> dict[str, Permit]:
    """What may be opened, and can be: after a withdrawal the key of its scope is gone at once."""
    permits = {str(scope): permit for scope, permit in permits_for_rights(vault, subject_id).items()}
    held = {*vault.keystore.scopes(subject_id), str(ACCOUNT), str(RIGHTS)}
    return {scope: permit for scope, permit in permits.items() if scope in held}


def _head(copy: Copy) -> dict[str, object]:
    return {
        "package": KIND,
        "schema_version": SCHEMA_VERSION,
        "reference": copy.reference,
        "generated_at": copy.made_at.isoformat(),
        "language": copy.language.value,
        "service": copy.service.url,
        "log": copy.service.name,
        "key": copy.service.key,
    }
