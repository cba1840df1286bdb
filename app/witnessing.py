"""Having checkpoints witnessed: C2SP tlog-witness `add-checkpoint`, as the log that asks.

    POST <address>/add-checkpoint     old <size>, consistency proof, empty line, checkpoint
    200  cosignatures    409 + size: it has another; asked once more from there    the rest: next round

A witness that is at our size with another root, or that refuses our proof, has seen another log under our
name: `forked`. One that is further than we are has seen what we no longer know: `ahead`.
"""

import re
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.outgoing import Failure, Outgoing, OutgoingFailed, Reply
from app.transaction import House
from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.errors import CheckpointInvalid
from audit.merkle import consistency_proof
from audit.outside import Held
from audit.stored import StoredLog
from audit.witness_policy import Policy, Witness

SKEW_SECONDS = 300  # how far a witness's clock may be ahead of ours
ROUND_SECONDS = 30  # those not asked by then are asked in the next round
FORKED, AHEAD = "forked", "ahead"
_SIZE = re.compile(rb"0|[1-9][0-9]{0,19}")
_log = structlog.get_logger("klarwert.witnessing")
_Proofs = Callable[[int], tuple[bytes, ...]]  # from an older size to the checkpoint's


@dataclass(frozen=True)
class Last:
    """The last checkpoint of a log, and the key that opens it."""

    number: int
    note: str
    key: str

    def checkpoint(self) -> Checkpoint:
        return open_checkpoint(self.note, [NoteVerifier.from_vkey(self.key)])


def gather_cosignatures(house: House, ways: Outgoing) -> None:
    """Have the last checkpoint of the log that goes on cosigned."""
    note = house.high_water.read()
    if note is not None:
        gather_for(house, ways, Last(house.log_number, note, house.log_key))


def gather_for(house: House, ways: Outgoing, last: Last) -> None:
    """Ask every witness that has not cosigned a log's last checkpoint; kept once they are enough.

    A crash in between loses nothing: a witness asked twice says how far it is.
    """
    policy, outside = house.config.witness_policy, house.outside_of(last.number)
    if policy is None:
        return
    checkpoint, held = last.checkpoint(), outside.held()
    ends = time.monotonic() + ROUND_SECONDS
    with Session(house.data) as session:
        source = StoredLog(session, last.number).source()
        round_ = _Round(
            ways,
            last.note,
            checkpoint,
            lambda old: consistency_proof(source, old, checkpoint.size),
            house.clock,
        )
        for witness in policy.witnesses.values():
            before = held.get(witness.cosigner.vkey(), Held())
            if witness.url is not None and time.monotonic() < ends and not round_.has(witness, before):
                held[witness.cosigner.vkey()] = round_.ask(witness, before)
    outside.keep(held)
    lines = _lines(policy, held, round_)
    if policy.is_met_by(lines):
        outside.keep_cosigned(last.note + "".join(f"{line}\n" for line in lines.values()))
    else:
        _log.warning("witness_quorum_missing", have=len(lines), of=len(policy.witnesses))


def _lines(policy: Policy, held: dict[str, Held], round_: "_Round") -> dict[str, str]:
    """The cosignatures of this checkpoint, by the witness's name."""
    known = {name: held.get(witness.cosigner.vkey(), Held()) for name, witness in policy.witnesses.items()}
    return {name: one.line for name, one in known.items() if round_.has(policy.witnesses[name], one)}


class _Round:
    """One checkpoint carried to one witness after another."""

    def __init__(
        self,
        ways: Outgoing,
        note: str,
        checkpoint: Checkpoint,
        proofs: _Proofs,
        clock: Callable[[], datetime],
    ) -> None:
        self._ways, self._note, self._checkpoint, self._proofs = ways, note, checkpoint, proofs
        self._clock = clock

    def has(self, witness: Witness, held: Held) -> bool:
        """Whether a witness has cosigned this very checkpoint."""
        if held.size != self._checkpoint.size or not held.line:
            return False
        try:
            return self._find(witness, held.line) is not None
        except CheckpointInvalid:
            return False

    def ask(self, witness: Witness, held: Held) -> Held:
        """How far a witness is after it was asked."""
        size = held.size
        for _ in range(2):
            answer = self._ask(witness, min(size, self._checkpoint.size))
            if isinstance(answer, Held):
                return answer
            if isinstance(answer, str):
                return self._failed(held, answer)
            size = answer
            if size > self._checkpoint.size:
                return self._failed(held, AHEAD)
        return self._failed(replace(held, size=size, line=""), "busy")  # somebody else moved it on meanwhile

    def _ask(self, witness: Witness, old: int) -> Held | str | int:
        """The cosignature, a closed word for a failure, or the size that the witness has."""
        url = f"{(witness.url or '').rstrip('/')}/add-checkpoint"
        try:
            request = request_of(old, self._proofs(old), self._note)
            reply = self._ways.post(url, request, {"Content-Type": "text/plain; charset=utf-8"})
        except OutgoingFailed as failed:
            return failed.failure.value
        if reply.status == 409:
            theirs = _size(reply)
            if old == self._checkpoint.size and (theirs == old or not reply.body):  # it need not repeat it
                return FORKED
            return theirs if theirs is not None and theirs != old else Failure.ANSWER.value
        if reply.status == 422:
            return FORKED
        return self._taken(witness, reply) if reply.status == 200 else f"http-{reply.status}"

    def _taken(self, witness: Witness, reply: Reply) -> Held | str:
        try:
            found = self._find(witness, reply.body.decode())
        except (CheckpointInvalid, UnicodeDecodeError):
            return "signature"
        if found is None:
            return "signature"
        return Held(self._checkpoint.size, found[1], None, found[0])

    def _find(self, witness: Witness, block: str) -> tuple[str, int] | None:
        latest = int(self._clock().timestamp()) + SKEW_SECONDS
        found = witness.cosigner.find(self._checkpoint.text(), block, latest=latest)
        return None if found is None else (found.line, found.at)

    def _failed(self, held: Held, problem: str) -> Held:
        tell = _log.error if problem in (FORKED, AHEAD) else _log.warning
        tell("witness_did_not_cosign", problem=problem, size=self._checkpoint.size)
        return replace(held, problem=problem)


def request_of(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """What a witness is asked, to the byte."""
    lines = "".join(f"{b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{lines}\n{note}".encode()


def _size(reply: Reply) -> int | None:
    said = _SIZE.fullmatch(reply.body.removesuffix(b"\n"))
    return int(said[0]) if said else None
