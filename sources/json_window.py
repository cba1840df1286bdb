"""JSON from an untrusted stream, one row at a time, through a window that cannot grow.

The standard decoder is run over a window of text; where a row is cut off by the window's edge, more
is read and the row is tried again. A row longer than `Limits.row_chars` is refused, so neither an
endless string nor an endless list fills the memory; the decoder's own recursion check refuses deep
nesting. Faster than an event parser, whose lexer moreover buffers a string of any length
(docs/decisions). X's `window.YTD.tweets.part0 = ` is skipped as text and never run.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Never

from sources.errors import ArchiveUnreadable, ArchiveUnsafe, Danger, Defect
from sources.limits import Limits
from sources.minimise import Label

_GAP = re.compile(r"[ \t\n\r]*")
_ASSIGNMENT = re.compile(r"[ \t\n\r]*(?:window\.[A-Za-z0-9_.]{1,100}[ \t\n\r]{0,8}=)?[ \t\n\r]*", re.ASCII)
_LONGEST_ASSIGNMENT = 200


class _NotJson(Exception):
    """NaN and the infinities, which RFC 8259 does not know."""


def _refuse_constant(_: str) -> Never:
    raise _NotJson


_DECODE = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode


class JsonWindow:
    """A cursor over a JSON text that arrives in chunks of bytes."""

    def __init__(self, chunks: Iterator[bytes], label: Label, limits: Limits) -> None:
        self._chunks = chunks
        self._label = label
        self._limits = limits
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._ended = False
        self._row: int | None = None

    def skip_assignment(self) -> None:
        """Step over `window.… =`, if the text begins so."""
        while len(self._text) < _LONGEST_ASSIGNMENT and self._read_more():
            pass
        found = _ASSIGNMENT.match(self._text)
        self._at = found.end() if found else 0

    def rows(self) -> Iterator[Any]:
        """The elements of the array that begins here, decoded one by one."""
        self._row = 0
        self._expect("[")
        closing = self._peek() == "]"
        while not closing:
            self._row += 1
            yield self.value()
            closing = self._peek() == "]"
            if not closing:
                self._expect(",")
                self._peek()
        self._expect("]")
        self._row = None

    def object_keys(self) -> Iterator[str]:
        """The keys of the object that begins here; the caller takes each value before the next key."""
        self._expect("{")
        closing = self._peek() == "}"
        while not closing:
            key = self.value()
            if type(key) is not str:
                self._refuse(Defect.JSON)
            self._peek()
            self._expect(":")
            self._peek()
            yield key
            closing = self._peek() == "}"
            if not closing:
                self._expect(",")
                self._peek()
        self._expect("}")

    def lines(self) -> Iterator[Any]:
        """The values that follow one another to the end: JSON lines, decoded one by one."""
        self._row = 0
        while self._peek():
            self._row += 1
            yield self.value()

    def value(self) -> Any:
        """The whole value that begins here."""
        while True:
            try:
                value, end = _DECODE(self._text, self._at)
            except RecursionError:
                raise ArchiveUnsafe(Danger.DEPTH, label=self._label) from None
            except json.JSONDecodeError:
                if not self._grow():
                    self._refuse(Defect.JSON)
            except (_NotJson, ValueError):  # a number of over 4300 digits is a ValueError
                self._refuse(Defect.JSON)
            else:
                if end < len(self._text) or not self._grow():  # 12 at the window's edge may be 123
                    self._at = end
                    return value

    def finish(self) -> None:
        """Nothing but white space may follow; reading to the end also checks the archive's CRC."""
        if self._peek():
            self._refuse(Defect.JSON)

    def _peek(self) -> str:
        """Step over white space; the character there, or nothing at the end."""
        while True:
            found = _GAP.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            self._refuse(Defect.JSON)
        self._at += 1

    def _grow(self) -> bool:
        if len(self._text) - self._at > self._limits.row_chars:
            self._refuse(Defect.ROW)
        return self._read_more()

    def _read_more(self) -> bool:
        if self._ended:
            return False
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        try:
            text = self._decoder.decode(chunk, self._ended)
        except UnicodeDecodeError:
            text = None
        if text is None:
            self._refuse(Defect.TEXT)
        self._text, self._at = self._text[self._at :] + text, 0
        return not self._ended

    def _refuse(self, defect: Defect) -> Never:
        raise ArchiveUnreadable(defect, label=self._label, row=self._row) from None
