"""The one place where the service asks others over the network; mail alone goes another way (mail.py).

    address fit -> name resolved once -> every address public -> that address, and no other, over verified TLS

Whoever may name an address could have the service ask inside its own network (SSRF), so a name is resolved
here and connected to here, and a redirection is an answer like any other. Neither proxies nor passwords of
the environment are used. Nothing lasts longer than `ALL_SECONDS` or is read beyond `MOST_BYTES`, whatever the
other side does.
"""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse

from app.config import Config
from app.outgoing_line import STEP_SECONDS, Address, Line, is_public, resolve
from consent.recipient import is_fit_address
from vault.errors import DomainError

MOST_BYTES = 64 * 1024
ALL_SECONDS = 10


class Failure(StrEnum):
    """Why there is no answer."""

    ADDRESS = "address"  # not one that is asked: not https, or not public
    NAME = "name"  # no such host
    CONNECTION = "connection"
    TLS = "tls"
    TIME = "time"
    SIZE = "size"
    ANSWER = "answer"  # not HTTP


class OutgoingFailed(DomainError):
    """Somebody who was asked over the network gave no answer that can be used."""

    slug = "outgoing-failed"
    title = "No answer from the other side"

    def __init__(self, failure: Failure) -> None:
        super().__init__("The other side could not be asked, or did not answer.", failure=failure.value)
        self.failure = failure


@dataclass(frozen=True)
class Reply:
    """What came back, whatever its status; a redirection is not followed."""

    status: int
    body: bytes


class Outgoing:
    """Asks others over the network.

    Args:
        may_loop: whether this very machine may be asked, also without TLS.
        all_seconds: after so long it is over.
    """

    def __init__(self, may_loop: bool = False, all_seconds: float = ALL_SECONDS) -> None:
        self._may_loop = may_loop
        self._all_seconds = all_seconds

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a body.

        Raises:
            OutgoingFailed: with why; it may have been received all the same.
        """
        return self._ask("POST", url, body, headers)

    def put(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Store a body under an address.

        Raises:
            OutgoingFailed: with why; it may have been stored all the same.
        """
        return self._ask("PUT", url, body, headers)

    def fetch(self, url: str) -> Reply:
        """Get what lies at an address.

        Raises:
            OutgoingFailed: with why.
        """
        return self._ask("GET", url, None, {})

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        if not is_fit_address(url):
            raise OutgoingFailed(Failure.ADDRESS)
        parts = urlsplit(url)
        ends = time.monotonic() + self._all_seconds
        with Line(self._allowed(parts), _port(parts), ends) as line:
            try:
                reply = _exchange(_connection(parts, line), method, parts, body, headers)
            except (OSError, HTTPError, HTTPException, ValueError) as error:
                raise OutgoingFailed(Failure.TIME if line.is_cut else _failure(error)) from None
            if line.is_cut:  # an answer without a length ends with its line, so that a cut one looks whole
                raise OutgoingFailed(Failure.TIME)
            return reply

    def _allowed(self, parts: SplitResult) -> Sequence[Address]:
        """Where a host is, if it may be asked: a private address beside a public one is an attempt."""
        try:
            found = resolve(str(parts.hostname), _port(parts), self._all_seconds)
        except TimeoutError:
            raise OutgoingFailed(Failure.TIME) from None
        if not found:
            raise OutgoingFailed(Failure.NAME)
        for address in found:
            is_this_machine = self._may_loop and address.is_loopback
            if not (is_this_machine or (parts.scheme == "https" and is_public(address))):
                raise OutgoingFailed(Failure.ADDRESS)
        return found


def outgoing(config: Config) -> Outgoing:
    """As an installation asks: this very machine only from one that nobody but this machine reaches."""
    return Outgoing(may_loop=not config.is_public)


class _Plain(HTTPConnection):
    line: Line

    def _new_conn(self) -> socket.socket:
        return self.line.open()


class _Tls(HTTPSConnection):
    line: Line

    def _new_conn(self) -> socket.socket:
        return self.line.open()


def _connection(parts: SplitResult, line: Line) -> _Plain | _Tls:
    host, port = str(parts.hostname), _port(parts)
    if parts.scheme == "http":
        plain = _Plain(host, port, timeout=STEP_SECONDS)
        plain.line = line
        return plain
    tls = _Tls(host, port, timeout=STEP_SECONDS, ssl_context=ssl.create_default_context())
    tls.line = line
    return tls


def _exchange(
    connection: _Plain | _Tls,
    method: str,
    parts: SplitResult,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Reply:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    said = {"User-Agent": "Klarwert", "Connection": "close", **headers}
    try:
        connection.request(method, target, body, said, preload_content=False, decode_content=False)
        response = connection.getresponse()
        return Reply(response.status, _bounded(response))
    finally:
        connection.close()


def _bounded(response: BaseHTTPResponse) -> bytes:
    data = b""
    while len(data) <= MOST_BYTES:
        piece = response.read(MOST_BYTES + 1 - len(data))
        if not piece:
            return data
        data += piece
    raise OutgoingFailed(Failure.SIZE)


def _failure(error: Exception) -> Failure:
    if isinstance(error, ssl.SSLError):
        return Failure.TLS
    if isinstance(error, TimeoutError | ReadTimeoutError):
        return Failure.TIME
    return Failure.CONNECTION if isinstance(error, OSError) else Failure.ANSWER


def _port(parts: SplitResult) -> int:
    return parts.port or (80 if parts.scheme == "http" else 443)
