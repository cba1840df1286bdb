"""C2SP tlog-cosignature: what witnesses signed in public verifies, and nothing near it."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import NoteVerifier, open_checkpoint, read_signature
from audit.cosignature import Cosigner
from audit.errors import CheckpointInvalid, VerifierKeyInvalid
from audit.witness_policy import parse_policy
from tests.audit.logs import vectors
from tests.audit.test_witness_policy import TEXT, line, vkey

CASES = vectors("cosignatures.json")
COSIGNED = CASES["cosigned"]
NOTE, SIZE, AT = COSIGNED["note"], COSIGNED["size"], COSIGNED["at"]


def parted(note: str) -> tuple[str, str]:
    """A note's text and its signature lines."""
    text, _, block = note.rpartition("\n\n")
    return f"{text}\n", block


def test_a_public_checkpoint_opens_with_its_logs_key_among_lines_of_five_other_kinds_and_keys() -> None:
    opened = open_checkpoint(NOTE, [NoteVerifier.from_vkey(COSIGNED["log"])])

    assert (opened.origin, opened.size) == (COSIGNED["log"].split("+")[0], SIZE)


@pytest.mark.parametrize("witness", COSIGNED["witnesses"])
def test_a_public_witness_is_found_to_have_cosigned_and_when(witness: str) -> None:
    cosigner = Cosigner.from_vkey(witness)

    found = cosigner.find(*parted(NOTE), latest=AT)

    assert found is not None
    assert (found.at, found.line.split(" ")[1], cosigner.vkey()) == (AT, cosigner.name, witness)


@pytest.mark.parametrize("witness", COSIGNED["witnesses"])
def test_a_public_cosignature_holds_for_no_other_checkpoint_and_no_earlier_clock(witness: str) -> None:
    cosigner, (text, block) = Cosigner.from_vkey(witness), parted(NOTE)
    own = next(line for line in block.split("\n") if line.split(" ")[1] == cosigner.name)
    spoiled = own.replace("qEiEg", "qEiEh")  # a second later

    for changed in (text.replace(str(SIZE), "42"), text.replace("U7WM", "U7WN"), f"{text}extension\n"):
        with pytest.raises(CheckpointInvalid):
            cosigner.find(changed, block, latest=AT)
    with pytest.raises(CheckpointInvalid):
        cosigner.find(text, block, latest=AT - 1)
    with pytest.raises(CheckpointInvalid):
        cosigner.find(text, block.replace(own, spoiled), latest=AT + 1)
    assert cosigner.find(text, block.replace(f"{own}\n", ""), latest=AT) is None


def test_four_public_witnesses_meet_a_quorum_of_four_and_three_do_not() -> None:
    lines = [f"witness w{number} {key}" for number, key in enumerate(COSIGNED["witnesses"])]
    policy = parse_policy(
        "\n".join((f"log {COSIGNED['log']}", *lines, "group g 4 w0 w1 w2 w3", "quorum g", ""))
    )
    text, block = parted(NOTE)

    cosigned = policy.cosignatures(text, block, latest=AT)

    assert policy.is_met_by(cosigned)
    assert not policy.is_met_by(policy.cosignatures(text, block.replace("2net5w", "2net5x"), latest=AT))


@pytest.mark.parametrize("name", CASES["examples"])
def test_a_printed_example_reads_and_is_passed_over_without_its_key(name: str) -> None:
    text, block = parted(CASES["examples"][name]["note"])

    times = {
        signer: int.from_bytes(signed[:8], "big")
        for signer, _, signed in map(read_signature, block.splitlines())
        if len(signed) == 72
    }

    assert times == CASES["examples"][name]["at"]
    assert Cosigner.from_vkey(vkey(1)).find(text, block, latest=2**63) is None


@pytest.mark.parametrize("key", CASES["refused_vkeys"].values(), ids=CASES["refused_vkeys"])
def test_a_published_key_that_is_no_witnesss_is_refused(key: str) -> None:
    with pytest.raises(VerifierKeyInvalid):
        Cosigner.from_vkey(key)


def test_a_time_has_63_bits_whatever_the_clock_may_be() -> None:
    cosigner, last = Cosigner.from_vkey(vkey(1)), 2**63 - 1

    found = cosigner.find(TEXT, line(1, last), latest=2**64)

    assert found is not None
    assert found.at == last
    with pytest.raises(CheckpointInvalid):
        cosigner.find(TEXT, line(1, last + 1), latest=2**64)


def test_an_ordinary_signature_by_a_witnesss_key_is_no_cosignature() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
    key_id = bytes.fromhex(vkey(1).split("+")[1])
    cosigner = Cosigner.from_vkey(vkey(1))

    for signature in (key.sign(TEXT.encode()), bytes(8) + key.sign(TEXT.encode())):
        with pytest.raises(CheckpointInvalid):
            cosigner.find(TEXT, f"— w/1 {b64(key_id + signature)}", latest=7)


def b64(data: bytes) -> str:
    return b64encode(data).decode()
