"""C2SP tlog-witness as published: what is asked, to the byte, and every answer there may be."""

from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from app.outgoing import Outgoing
from app.outside import carry_outside
from app.transaction import House
from app.witnessing import request_of
from audit.checkpoint import Checkpoint, NoteVerifier, open_checkpoint
from audit.cosignature import Cosigner
from audit.errors import ProofInvalid
from audit.merkle import verify_consistency
from audit.outside import Held
from audit.witness_policy import parse_policy
from tests.app.test_witnessing import grow
from tests.audit.logs import vectors
from tests.audit.test_witness_policy import vkey
from tests.listening import listening, say
from tests.people import CollectingMailer

CASES = vectors("witness_exchanges.json")
LOG = NoteVerifier(CASES["origin"], bytes.fromhex(CASES["public_key"]))


def opened(case: dict[str, Any]) -> Checkpoint:
    return open_checkpoint(case["checkpoint"], [LOG])


def proof_of(case: dict[str, Any]) -> list[bytes]:
    return [b64decode(one) for one in case["proof"]]


@pytest.mark.parametrize("case", [CASES["example"], *CASES["requests"]], ids=lambda case: str(case["old"]))
def test_a_published_request_is_what_we_send(case: dict[str, Any]) -> None:
    assert request_of(case["old"], proof_of(case), case["checkpoint"]).decode() == case["body"]


def test_the_published_requests_are_signed_and_continue_the_first_and_not_one_another() -> None:
    first, *others = CASES["requests"]
    start, ends = opened(first), [opened(case) for case in others]

    for case, end in zip(others, ends, strict=True):
        verify_consistency(start.size, start.root, end.size, end.root, proof_of(case))
    for case, end in zip(others, reversed(ends), strict=True):
        with pytest.raises(ProofInvalid):
            verify_consistency(start.size, start.root, end.size, end.root, proof_of(case))
    for case, end in zip(others, ends, strict=True):
        for proof in (
            proof_of(case)[:-1],
            [*proof_of(case), bytes(32)],
            [bytes(32), *proof_of(case)[1:]],
            [],
        ):
            with pytest.raises(ProofInvalid):
                verify_consistency(start.size, start.root, end.size, end.root, proof)


def test_the_published_response_is_lines_of_keys_we_do_not_know() -> None:
    text, _, _ = CASES["example"]["checkpoint"].rpartition("\n\n")

    assert Cosigner.from_vkey(vkey(1)).find(f"{text}\n", CASES["response"], latest=2**63) is None


@pytest.mark.parametrize("case", CASES["statuses"].values(), ids=CASES["statuses"])
def test_an_answer_without_a_cosignature_is_named_and_counts_for_nothing(
    sqlite_house: House, case: dict[str, Any]
) -> None:
    key = vkey(1)
    body = CASES["response"] if case["body"] == "response" else case["body"]
    with listening() as witness:
        witness.answers = lambda handler: say(
            handler, case["status"], body.encode(case.get("encoding", "utf-8"))
        )
        policy = parse_policy(f"log {sqlite_house.log_key}\nwitness w {key} {witness.url}\nquorum w\n")
        house = replace(sqlite_house, config=replace(sqlite_house.config, witness_policy=policy))
        grow(house, 2)
        if case.get("asked") == "same":
            house.outside.keep({key: Held(size=3)})
        carry_outside(house, CollectingMailer(), Outgoing(may_loop=True))

    assert [held.problem for held in house.outside.held().values()] == [case["problem"]]
    assert house.outside.cosigned() is None
