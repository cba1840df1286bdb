"""The log for everybody, at /log/: C2SP tlog-tiles, the same bytes as `klarwert audit export` writes.

    checkpoint   log.vkey   policy   status.json
    tile/<level>/<N>[.p/<width>]   tile/entries/<N>[.p/<width>]

A log that was closed when its key ended (audit/succession.py) lies the same way at /log/<its number>/.
A tile of a width never changes, so a cache may keep it for ever; the checkpoint is asked for anew each time.
No session, no cookie: who reads the log is nobody's business. What no checkpoint covers is not there (404).
"""

import gzip
import hashlib
import json

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from app.current import house
from app.publishing import find_log_file, find_signed, publication

pages = Blueprint("published_log", __name__, url_prefix="/log")
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
SQUEEZED = 6  # of 9: a bundle of 100 kB takes some milliseconds


@pages.get("/checkpoint")
@pages.get("/<int:number>/checkpoint")
def show_checkpoint(number: int | None = None) -> ResponseReturnValue:
    """The last checkpoint, with its cosignatures where there are witnesses (app/publishing.py)."""
    signed = find_signed(house(), number)
    return _answer(signed[0].encode(), TEXT, ASK_AGAIN) if signed is not None else abort(404)


@pages.get("/log.vkey")
@pages.get("/<int:number>/log.vkey")
def show_key(number: int | None = None) -> ResponseReturnValue:
    """The key of the checkpoints, in the file of an export."""
    signed = ("", house().log_key) if number is None else find_signed(house(), number)
    return _answer(f"{signed[1]}\n".encode(), TEXT, ASK_AGAIN) if signed is not None else abort(404)


@pages.get("/policy")
def show_policy() -> ResponseReturnValue:
    """Whom checkpoints are witnessed by, and how many are enough: C2SP tlog-policy."""
    policy = house().config.witness_policy
    return _answer(policy.text.encode(), TEXT, ASK_AGAIN) if policy is not None else abort(404)


@pages.get("/status.json")
def show_status() -> ResponseReturnValue:
    """How far the log is published, and the maximum merge delay that is promised."""
    found, config = publication(house()), house().config
    status = {
        "origin": house().high_water.name,
        "size": found.published_size,
        "cosigned_size": found.cosigned_size,
        "without_quorum": "closed" if config.fails_closed else "open",
        "maximum_merge_delay_seconds": config.merge_delay_seconds,
        "is_late": found.is_late,
    }
    return _answer(f"{json.dumps(status)}\n".encode(), "application/json", ASK_AGAIN)


@pages.get("/tile/<path:place>")
@pages.get("/<int:number>/tile/<path:place>")
def show_tile(place: str, number: int | None = None) -> ResponseReturnValue:
    """One tile or one bundle, as far as the last checkpoint covers it."""
    data = find_log_file(house(), number, f"tile/{place}")
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
