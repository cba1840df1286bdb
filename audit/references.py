"""Whether the list of whose entries are which (LogReference) says what the entries say.

By that list a person is shown their entries and proofs, and an auditor a life. It is bound by no hash, since
it follows from the entries; so a row taken out of it would hide an entry from whom it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from audit.entry import parse
from audit.errors import EntryInvalid
from audit.stored import Reads, StoredLog, log_numbers
from audit.tables import LogReference, first_row

STEP = 4_096  # entries read at a time


class ListFlaw(StrEnum):
    """How the list differs from the entries."""

    UNLISTED = "an entry that is not listed under its reference"
    UNFOUNDED = "listed under a reference that the entry does not name"


@dataclass(frozen=True)
class Misfiled:
    """One entry that is listed wrongly."""

    flaw: ListFlaw
    log: int
    index: int

    @property
    def sentence(self) -> str:
        """What an operator is told; nobody is named."""
        return f"log {self.log}, entry {self.index}: {self.flaw}."


def misfiled(reads: Reads) -> Iterator[Misfiled]:
    """Compare the list with every entry of every log that is still there by its words."""
    for number in log_numbers(reads):
        log = StoredLog(reads, number)
        for start in range(0, log.size, STEP):
            stop = min(start + STEP, log.size)
            said, listed = _said(log, start, stop), _listed(reads, number, start, stop)
            yield from (Misfiled(ListFlaw.UNLISTED, number, index) for index, _ in sorted(said - listed))
            yield from (Misfiled(ListFlaw.UNFOUNDED, number, index) for index, _ in sorted(listed - said))


def _said(log: StoredLog, start: int, stop: int) -> set[tuple[int, bytes]]:
    found = set()
    for index, (body, _) in enumerate(log.entries(start, stop), start):
        try:
            reference = parse(body).subject_ref if body else None
        except EntryInvalid:  # altered: the verifier says so
            continue
        if reference is not None:
            found.add((index, bytes.fromhex(reference)))
    return found


def _listed(reads: Reads, number: int, start: int, stop: int) -> set[tuple[int, bytes]]:
    first = first_row(number)
    statement = select(LogReference.index.label("index_"), LogReference.ref).where(
        LogReference.index >= first + start, LogReference.index < first + stop
    )
    return {(row.index_ - first, bytes(row.ref)) for row in reads.execute(statement)}
