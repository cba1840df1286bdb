"""Policies of witnesses and cosignatures, as C2SP tlog-policy and tlog-cosignature have them."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import NoteSigner
from audit.cosignature import Cosigner
from audit.errors import CheckpointInvalid, PolicyInvalid, VerifierKeyInvalid
from audit.witness_policy import parse_policy
from tests.audit.logs import vectors

POLICIES = vectors("tlog_policies.json")
TEXT = "example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def vkey(number: int, kind: int = 4, name: str = "") -> str:
    name = name or f"w/{number}"
    public = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)).public_key().public_bytes_raw()
    key_id = hashlib.sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def line(number: int, at: int, text: str = TEXT) -> str:
    key = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))
    signature = key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    packed = bytes.fromhex(vkey(number).split("+")[1]) + at.to_bytes(8, "big") + signature
    return f"— w/{number} {base64.b64encode(packed).decode()}"


# The example of tlog-policy, "Example policy", with keys put in.
EXAMPLE = f"""# two operators
log {NoteSigner("example.com/log", bytes(32)).verifier_key()}

witness X1 {vkey(1)} https://x1.example/w
witness\tX2  {vkey(2)}
witness X3 {vkey(3)}
group X-witnesses 2 X1 X2 X3

  witness Y1 {vkey(4)}
witness Y2 {vkey(5)}
witness Y3 {vkey(6)}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


@pytest.mark.parametrize(
    ("cosigned", "is_enough"),
    [
        ("X1 X2 Y1", True),
        ("X2 X3 Y3", True),
        ("X1 X2 X3 Y1 Y2 Y3", True),
        ("X1 X2 X3", False),
        ("X1 Y1 Y2 Y3", False),
        ("", False),
    ],
)
def test_the_example_of_the_specification_is_met_by_two_of_one_operator_and_one_of_the_other(
    cosigned: str, is_enough: bool
) -> None:
    policy = parse_policy(EXAMPLE)

    assert policy.is_met_by(cosigned.split()) is is_enough
    assert policy.witnesses["X1"].url == "https://x1.example/w"
    assert parse_policy(policy.text).witnesses == policy.witnesses


def test_a_policy_may_ask_for_nobody() -> None:
    assert parse_policy("quorum none\n").is_met_by([])


def put_in(text: str) -> str:
    """A published policy with keys where its table names them."""
    for number in range(1, 7):
        text = text.replace(f"{{{number}}}", vkey(number))
    text = text.replace("{1 as a log's}", vkey(1, kind=1)).replace("{1 renamed}", vkey(1, name="another"))
    return text.replace("{log}", NoteSigner("example.com/log", bytes(32)).verifier_key())


@pytest.mark.parametrize("case", POLICIES["read"].values(), ids=POLICIES["read"])
def test_a_published_policy_reads_and_is_met_by_whom_it_says(case: dict[str, Any]) -> None:
    policy = parse_policy(put_in(case["text"]))

    assert all(policy.is_met_by(names) for names in case["met_by"])
    assert not any(policy.is_met_by(names) for names in case["not_met_by"])


@pytest.mark.parametrize(("text", "at"), POLICIES["refused"].values(), ids=POLICIES["refused"])
def test_a_published_wrong_policy_is_refused_with_its_line(text: str, at: int) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(put_in(text))

    assert refused.value.facts["line"] == at


def test_a_witness_whose_key_is_ml_dsa_44_is_refused_for_it_is_not_read() -> None:
    with pytest.raises(PolicyInvalid):
        parse_policy(f"witness a {vkey(1, kind=6)}\nquorum a\n")


def test_as_many_logs_witnesses_and_groups_as_should_be_read_are() -> None:
    logs = [NoteSigner(f"log.example/{number}", bytes([number] * 32)).verifier_key() for number in range(32)]
    lines = [f"log {key}" for key in logs] + [f"witness w{number} {vkey(number)}" for number in range(32)]
    groups = [f"group g{number} 1 w{number}" for number in range(32)]

    policy = parse_policy("\n".join((*lines, *groups, "quorum g31", "")))

    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)


def test_a_cosignature_is_found_among_others_and_says_when() -> None:
    found = Cosigner.from_vkey(vkey(1)).find(TEXT, f"{line(2, 5)}\n{line(1, 7)}\n", latest=7)

    assert found is not None
    assert (found.at, found.line) == (7, line(1, 7))
    assert Cosigner.from_vkey(vkey(3)).find(TEXT, line(1, 7), latest=7) is None
    assert Cosigner.from_vkey(vkey(1)).vkey() == vkey(1)


@pytest.mark.parametrize(
    "block",
    [
        line(1, 8),  # later than may be
        line(1, 7, TEXT.replace("\n3\n", "\n4\n")),
        line(1, 7)[:-8],
        "\n",
        "no line",
        "\n".join([line(1, 7)] * 101),
    ],
)
def test_a_cosignature_that_does_not_hold_is_refused(block: str) -> None:
    with pytest.raises(CheckpointInvalid):
        Cosigner.from_vkey(vkey(1)).find(TEXT, block, latest=7)


def test_a_key_whose_id_is_anothers_is_refused() -> None:
    name, _, encoded = vkey(1).split("+", 2)

    with pytest.raises(VerifierKeyInvalid):
        Cosigner.from_vkey(f"{name}+00000000+{encoded}")
