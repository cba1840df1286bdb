"""What a reader may be handed, and how much of it it will take.

Real exports stay far below: the JSON in known ones is 17 to 23 times smaller when packed, and a row
has some two kilobytes. Where a limit is crossed the archive is refused, not cut.
"""

from dataclasses import dataclass
from typing import Protocol


class ByteSource(Protocol):
    """A seekable binary file: one on disk, one in memory, or a decrypting reader over a sealed upload."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, whence: int = ..., /) -> int: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on an archive; whatever crosses one is refused before it is unpacked."""

    members: int = 50_000
    declared_bytes: int = 20_000_000_000
    member_bytes: int = 2_000_000_000
    ratio: int = 200
    ratio_free_bytes: int = 1 << 20  # below this size no ratio can hurt, and small files reach odd ones
    directory_bytes: int = 16 << 20
    header_bytes: int = 64 << 10  # a tar header that only carries a long name
    row_chars: int = 1 << 20


LIMITS = Limits()
