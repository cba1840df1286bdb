"""A real HTTP server on this machine that answers as it is told, and keeps what it was sent."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listener:
    """What a server heard, and what it says: `answers` writes the whole answer."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: Callable[[BaseHTTPRequestHandler], object] = lambda handler: say(handler, 200, b"")
    over: threading.Event = field(default_factory=threading.Event)  # set when the test ends


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    """An ordinary answer."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def listening(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Listener]:
    """A server while the block runs."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            listener.received.append(Received(self.command, self.path, headers, body))
            try:
                listener.answers(self)
            except OSError:  # the other side hung up, as it should
                self.close_connection = True

        do_GET = do_POST = do_PUT = _take  # noqa: N815  as the library calls them

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a handshake that was refused
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    listener.url = f"{'https' if tls else 'http'}://{host}:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield listener
    finally:
        listener.over.set()
        server.shutdown()
        server.server_close()
        serving.join()
