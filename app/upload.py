"""A multipart upload without a temporary file: the part goes straight into the sealed spool.

Werkzeug by itself writes a large file part to the temp directory in clear. Here a view opens a sink
before it touches the form; without a sink, or with a second file, the request is refused.
"""

import io
from typing import IO, Any, cast

from flask import Request
from werkzeug.exceptions import BadRequest

# The parser counts what it holds back of a file as form memory: with less than several of its reads of
# 64 KiB it would refuse any large file.
PARSER_BYTES = 512 * 1024


class FileUnexpected(BadRequest):
    """A file came where none was asked for, or a second one."""


class _Sink(io.RawIOBase):
    """What Werkzeug's parser needs of a stream: `write`, and a `seek` that it calls at the end."""

    def __init__(self, writer: io.RawIOBase | io.BytesIO) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int | None:
        return self._writer.write(data)

    def seek(self, *_: int) -> int:
        return 0  # nobody reads it back here


class StreamedRequest(Request):
    """A request that takes at most one file, into the sink its view has opened."""

    _sink: io.RawIOBase | None = None

    def receive_file_into(self, writer: io.RawIOBase | io.BytesIO, most_bytes: int) -> None:
        """Let the next file part go into `writer`; call before `form` or `files` is touched."""
        self._sink = _Sink(writer)
        self.max_content_length = most_bytes
        self.max_form_memory_size = PARSER_BYTES

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        sink, self._sink = self._sink, None
        if sink is None:
            raise FileUnexpected
        return cast(IO[bytes], sink)
