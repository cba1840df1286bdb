"""Signed notes and checkpoints: the published cases, those to accept and those to refuse."""

from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import (
    Checkpoint,
    NoteSigner,
    NoteVerifier,
    open_checkpoint,
    open_text,
    sign_checkpoint,
    sign_text,
)
from audit.errors import CheckpointInvalid, VerifierKeyInvalid
from tests.audit.logs import SIGNER, VKEY, vectors

NOTES = vectors("signed_notes.json")
CHECKPOINTS = vectors("checkpoints.json")
PETER = NoteVerifier.from_vkey(NOTES["vkey"])
ENOCH = NoteVerifier.from_vkey(NOTES["other_vkey"])
PETERS_NOTE = NOTES["text"] + "\n" + NOTES["line"]
BOTH = PETERS_NOTE + NOTES["other_line"]
OURS = NoteVerifier.from_vkey(VKEY)


def is_key(text: str) -> bool:
    try:
        NoteVerifier.from_vkey(text)
    except VerifierKeyInvalid:
        return False
    return True


def opens(note: bytes) -> bool:
    try:
        open_checkpoint(note.decode(), [OURS])
    except (CheckpointInvalid, UnicodeDecodeError):
        return False
    return True


def peter() -> NoteSigner:
    return NoteSigner(NOTES["name"], b64decode(NOTES["seed"])[1:])


def test_signing_the_published_text_gives_the_published_note() -> None:
    signer = peter()

    assert signer.verifier_key() == NOTES["vkey"]
    assert sign_text(NOTES["text"], signer) == PETERS_NOTE


@pytest.mark.parametrize("verifiers", [[PETER], [ENOCH], [PETER, ENOCH], [PETER, PETER]])
def test_a_note_signed_by_two_opens_with_either_key(verifiers: list[NoteVerifier]) -> None:
    assert open_text(BOTH, verifiers) == NOTES["text"]


def test_a_note_opens_with_no_key_but_a_known_one() -> None:
    with pytest.raises(CheckpointInvalid):
        open_text(PETERS_NOTE, [])
    with pytest.raises(CheckpointInvalid):
        open_text(PETERS_NOTE, [ENOCH])


def test_a_wrong_line_by_a_known_key_refuses_a_note_that_another_known_key_signed() -> None:
    wrong = BOTH.replace("rwz+eBzmZa0S", "rwz+eBzmZa0T")

    assert open_text(wrong, [PETER]) == NOTES["text"]
    with pytest.raises(CheckpointInvalid):
        open_text(wrong, [PETER, ENOCH])


def test_a_note_may_hold_empty_lines() -> None:
    note = peter().sign("first\n\nsecond\n\n")

    assert open_text(note, [PETER]) == "first\n\nsecond\n\n"


@pytest.mark.parametrize("case", NOTES["accepted"].values(), ids=NOTES["accepted"])
def test_a_published_note_opens_with_its_key_whatever_else_stands_below_it(case: dict[str, str]) -> None:
    verifier = NoteVerifier.from_vkey(case["vkey"])

    assert open_text(case["note"], [verifier]) == case["text"]
    assert verifier.vkey() == case["vkey"]


@pytest.mark.parametrize("name", NOTES["refused"])
def test_a_published_malformed_note_is_refused(name: str) -> None:
    with pytest.raises(CheckpointInvalid):
        open_text(NOTES["refused"][name], [PETER])


@pytest.mark.parametrize("text", ["", "no line feed", "tab\t\n", "lone \ud800\n"])
def test_a_text_that_cannot_stand_in_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(CheckpointInvalid):
        sign_text(text, SIGNER)


@pytest.mark.parametrize("vkey", NOTES["refused_vkeys"].values(), ids=NOTES["refused_vkeys"])
def test_a_published_wrong_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(VerifierKeyInvalid):
        NoteVerifier.from_vkey(vkey)


def test_no_part_and_no_alteration_of_a_verifier_key_is_one() -> None:
    vkey = NOTES["vkey"]
    parts = [vkey[start:stop] for start in range(len(vkey)) for stop in range(start, len(vkey) + 1)]
    altered = [vkey[:at] + chr(ord(sign) + 1) + vkey[at + 1 :] for at, sign in enumerate(vkey)]

    assert [text for text in {*parts, *altered} if is_key(text)] == [vkey]


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\n", "no\u00a0break"])
def test_a_name_that_cannot_stand_in_a_note_makes_no_key(name: str) -> None:
    with pytest.raises(VerifierKeyInvalid):
        NoteSigner(name, bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_seed_of_another_length_makes_no_key(length: int) -> None:
    with pytest.raises(VerifierKeyInvalid):
        NoteSigner("name", bytes(length))


def test_a_tree_head_of_a_public_log_opens_with_its_published_key() -> None:
    case = CHECKPOINTS["signed"]

    opened = open_checkpoint(case["note"], [NoteVerifier.from_vkey(case["vkey"])])

    assert (opened.origin, opened.size) == (case["origin"], case["size"])


@pytest.mark.parametrize("case", CHECKPOINTS["read"], ids=lambda case: case["text"])
def test_a_published_checkpoint_reads(case: dict[str, Any]) -> None:
    opened = open_checkpoint(SIGNER.sign(case["text"]), [OURS])

    assert opened == Checkpoint(case["origin"], case["size"], b64decode(case["root"]))


@pytest.mark.parametrize("name", CHECKPOINTS["refused"])
def test_a_published_malformed_checkpoint_is_refused_though_it_is_signed(name: str) -> None:
    text = CHECKPOINTS["refused"][name]

    with pytest.raises(CheckpointInvalid):
        open_checkpoint(SIGNER.sign(text), [OURS])


@given(st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_opens_to_itself(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("klarwert.example/log/1", size, root)

    assert open_checkpoint(sign_checkpoint(checkpoint, SIGNER), [OURS]) == checkpoint


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, bytes(32)),
        Checkpoint("two\nlines", 1, bytes(32)),
        Checkpoint("log", -1, bytes(32)),
        Checkpoint("log", 1 << 64, bytes(32)),
        Checkpoint("log", 1, bytes(31)),
    ],
)
def test_a_checkpoint_that_would_not_read_is_not_signed(checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointInvalid):
        sign_checkpoint(checkpoint, SIGNER)


def test_a_checkpoint_is_not_signed_as_some_other_text() -> None:
    with pytest.raises(CheckpointInvalid):
        sign_text(Checkpoint("log", 1, bytes(32)).text(), SIGNER)


def test_no_byte_of_a_signed_checkpoint_can_change() -> None:
    note = sign_checkpoint(Checkpoint("klarwert.example/log/1", 257, bytes(32)), SIGNER).encode()

    altered = [note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :] for at in range(len(note))]

    assert opens(note)
    assert [at for at, changed in enumerate(altered) if opens(changed)] == []


def test_two_keys_that_share_name_and_id_are_told_apart_by_nobody() -> None:
    class SameId(NoteVerifier):
        @property
        def key_id(self) -> bytes:
            return PETER.key_id

    with pytest.raises(CheckpointInvalid):
        open_text(PETERS_NOTE, [PETER, SameId(PETER.name, bytes(32))])


def test_a_signature_has_one_spelling_only() -> None:
    spare_bits_set = PETERS_NOTE.replace("nAM=", "nAN=")

    assert b64decode("nAM=") == b64decode("nAN=")
    with pytest.raises(CheckpointInvalid):
        open_text(spare_bits_set, [PETER])
