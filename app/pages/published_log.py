"""The log for everybody, at /log/: C2SP tlog-tiles, the same bytes as `klarwert audit export` writes.

    checkpoint   log.vkey   tile/<level>/<N>[.p/<width>]   tile/entries/<N>[.p/<width>]

A tile of a width never changes, so a cache may keep it for ever; the checkpoint is asked for anew each time.
No session, no cookie: who reads the log is nobody's business. What no checkpoint covers is not there (404).
"""

import gzip
import hashlib

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from app.current import house
from app.publishing import find_log_file

pages = Blueprint("published_log", __name__, url_prefix="/log")
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
SQUEEZED = 6  # of 9: a bundle of 100 kB takes some milliseconds


@pages.get("/checkpoint")
def show_checkpoint() -> ResponseReturnValue:
    """The last signed checkpoint."""
    note = house().high_water.read()
    return _answer(note.encode(), TEXT, ASK_AGAIN) if note is not None else abort(404)


@pages.get("/log.vkey")
def show_key() -> ResponseReturnValue:
    """The key of the checkpoints, in the file of an export."""
    return _answer(f"{house().log_key}\n".encode(), TEXT, ASK_AGAIN)


@pages.get("/tile/<path:place>")
def show_tile(place: str) -> ResponseReturnValue:
    """One tile or one bundle, as far as the last checkpoint covers it."""
    data = find_log_file(house(), f"tile/{place}")
    if data is None:
        abort(404)
    return _answer(data, BYTES, FOR_EVER, is_squeezed=place.startswith("entries/"))


def _answer(data: bytes, kind: str, caching: str, *, is_squeezed: bool = False) -> Response:
    """The bytes, or 304 where the reader has them; compressed where the specification says so."""
    response = Response(data, mimetype=None, content_type=kind)
    digest = hashlib.sha256(data).hexdigest()[:32]
    if is_squeezed:
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            response.set_data(gzip.compress(data, SQUEEZED, mtime=0))
            response.content_encoding = "gzip"
            digest += "-gzip"
    response.headers["Cache-Control"] = caching
    response.set_etag(digest)
    response.make_conditional(request)
    return response
