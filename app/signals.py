"""A browser's wish not to share (`Sec-GPC: 1`, Global Privacy Control), heard once a session.

Whoever is not signed in is not remembered: nothing of theirs lies here. What it stops: consent/signal.py.
"""

from flask import Flask, request

from app.api.asking import find_signed_in_within
from app.current import find_signed_in, house
from app.gpc import is_asked_now
from app.security import is_api
from app.sessions import SignedIn, mark_signal
from consent.signal import hear


def register(app: Flask) -> None:
    """Listen before every view, so that the very request is already treated as its browser asks."""
    app.before_request(_listen)


def _listen() -> None:
    if not is_asked_now() or request.endpoint in (None, "static"):
        return
    person = _find_person()
    if person is None or person.is_signal_heard:
        return
    with house().open_vault("subject") as vault:
        if mark_signal(vault, person.session_id):
            hear(vault, person.subject_id)


def _find_person() -> SignedIn | None:
    if not is_api():
        return find_signed_in()
    with house().open_reading_vault() as vault:
        return find_signed_in_within(vault, house())
