"""What of the log anybody may read, as files; the web serves them, and a mirror may copy them.

With a policy of witnesses the checkpoint that is published is the last one that enough of them cosigned.
Where they are silent for longer than the maximum merge delay, the last signed one follows without them
(`open`, with an alarm), or nothing does (`closed`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.closings import find_cosigned_closing
from app.transaction import House
from app.witnessing import SKEW_SECONDS, Last
from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.entry import parse
from audit.errors import CheckpointInvalid, EntryInvalid
from audit.outbox import oldest_waiting
from audit.outside import Held
from audit.published import find_published
from audit.stored import StoredLog


@dataclass(frozen=True)
class Publication:
    """How far the log is published, and how long what is not has been waiting."""

    size: int  # of the log
    outbox_delay: timedelta  # age of the oldest entry that is committed and has no place in it yet
    signed_size: int
    published_size: int
    cosigned_size: int | None  # None: no witnesses are asked for
    delay: timedelta  # age of the oldest entry that no published checkpoint covers
    cosigned_delay: timedelta  # and of the oldest that no cosigned one covers
    is_late: bool


def find_signed(house: House, number: int | None) -> tuple[str, str] | None:
    """The published checkpoint of a log and the key that opens it; None where there is none.

    Args:
        number: of a closed log, which is shown with what its witnesses signed; None for the one that goes on.
    """
    if number is None:
        note = published_checkpoint(house)
        return (note, house.log_key) if note is not None else None
    with Session(house.data) as session:
        closing = StoredLog(session, number).closing()
    if closing is None:
        return None
    return find_cosigned_closing(house, Last(number, *closing)) or closing[0], closing[1]


def find_log_file(house: House, number: int | None, path: str) -> bytes | None:
    """One tile or bundle as the published checkpoint of its log covers it; None where there is none."""
    signed = find_signed(house, number)
    if signed is None:
        return None
    size = open_checkpoint(signed[0], [NoteVerifier.from_vkey(signed[1])]).size
    with Session(house.data) as session:
        return find_published(StoredLog(session, number or house.log_number), size, path)


def published_checkpoint(house: House) -> str | None:
    """The checkpoint for everybody, with its cosignatures."""
    note = house.high_water.read()
    if note is None or house.config.witness_policy is None:
        return note
    cosigned = find_cosigned(house)
    if cosigned is None:
        return None if house.config.fails_closed else note
    if house.config.fails_closed or not _is_late(house, _waiting(house, _size(house, cosigned))):
        return cosigned
    return note


def find_cosigned(house: House) -> str | None:
    """The last checkpoint with a quorum, if it still has one by the policy of today."""
    policy, note = house.config.witness_policy, house.outside.cosigned()
    if policy is None or note is None:
        return None
    try:
        house.high_water.open(note)
    except CheckpointInvalid:
        return None
    text, _, block = note.rpartition("\n\n")
    latest = int(house.clock().timestamp()) + SKEW_SECONDS
    return note if policy.is_met_by(policy.cosignatures(f"{text}\n", block, latest=latest)) else None


def with_cosignatures(house: House, note: str) -> str:
    """A signed checkpoint, with its cosignatures where it has a quorum of them."""
    cosigned = find_cosigned(house)
    return cosigned if cosigned is not None and cosigned.startswith(note) else note


def publication(house: House) -> Publication:
    """Where publication stands; late is what waits for longer than the maximum merge delay."""
    signed, published, cosigned = house.high_water.read(), published_checkpoint(house), find_cosigned(house)
    with Session(house.data) as session:
        size = StoredLog(session, house.log_number).head().size
        outbox_delay = _age(house, oldest_waiting(session))
    sizes = [0 if note is None else _size(house, note) for note in (signed, published, cosigned)]
    delay, cosigned_delay = max(outbox_delay, _waiting(house, sizes[1])), timedelta(0)
    if house.config.witness_policy is not None:
        cosigned_delay = max(outbox_delay, _waiting(house, sizes[2]))
    return Publication(
        size=size,
        outbox_delay=outbox_delay,
        signed_size=sizes[0],
        published_size=sizes[1],
        cosigned_size=None if house.config.witness_policy is None else sizes[2],
        delay=delay,
        cosigned_delay=cosigned_delay,
        is_late=_is_late(house, max(delay, cosigned_delay)),
    )


@dataclass(frozen=True)
class WitnessSeen:
    """How far one witness of the policy is: what it cosigned last, when, and what went wrong since."""

    name: str
    size: int
    at: datetime | None
    problem: str | None
    is_asked: bool  # one without an address is known, but not asked


def witnesses(house: House) -> tuple[WitnessSeen, ...]:
    """Every witness of the policy, as it is named there."""
    policy, held = house.config.witness_policy, house.outside.held()
    named = policy.witnesses.items() if policy is not None else ()
    return tuple(
        _seen(name, held.get(one.cosigner.vkey(), Held()), one.url is not None) for name, one in named
    )


def _seen(name: str, held: Held, is_asked: bool) -> WitnessSeen:
    at = None if held.at is None else datetime.fromtimestamp(held.at, UTC)
    return WitnessSeen(name, held.size if at else 0, at, held.problem, is_asked)


def _size(house: House, note: str) -> int:
    return house.high_water.open(note).size


def _waiting(house: House, size: int) -> timedelta:
    """How long the first entry beyond a size has been in the log."""
    with Session(house.data) as session:
        log = StoredLog(session, house.log_number)
        if size >= log.head().size:
            return timedelta(0)
        return _age(house, log.entry(size))


def _age(house: House, body: bytes | None) -> timedelta:
    """How long ago an entry was made."""
    if body is None:
        return timedelta(0)
    try:
        return max(timedelta(0), house.clock() - parse(body).at)
    except EntryInvalid:  # altered or gone: nobody can tell, so it is too long
        return timedelta.max


def _is_late(house: House, delay: timedelta) -> bool:
    return delay > timedelta(seconds=house.config.merge_delay_seconds)
