"""Policies of witnesses and cosignatures, as C2SP tlog-policy and tlog-cosignature have them."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import NoteSigner
from audit.cosignature import Cosigner
from audit.errors import CheckpointInvalid, PolicyInvalid, VerifierKeyInvalid
from audit.witness_policy import parse_policy

TEXT = "example.com/log\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def vkey(number: int, kind: int = 4) -> str:
    public = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)).public_key().public_bytes_raw()
    key_id = hashlib.sha256(f"w/{number}\n".encode() + bytes([kind]) + public).digest()[:4]
    return f"w/{number}+{key_id.hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


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


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1),
        (f"witness a {vkey(1)}\n", 2),
        ("quorum a\n", 1),
        ("quorum none\nquorum none\n", 2),
        (f"witness none {vkey(1)}\n", 1),
        (f"witness a {vkey(1)}\nwitness a {vkey(2)}\n", 2),
        (f"witness a {vkey(1)}\nwitness b {vkey(1)}\n", 2),
        (f"witness a {vkey(1, kind=1)}\n", 1),  # a log's key
        (f"witness a {vkey(1, kind=6)}\n", 1),  # ML-DSA-44, which is not read
        (f"log {vkey(1)}\n", 1),  # a witness's key
        (f"witness a {vkey(1)}\ngroup g 2 a\n", 2),
        (f"witness a {vkey(1)}\ngroup g 0 a\n", 2),
        (f"witness a {vkey(1)}\ngroup g any a a\n", 2),
        (f"witness a {vkey(1)}\ngroup g any a\ngroup h any a\n", 3),
        (f"witness a {vkey(1)}\ngroup g any\n", 2),
        (f"group g any g\nwitness a {vkey(1)}\n", 1),
        (f"witness a {vkey(1)}\ngroup g any none\n", 2),
        ("quorum none\r\n", 1),
        ("something else\n", 1),
    ],
)
def test_what_the_specification_forbids_is_refused_with_its_line(text: str, at: int) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(text)

    assert refused.value.facts["line"] == at


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
