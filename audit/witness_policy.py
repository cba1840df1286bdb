"""Whom a log asks to witness its checkpoints, and how many of them are enough: C2SP tlog-policy; pure.

log <key> [<address>]         witness <name> <key> [<address>]
group <name> all|any|<k> <name>…           quorum <name>|none
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from audit.checkpoint import NoteVerifier
from audit.cosignature import Cosignature, Cosigner
from audit.errors import CheckpointInvalid, PolicyInvalid, VerifierKeyInvalid

NOBODY = "none"
MOST_LINES = 1000


@dataclass(frozen=True)
class Witness:
    """One that cosigns; without an address it is known, but not asked."""

    name: str
    cosigner: Cosigner
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """So many of these have to have cosigned, witnesses or groups."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A policy as read."""

    logs: tuple[NoteVerifier, ...]
    witnesses: Mapping[str, Witness]
    groups: Mapping[str, Group]
    quorum: str
    text: str = ""  # without comments, to be published

    def is_met_by(self, names: Collection[str]) -> bool:
        """Whether these witnesses are enough."""
        return self.quorum == NOBODY or self._is_met(self.quorum, names)

    def cosignatures(self, text: str, block: str, *, latest: int) -> dict[str, Cosignature]:
        """The cosignatures that hold among a note's signature lines, by the witness's name here."""
        found = {}
        for name, witness in self.witnesses.items():
            try:
                cosignature = witness.cosigner.find(text, block, latest=latest)
            except CheckpointInvalid:  # it counts for nothing
                continue
            if cosignature is not None:
                found[name] = cosignature
        return found

    def _is_met(self, name: str, cosigned: Collection[str]) -> bool:
        if name in self.witnesses:
            return name in cosigned
        group = self.groups[name]
        return sum(self._is_met(member, cosigned) for member in group.members) >= group.needed


@dataclass
class _Reading:
    """A policy while it is read; a line may only name what stands above it."""

    logs: list[NoteVerifier] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorum: str | None = None

    def log(self, items: Sequence[str]) -> None:
        _demand(len(items) in (1, 2), "a log has a key and perhaps an address")
        log = NoteVerifier.from_vkey(items[0])
        _demand(log.public_key not in [one.public_key for one in self.logs], "the log's key stands twice")
        self.logs.append(log)

    def witness(self, items: Sequence[str]) -> None:
        _demand(len(items) in (2, 3), "a witness has a name, a key and perhaps an address")
        self._require_new(items[0])
        cosigner = Cosigner.from_vkey(items[1])
        known = [one.cosigner.public_key for one in self.witnesses.values()]
        _demand(cosigner.public_key not in known, "the witness's key stands twice")
        self.witnesses[items[0]] = Witness(items[0], cosigner, *items[2:])

    def group(self, items: Sequence[str]) -> None:
        _demand(len(items) >= 3, "a group has a name, a number and members")
        name, number, *members = items
        self._require_new(name)
        for member in members:
            self._require_known(member)
            _demand(member not in self.members, "a name is a member twice")
            self.members.add(member)
        count = {"any": "1", "all": str(len(members))}.get(number, number)
        fits = count.isascii() and count.isdecimal() and len(count) < 6 and 1 <= int(count) <= len(members)
        _demand(fits, "a group needs at least one of its members and at most all")
        self.groups[name] = Group(int(count), tuple(members))

    def end(self, items: Sequence[str]) -> None:
        _demand(len(items) == 1 and self.quorum is None, "there is one quorum, with one name")
        if items[0] != NOBODY:
            self._require_known(items[0])
        self.quorum = items[0]

    def _require_new(self, name: str) -> None:
        _demand(name != NOBODY and name not in self.witnesses and name not in self.groups, "taken name")

    def _require_known(self, name: str) -> None:
        _demand(name in self.witnesses or name in self.groups, "a name is not defined above")


def parse_policy(text: str) -> Policy:
    """The policy of a file.

    Raises:
        PolicyInvalid: with the line.
    """
    reading, kept = _Reading(), []
    kinds: dict[str, Callable[[Sequence[str]], None]] = {
        "log": reading.log,
        "witness": reading.witness,
        "group": reading.group,
        "quorum": reading.end,
    }
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        try:
            _demand(number <= MOST_LINES and _is_plain(line), "too long, or a control character")
            items = line.replace("\t", " ").split(" ")
            kind, *rest = [item for item in items if item] or ["#"]
            if not kind.startswith("#"):
                _demand(kind in kinds, "a line begins with log, witness, group or quorum")
                kinds[kind](rest)
                kept.append(" ".join((kind, *rest)))
        except (VerifierKeyInvalid, ValueError) as refused:
            said = "the key does not read" if isinstance(refused, VerifierKeyInvalid) else str(refused)
            raise PolicyInvalid(number, said) from None
    if reading.quorum is None:
        raise PolicyInvalid(len(lines), "there is no quorum")
    policy_text = "".join(f"{line}\n" for line in kept)
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum, policy_text)


def _demand(holds: bool, why: str) -> None:
    if not holds:
        raise ValueError(why)


def _is_plain(line: str) -> bool:
    return all(sign == "\t" or (sign >= " " and sign != "\x7f") for sign in line)
