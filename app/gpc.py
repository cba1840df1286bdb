"""The header of Global Privacy Control: `Sec-GPC: 1` and no other value.

Sent twice it arrives joined by a comma (WSGI), so each part is looked at. Who hears it: signals.py.
"""

from flask import request

HEADER = "Sec-GPC"


def asks_not_to_share(value: str | None) -> bool:
    """Whether a header's value, several joined by commas, says so."""
    return any(part.strip() == "1" for part in (value or "").split(","))


def is_asked_now() -> bool:
    """Whether the request at hand says so."""
    return asks_not_to_share(request.headers.get(HEADER))
