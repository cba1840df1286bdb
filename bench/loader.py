"""A loader: one thread, a few keep-alive connections, the next request as soon as an answer is whole.

It does as little per request as Python can, because its own work stands in both latencies of a ratio and
would make them look alike. Bounded in count and in time.
"""

import selectors
import socket
import time
from dataclasses import dataclass, field

MOST_SECONDS = 60.0
_RECEIVED = 1 << 16


class AnswerUnexpected(Exception):
    """The server answered with something else than 200, or not in time."""


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    answer: bytes = b""
    expected: int = field(default=-1)  # bytes of the whole answer, once its head is there


def request_bytes(path: str, token: str | None = None) -> bytes:
    """A GET as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def load(port: int, request: bytes, count: int, connections: int) -> list[float]:
    """Send a request `count` times; returns how long each answer took, in seconds.

    Raises:
        AnswerUnexpected: at the first answer that is not a whole 200, or after a minute.
    """
    latencies: list[float] = []
    until = time.monotonic() + MOST_SECONDS
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
        try:
            for connection in opened[:count]:
                connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                _send(connection, request)
            sent = min(count, connections)
            while len(latencies) < count:
                if time.monotonic() > until:
                    raise AnswerUnexpected(f"{len(latencies)} of {count} answers in {MOST_SECONDS:.0f} s")
                for key, _ in selector.select(timeout=1):
                    connection = key.data
                    if _is_whole(connection):
                        latencies.append(time.perf_counter() - connection.sent_at)
                        if sent < count:
                            _send(connection, request)
                            sent += 1
        finally:
            for connection in opened:
                connection.socket.close()
    return latencies


def _send(connection: _Connection, request: bytes) -> None:
    connection.answer, connection.expected = b"", -1
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(request)


def _is_whole(connection: _Connection) -> bool:
    piece = connection.socket.recv(_RECEIVED)
    if not piece:
        raise AnswerUnexpected("the server hung up")
    connection.answer += piece
    if connection.expected < 0:
        connection.expected = _whole_bytes(connection.answer)
    return 0 <= connection.expected <= len(connection.answer)


def _whole_bytes(answer: bytes) -> int:
    """Length of head and body together; -1 while the head is not there yet."""
    head, found, _ = answer.partition(b"\r\n\r\n")
    if not found:
        return -1
    lines = head.lower().split(b"\r\n")
    if lines[0] != b"http/1.1 200 ok":
        raise AnswerUnexpected(lines[0].decode(errors="replace"))
    lengths = [line.partition(b":")[2] for line in lines if line.startswith(b"content-length:")]
    if not lengths:
        raise AnswerUnexpected("an answer without a length")
    return len(head) + 4 + int(lengths[0])
