"""What of the log anybody may read, as files; the web serves them, and a mirror may copy them."""

from sqlalchemy.orm import Session

from app.transaction import House
from audit.log import StoredLog
from audit.published import find_published


def find_log_file(house: House, path: str) -> bytes | None:
    """One tile or bundle as the last signed checkpoint covers it; None where there is none."""
    note = house.high_water.read()
    if note is None:
        return None
    size = house.high_water.open(note).size
    with Session(house.data) as session:
        return find_published(StoredLog(session), size, path)
