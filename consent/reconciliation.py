"""Whether the consents in the database are those in the log: what SQL wrote past the service is found here.

Every decision names its entry, and every entry about a person who is still here has its decision. A row
that was inserted, altered or deleted by hand leaves the log as it was, so the two no longer tell one story.
Whether the log is the one that was signed is asked before (audit/highwater.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from audit.entry import Entry, parse
from audit.log import subject_reference
from audit.prune import kept_since
from audit.rules_consent import CONSENT_ACTIONS
from audit.stored import held_about
from consent.record import ConsentRecord, Decision, history
from vault.desk import Vault
from vault.errors import KeyDestroyed
from vault.subject import Subject

_Place = tuple[int, int]  # the number of the log, and the index in it
_FIRST: _Place = (1, 0)
_TOGETHER = timedelta(minutes=1)  # a row and its entry are written one right after the other


class Difference(StrEnum):
    """How the two differ."""

    UNLOGGED = "a consent record that the log knows nothing of"
    ALTERED = "a consent record that does not say what its entry says"
    MISSING = "an entry whose consent record is gone"


@dataclass(frozen=True)
class Mismatch:
    """One difference about one reference; index: of the entry, where there is one."""

    difference: Difference
    reference: str
    scope: str
    index: int | None = None

    @property
    def sentence(self) -> str:
        """What an operator is told; nobody is named."""
        place = "" if self.index is None else f", entry {self.index}"
        return f"{self.reference[:16]}… {self.scope}{place}: {self.difference}."


def reconcile(vault: Vault) -> Iterator[Mismatch]:
    """Compare every decision of everybody who is here with the log.

    Source: GDPR Art. 5(1)(f), 5(2), 7(1).
    """
    pruned_before = kept_since(vault.session)
    for subject_id in vault.session.scalars(select(Subject.id).order_by(Subject.id)).all():
        try:
            reference = subject_reference(vault, subject_id)
        except KeyDestroyed:  # an erasure that a crash left half done finishes at the next start
            continue
        yield from _compare(vault, subject_id, reference, pruned_before)


def _compare(
    vault: Vault, subject_id: UUID, reference: bytes, pruned_before: datetime | None
) -> Iterator[Mismatch]:
    name, last = reference.hex(), dict[str, _Place]()
    about = ((held.place, parse(held.body)) for held in held_about(vault.session, reference))
    entries = {one.id: (place, one) for place, one in about if _is_decision(one, name)}
    for row in sorted(history(vault, subject_id), key=lambda one: (str(one.scope), one.number)):
        scope = str(row.scope)
        found = entries.pop(row.log_entry_id or _find_unnamed(entries, row), None)
        if found is None and pruned_before is not None and row.decided_at < pruned_before + _TOGETHER:
            continue  # its entry was over its term (audit/prune.py)
        if found is None:
            yield Mismatch(Difference.UNLOGGED, name, scope)
        elif not _says_the_same(row, found[1]) or found[0] < last.get(scope, _FIRST):
            yield Mismatch(Difference.ALTERED, name, scope, found[0][1])
        last[scope] = found[0] if found is not None else last.get(scope, _FIRST)
    for (_, index), entry in entries.values():
        yield Mismatch(Difference.MISSING, name, entry.scope or "", index)


def _is_decision(entry: Entry, reference: str) -> bool:
    return entry.action in CONSENT_ACTIONS and entry.subject_ref == reference


def _find_unnamed(entries: dict[str, tuple[_Place, Entry]], row: ConsentRecord) -> str:
    """The entry of a record from before entries were named."""
    return next((name for name, (_, entry) in entries.items() if _says_the_same(row, entry)), "")


def _says_the_same(row: ConsentRecord, entry: Entry) -> bool:
    words = f"{row.notice_version}.{row.notice_language}.{row.notice_sha256}"
    said = entry.action.value, entry.scope, entry.notice
    if said != (f"consent.{row.decision.value}", str(row.scope), words):
        return False
    if row.decision is Decision.CARRIED:  # it keeps the instant of where it was made
        return True
    return abs(entry.at - row.decided_at) < _TOGETHER and not _lasts_too_long(row)


def _lasts_too_long(row: ConsentRecord) -> bool:
    lasts = row.scope.rule.lasts
    if lasts is None or row.decision is not Decision.GIVEN:
        return False
    return row.expires_at is None or row.expires_at > row.decided_at + lasts + _TOGETHER
