"""Settings about who holds the log's checkpoints outside: places, and a policy of witnesses."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from audit.errors import PolicyInvalid
from audit.witness_policy import Policy, parse_policy
from consent.recipient import is_fit_address

PlaceKind = Literal["file", "post", "put", "mailto"]


@dataclass(frozen=True)
class Place:
    """Somewhere an operator has checkpoints put: a directory, an address over HTTP, a mailbox."""

    kind: PlaceKind
    target: str


def parse_place(text: str) -> Place | None:
    """`file:/directory`, `post:https://…`, `put:https://…/{size}` or `mailto:name@host`; None for another."""
    kind, _, target = text.partition(":")
    fits = {
        "file": target.startswith("/"),
        "post": is_fit_address(target),
        "put": is_fit_address(target),
        "mailto": target.count("@") == 1 and target.isprintable() and not set(target) & set('<>,;:"?&'),
    }
    return Place(cast(PlaceKind, kind), target) if fits.get(kind) else None


def read_policy(path: str) -> Policy | None:
    """The policy of a file; None where there is none that reads, or a witness cannot be asked there."""
    try:
        policy = parse_policy(Path(path).read_bytes().decode())
    except (OSError, UnicodeDecodeError, PolicyInvalid):
        return None
    urls = [witness.url for witness in policy.witnesses.values() if witness.url is not None]
    return policy if all(map(is_fit_address, urls)) else None
