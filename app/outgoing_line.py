"""The line to a host: its name resolved once, its addresses judged, and a connection that ends in time.

TLS and HTTP on it: outgoing.py, which alone uses this.
"""

import socket
import threading
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self

STEP_SECONDS = 5  # to connect, and between two pieces of an answer
_UNICAST = IPv6Network("2000::/3")  # all there is of public IPv6 (RFC 4291 section 2.4)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
Address = IPv4Address | IPv6Address


def resolve(host: str, port: int, seconds: float) -> tuple[Address, ...]:
    """The addresses of a host, none if there is no such; asked for beside, as the system knows no deadline.

    Raises:
        TimeoutError: no answer in that time.
    """
    found: list[Address] = []

    def ask() -> None:
        try:
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(ip_address(str(one[4][0]).partition("%")[0]) for one in told))
        except (OSError, ValueError):  # no such name, or none that can be one
            return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise TimeoutError
    return tuple(found)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public network, also where it wraps another."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    wrapped = address.ipv4_mapped or address.sixtofour
    if wrapped is None and address in _NAT64:
        wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
    if wrapped is not None:
        return is_public(wrapped)
    return address in _UNICAST and address.is_global


class Line:
    """The connection to one of some addresses, cut when its time is over, whatever goes on in it then."""

    def __init__(self, addresses: Sequence[Address], port: int, ends: float) -> None:
        self._addresses, self._port, self._ends = addresses, port, ends
        self._cutter = threading.Timer(max(0.0, ends - time.monotonic()), self._cut)
        self._cutter.daemon = True
        self._held: socket.socket | None = None
        self.is_cut = False

    def __enter__(self) -> Self:
        self._cutter.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._cutter.cancel()
        if self._held is not None:
            self._held.close()

    def open(self) -> socket.socket:
        """A connection to the first address that takes one.

        Raises:
            OSError: none did.
        """
        refused: OSError = TimeoutError()
        for address in self._addresses:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                return self._hold(
                    socket.create_connection((str(address), self._port), min(STEP_SECONDS, left))
                )
            except OSError as error:
                refused = error
        raise refused

    def _hold(self, opened: socket.socket) -> socket.socket:
        opened.settimeout(STEP_SECONDS)
        self._held = opened.dup()  # TLS takes the first one over; the line behind both is the same
        if self.is_cut:  # meanwhile, when there was nothing to cut yet
            opened.close()
            raise TimeoutError
        return opened

    def _cut(self) -> None:
        self.is_cut = True
        if self._held is not None:
            try:
                self._held.shutdown(socket.SHUT_RDWR)
            except OSError:  # over already
                return
