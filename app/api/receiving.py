"""The archive in the body of a request, into the sealed spool while it arrives: never in a temporary file,
never whole in memory.

The body itself is the archive, with a length or in chunks; or it is one file part named `archive` of a
form, which app/upload.py leads into the same spool.
"""

from io import RawIOBase
from typing import cast

from flask import abort, request

from app.api.refusing import refuse_fields, refuse_media_type
from app.upload import StreamedRequest

PART = "archive"
FORM = "multipart/form-data"
RAW = ("application/octet-stream", "application/zip", "application/gzip", "application/json")
READ_BYTES = 256 << 10


def require_archive_type() -> None:
    """Refuse a body that cannot be an archive, before anything of it is read."""
    if request.mimetype not in (*RAW, FORM):
        refuse_media_type((*RAW, FORM))


def receive_archive(writer: RawIOBase, most_bytes: int) -> None:
    """Read the body into `writer`; longer than `most_bytes` is refused, and so is one cut off."""
    if request.mimetype == FORM:
        _receive_part(writer, most_bytes)
    else:
        _receive_body(writer, most_bytes)


def _receive_body(writer: RawIOBase, most_bytes: int) -> None:
    request.max_content_length = most_bytes
    received = 0
    while piece := request.stream.read(READ_BYTES):
        writer.write(piece)
        received += len(piece)
    if request.content_length not in (None, received):
        abort(400)


def _receive_part(writer: RawIOBase, most_bytes: int) -> None:
    cast(StreamedRequest, request).receive_file_into(writer, most_bytes)
    sent = [*request.files, *request.form]
    if sent != [PART] or PART not in request.files:
        unknown = {name: ["Unknown field."] for name in sent if name != PART}
        refuse_fields(unknown or {PART: ["Exactly one file is needed."]})
