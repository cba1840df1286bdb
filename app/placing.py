"""Putting checkpoints where the operator has no hand in afterwards: other storage, other people's mailboxes.

A directory gets `<size>.checkpoint`, which is never written over: one that stands there with another text is
evidence of a fork, and stays. `{size}` in an address does the same for a store that takes each name once.
"""

import hashlib
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from app.mail import Mailer
from app.outgoing import Outgoing, OutgoingFailed
from app.transaction import House
from app.witness_settings import Place
from audit.outside import Held

MAIL_EVERY = timedelta(days=1)  # somebody is to be able to read them
CONFLICT = "conflict"
LINE = "\n"
_log = structlog.get_logger("klarwert.placing")


def place_checkpoint(house: House, ways: Outgoing, mailer: Mailer) -> None:
    """Put the last checkpoint wherever it is not yet; what fails is tried again in the next round."""
    note = house.high_water.read()
    if note is None or not house.config.checkpoint_places:
        return
    checkpoint, held = house.high_water.open(note), house.outside.held()
    now = int(house.clock().timestamp())
    for number, place in enumerate(house.config.checkpoint_places, 1):
        before = held.get(place_key(place), Held())
        if before.size >= checkpoint.size or _rests(place, before, now):
            continue
        problem = _put(place, _name(house, checkpoint.size), note, ways, mailer)
        if problem is None:
            held[place_key(place)] = Held(checkpoint.size, now)
            continue
        held[place_key(place)] = replace(before, problem=problem)
        tell = _log.error if problem == CONFLICT else _log.warning
        tell(
            "checkpoint_not_placed", place=number, kind=place.kind, problem=problem
        )  # an address may be a person's
    house.outside.keep(held)


def place_key(place: Place) -> str:
    """What a place is called in the file of states: a mailbox may be somebody's name."""
    return hashlib.sha256(f"{place.kind}:{place.target}".encode()).hexdigest()[:16]


def _rests(place: Place, held: Held, now: int) -> bool:
    return place.kind == "mailto" and held.at is not None and now < held.at + MAIL_EVERY.total_seconds()


def _name(house: House, size: int) -> str:
    """What a checkpoint is called at a place, once: sizes begin anew with each log of an installation."""
    return str(size) if house.log_number == 1 else f"{house.log_number}-{size}"


def _put(place: Place, name: str, note: str, ways: Outgoing, mailer: Mailer) -> str | None:
    """A closed word for what went wrong."""
    try:
        if place.kind == "file":
            return _write(Path(place.target) / f"{name}.checkpoint", note)
        if place.kind == "mailto":
            mailer.send(place.target, f"Checkpoint {name} of {note.partition(LINE)[0]}", note)
            return None
        send = ways.put if place.kind == "put" else ways.post
        url = place.target.replace("{size}", name)
        reply = send(url, note.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    except OutgoingFailed as failed:
        return failed.failure.value
    except OSError as error:  # the disk or the mail server; its words may hold an address
        return "missing" if isinstance(error, FileNotFoundError) else "write"
    return None if 200 <= reply.status < 300 else f"http-{reply.status}"


def _write(path: Path, note: str) -> str | None:
    """A file that is there for good once this returns; one that is there already is only compared.

    The directory is not made: a disk that is not mounted is to be noticed. Written aside and linked, so that
    a crash leaves no half file under the name.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(note, encoding="utf-8")
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        return None if path.read_text(encoding="utf-8") == note else CONFLICT
    finally:
        aside.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return None
