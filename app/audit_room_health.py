"""How the log is: its size, what its last checkpoint covers, and what the verifier says; log entries only.

The verifier is the one that outsiders run (audit/verify.py), over an export of the stored rows into a
directory that is gone afterwards. A log too long to be read for a page is verified offline.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from app.audit_room import Room
from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.errors import CheckpointInvalid, ExportRefused, Flaw, LogBroken
from audit.export import write_tiles
from audit.published import LogReader
from audit.rules import Promises
from audit.verify import VerifyReport, verify_export

DAYS = 90  # so many of the last are drawn
WITHIN = 50_000  # longer logs are verified by the worker and offline, and not while a page is waited for


class State(StrEnum):
    """What the verifier found."""

    WHOLE = "whole"
    VIOLATED = "violated"  # whole, but a rule is broken
    BROKEN = "broken"
    UNSIGNED = "unsigned"  # no checkpoint yet
    OFFLINE = "offline"  # too long to be verified for a page


@dataclass(frozen=True)
class Verified:
    """The verifier's word; of a broken log what is wrong, and the first bad entry where one is known.

    as_of: when the worker said it, of a log that is too long for a page; its violations name no reference.
    """

    state: State
    report: VerifyReport | None = None
    flaw: Flaw | None = None
    index: int | None = None
    as_of: datetime | None = None


@dataclass(frozen=True)
class Day:
    """One day: how many entries it brought, how long the log then was, and rules broken in it."""

    day: date
    added: int
    size: int
    broken: int

    @property
    def began_at(self) -> datetime:
        return datetime.combine(self.day, time(), UTC)


@dataclass(frozen=True)
class Health:
    """The log at a glance.

    covered: entries under the last checkpoint. covered_at: the instant of the last of these.
    delay: for how long the oldest entry that no checkpoint covers has waited; None where none waits.
    """

    origin: str
    size: int
    covered: int
    covered_at: datetime | None
    delay: timedelta | None
    days: Sequence[Day]
    verified: Verified


def verify(
    reader: LogReader, note: str | None, verifier_key: str, promises: Promises, within: int = WITHIN
) -> Verified:
    """What an outsider would find under the last checkpoint; beyond `within` entries nobody looks."""
    if note is None:
        return Verified(State.UNSIGNED)
    try:
        if open_checkpoint(note, [NoteVerifier.from_vkey(verifier_key)]).size > within:
            return Verified(State.OFFLINE)
        with TemporaryDirectory() as place:
            write_tiles(reader, Path(place) / "log", note, verifier_key)
            report = verify_export(Path(place) / "log", vkey=verifier_key, promises=promises)
    except ExportRefused:  # the checkpoint is of the log before this one
        return Verified(State.UNSIGNED)
    except LogBroken as broken:
        return Verified(State.BROKEN, flaw=broken.flaw, index=broken.index)
    except CheckpointInvalid:
        return Verified(State.BROKEN, flaw=Flaw.CHECKPOINT)
    return Verified(State.VIOLATED if report.violation_count else State.WHOLE, report)


def health(room: Room, origin: str, covered: int, now: datetime, verified: Verified) -> Health:
    """The log at a glance, day by day."""
    last, waiting = room.find(covered - 1), room.find(covered)
    return Health(
        origin=origin,
        size=room.size,
        covered=covered,
        covered_at=last.entry.at if last else None,
        delay=now - waiting.entry.at if waiting else None,
        days=tuple(_days(room, verified)),
        verified=verified,
    )


def _days(room: Room, verified: Verified) -> Iterator[Day]:
    violations = verified.report.violations if verified.report else ()
    found = (room.find(one.index) for one in violations)
    broken = Counter(seen.entry.at.date() for seen in found if seen is not None)
    size = 0
    for day, span in sorted(room.told.days.items()):
        size = max(size, span.last + 1)
        yield Day(day, span.count, size, broken[day])
