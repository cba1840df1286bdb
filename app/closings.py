"""The checkpoint that closes a log: offered to its witnesses while that is of use, published as they left it.

Cosigning needs no key of the log, so it goes on after the old key is destroyed. Asked are the witnesses of
today's policy, unless none of them ever had that log. A log that was put back (audit/succession.py) is not
offered: its witnesses are further than it is, which the first entry of the log after it says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from app.outgoing import Outgoing
from app.transaction import House
from app.witnessing import Last, gather_for
from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import Action, parse
from audit.errors import CheckpointInvalid
from audit.stored import StoredLog, log_numbers

ASKED_FOR = timedelta(days=30)
_log = structlog.get_logger("klarwert.closings")


@dataclass(frozen=True)
class Closing:
    """A closed log whose last checkpoint has no quorum yet."""

    last: Last
    size: int
    closed_at: datetime

    def is_asked_for(self, now: datetime) -> bool:
        return now < self.closed_at + ASKED_FOR

    def is_late(self, now: datetime, promised_seconds: int) -> bool:
        """Whether it is an alarm: later than any checkpoint may be, while it is still asked for."""
        return self.is_asked_for(now) and now > self.closed_at + timedelta(seconds=promised_seconds)


def closings_without_quorum(house: House) -> list[Closing]:
    """The closed logs that had witnesses, and whose last checkpoint they have not cosigned."""
    policy = house.config.witness_policy
    if policy is None:
        return []
    asked = {witness.cosigner.vkey() for witness in policy.witnesses.values()}
    with Session(house.data) as session:
        logs = [StoredLog(session, number) for number in log_numbers(session)]
        found = [_closing(log) for log in logs if asked & house.outside_of(log.number).held().keys()]
    return [one for one in found if one is not None and find_cosigned_closing(house, one.last) is None]


def gather_closings(house: House, ways: Outgoing) -> None:
    """Ask again for what a rotation did not get; an alarm where it takes longer than is promised."""
    now = house.clock()
    for closing in closings_without_quorum(house):
        if closing.is_asked_for(now):
            gather_for(house, ways, closing.last)
    for closing in closings_without_quorum(house):
        if closing.is_late(now, house.config.merge_delay_seconds):
            _log.error("closing_not_cosigned", size=closing.size)


def find_cosigned_closing(house: House, last: Last) -> str | None:
    """The checkpoint that closed a log with the cosignatures that it got, if they were enough then."""
    note = house.outside_of(last.number).cosigned()
    if note is None or not note.startswith(last.note) or note == last.note:
        return None
    try:
        open_checkpoint(note, [NoteVerifier.from_vkey(last.key)])
    except CheckpointInvalid:
        return None
    return note


def _closing(log: StoredLog) -> Closing | None:
    """None for a log that goes on, was put back, or is over its term."""
    closing = log.closing()
    body = log.entry(log.size - 1) if closing is not None and log.minimum < log.size else b""
    if closing is None or not body:
        return None
    entry = parse(body)
    if entry.action is not Action.LOG_CLOSED:
        return None
    return Closing(Last(log.number, *closing), log.size, entry.at)
