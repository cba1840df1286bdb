"""What of the log anybody may read, as files; the web serves them, and a mirror may copy them."""

from sqlalchemy.orm import Session

from app.transaction import House
from audit.checkpoint import NoteVerifier, open_checkpoint
from audit.log import StoredLog
from audit.published import find_published


def find_signed(house: House, number: int | None) -> tuple[str, str] | None:
    """The last signed checkpoint of a log and the key that opens it; None where there is none.

    Args:
        number: of a closed log; None for the one that goes on.
    """
    if number is None:
        note = house.high_water.read()
        return (note, house.log_key) if note is not None else None
    with Session(house.data) as session:
        return StoredLog(session, number).closing()


def find_log_file(house: House, number: int | None, path: str) -> bytes | None:
    """One tile or bundle as the last signed checkpoint of its log covers it; None where there is none."""
    signed = find_signed(house, number)
    if signed is None:
        return None
    size = open_checkpoint(signed[0], [NoteVerifier.from_vkey(signed[1])]).size
    with Session(house.data) as session:
        return find_published(StoredLog(session, number or house.log_number), size, path)
