"""A copy on its way out, the same for pages and API: opened chunk by chunk, never in a temporary file."""

from flask import Response, abort, request

from app.exports import Fetched

BLOCK_BYTES = 128 << 10


def require_fetching() -> None:
    """Refuse to use a copy up for somebody who only looks whether it is there."""
    if request.method == "HEAD":
        abort(405)


def copy_file(fetched: Fetched) -> Response:
    """The zip as a download; it is gone from here already."""
    blocks = iter(lambda: fetched.reader.read(BLOCK_BYTES), b"")
    response = Response(blocks, mimetype="application/zip")
    response.content_length = fetched.bytes
    response.headers["Content-Disposition"] = f'attachment; filename="{fetched.name}"'
    response.call_on_close(fetched.reader.close)
    return response
