"""A witness of its own on this machine: C2SP tlog-witness written from the specification, sharing nothing
with ours but SHA-256 and Ed25519. It keeps the last size and root of a log and cosigns what continues it.
"""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.listening import Listener, listening, say


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def continues(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 6962 section 2.1.2 read backwards: both roots are rebuilt down the same recursion."""
    left = list(proof)

    def rebuilt(size: int, part: int, is_whole: bool) -> tuple[bytes, bytes]:
        """Roots of the old and of the new part of a subtree of `size` leaves, `part` of them old."""
        if part == size:
            known = old_root if is_whole else left.pop(0)
            return known, known
        split = 1 << (size - 1).bit_length() - 1
        if part <= split:
            was, now = rebuilt(split, part, is_whole)
            return was, _node(now, left.pop(0))
        was, now = rebuilt(size - split, part - split, False)
        sibling = left.pop(0)
        return _node(sibling, was), _node(sibling, now)

    if old == 0:
        return not proof
    try:
        return rebuilt(new, old, True) == (old_root, new_root) and not left
    except IndexError:
        return False


@dataclass
class LoopbackWitness:
    """Its key, its memory, and what it is told to do otherwise."""

    name: str
    log_name: str
    log_key: bytes
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    seen: tuple[int, bytes] = (0, b"")
    is_down: bool = False
    ahead_seconds: int = 0
    signs_with: Ed25519PrivateKey | None = None
    answered: list[int] = field(default_factory=list)
    listener: Listener = field(default_factory=Listener)

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(f"{self.name}\n".encode() + b"\x04" + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([4]) + self.public).decode()}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.is_down:
            status, body = 503, b""
        else:
            status, body = self._added(self.listener.received[-1].body.decode())
        self.answered.append(status)
        say(handler, status, body)

    def _added(self, request: str) -> tuple[int, bytes]:
        head, _, note = request.partition("\n\n")
        old_line, *proof_lines = head.split("\n")
        old = int(old_line.removeprefix("old "))
        text, _, signatures = note.rpartition("\n\n")
        origin, size_line, root_line = text.split("\n")[:3]
        size, root = int(size_line), base64.b64decode(root_line)
        if origin != self.log_name:
            return 404, b""
        if not self._is_by_log(f"{text}\n", signatures):
            return 403, b""
        if old > size:
            return 400, b""
        if old != self.seen[0] or (old == size and root != self.seen[1]):
            return 409, f"{self.seen[0]}\n".encode()
        if old != size and not continues(
            old, self.seen[1], size, root, [base64.b64decode(one) for one in proof_lines]
        ):
            return 422, b""
        self.seen = (size, root)
        return 200, self._cosigned(f"{text}\n").encode()

    def _is_by_log(self, text: str, signatures: str) -> bool:
        for line in signatures.splitlines():
            _, name, encoded = line.split(" ")
            if name != self.log_name:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.log_key).verify(
                    base64.b64decode(encoded)[4:], text.encode()
                )
            except InvalidSignature:
                return False
            return True
        return False

    def _cosigned(self, text: str) -> str:
        at = self.clock_seconds() + self.ahead_seconds
        signature = (self.signs_with or self.key).sign(f"cosignature/v1\ntime {at}\n{text}".encode())
        line = base64.b64encode(self.key_id + at.to_bytes(8, "big") + signature).decode()
        stranger = base64.b64encode(b"strangers line").decode()
        return f"— somebody.else/w {stranger}\n— {self.name} {line}\n"

    def clock_seconds(self) -> int:
        return int(time.time())


@contextmanager
def witness_of(log_vkey: str, name: str, clock_seconds: int) -> Iterator[LoopbackWitness]:
    """A witness of one log, while the block runs."""
    log_name, _, encoded = log_vkey.split("+", 2)
    witness = LoopbackWitness(name, log_name, base64.b64decode(encoded)[1:])
    witness.clock_seconds = lambda: clock_seconds  # type: ignore[method-assign]
    with listening() as listener:
        listener.answers = witness.answer
        witness.listener = listener
        yield witness
