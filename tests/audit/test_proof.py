"""C2SP tlog-proof: the published form, what is refused, and what its holder can show without us."""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import NoteSigner, NoteVerifier
from audit.continued import require_kept
from audit.errors import CheckpointInvalid, Flaw, LogBroken, ProofInvalid
from audit.merkle import inclusion_proof, leaf_hash
from audit.proof import LogProof, check_proof, is_proof
from tests.audit.logs import ORIGIN, VKEY, MemoryLog, bodies, vectors

CASES = vectors("tlog_proofs.json")
KEPT_AT, KEPT_SIZE = 41, 300


def proof_from(log: MemoryLog, index: int) -> LogProof:
    hashes = inclusion_proof(log.source(), index, log.head.size)
    return LogProof(index, hashes, log.checkpoint(), log.rows[index][0])


@pytest.fixture(scope="module")
def kept() -> str:
    """What a person keeps: one entry of a log of 300, with its proof."""
    return proof_from(MemoryLog(bodies(KEPT_SIZE)), KEPT_AT).to_text()


def test_the_published_example_reads_and_is_written_as_it_is_printed() -> None:
    case = CASES["read"]

    proof = LogProof.from_text(case["text"])

    assert (proof.index, proof.checkpoint) == (case["index"], case["checkpoint"])
    assert b64encode(proof.extra or b"").decode() == case["extra"]
    assert [b64encode(value).decode() for value in proof.hashes] == case["hashes"]
    assert proof.to_text() == case["text"]
    assert LogProof.from_text(CASES["shortest"]).hashes == ()


@pytest.mark.parametrize("case", CASES["written"], ids=lambda case: str(case["index"]))
def test_a_published_proof_is_written_and_read_as_its_author_does(case: dict[str, Any]) -> None:
    extra = None if case["extra"] is None else b64decode(case["extra"])
    hashes = tuple(b64decode(value) for value in case["hashes"])

    proof = LogProof(case["index"], hashes, case["checkpoint"], extra)

    assert proof.to_text() == case["text"]
    assert LogProof.from_text(case["text"]) == proof


@pytest.mark.parametrize("why", CASES["refused"])
def test_what_the_specification_rules_out_is_refused(why: str) -> None:
    with pytest.raises(ProofInvalid):
        LogProof.from_text(CASES["refused"][why])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257])
def test_the_last_entry_of_a_log_is_proven_by_its_file_and_the_key(size: int) -> None:
    text = proof_from(MemoryLog(bodies(size)), size - 1).to_text()

    proven = check_proof(text, VKEY)

    assert is_proof(text)
    assert (proven.index, proven.checkpoint.size, proven.checkpoint.origin) == (size - 1, size, ORIGIN)


def test_another_entry_another_place_or_another_key_is_not_proven(kept: str) -> None:
    other = LogProof.from_text(kept)
    log = MemoryLog(bodies(KEPT_SIZE))

    for changed in (
        LogProof(other.index + 1, other.hashes, other.checkpoint, other.extra),
        LogProof(other.index, other.hashes, other.checkpoint, log.rows[0][0]),
        LogProof(other.index, other.hashes[1:], other.checkpoint, other.extra),
        LogProof(other.index, other.hashes, other.checkpoint),
    ):
        with pytest.raises(ProofInvalid):
            check_proof(changed.to_text(), VKEY)
    with pytest.raises(CheckpointInvalid):
        check_proof(kept, NoteSigner(ORIGIN, bytes(32)).verifier_key())
    with pytest.raises(ProofInvalid):  # the same entry, but whoever gives another leaf hash proves nothing
        other.verify(leaf_hash(b"{}"), NoteVerifier.from_vkey(VKEY))


@pytest.mark.parametrize("why", CASES["after"])
def test_nothing_may_stand_after_the_checkpoint_of_a_proof(kept: str, why: str) -> None:
    with pytest.raises(CheckpointInvalid):
        check_proof(kept + CASES["after"][why], VKEY)


def test_a_proof_that_breaks_off_anywhere_is_refused(kept: str) -> None:
    for end in range(len(kept)):
        with pytest.raises((ProofInvalid, CheckpointInvalid)):
            check_proof(kept[:end], VKEY)


def test_a_log_that_only_grew_still_holds_what_was_kept(kept: str, tmp_path: Path) -> None:
    grown = MemoryLog(bodies(700)).export(tmp_path / "log")

    assert require_kept(kept, VKEY, grown) == 700


def test_a_log_that_was_rewritten_and_signed_anew_is_proven_by_the_person_alone(
    kept: str, tmp_path: Path
) -> None:
    entries = bodies(700)
    without = MemoryLog([*entries[:KEPT_AT], *entries[KEPT_AT + 1 :], entries[0]])
    fork = without.export(tmp_path / "fork")

    with pytest.raises(LogBroken) as broken:
        require_kept(kept, VKEY, fork)

    assert (broken.value.flaw, broken.value.size) == (Flaw.CONSISTENCY, KEPT_SIZE)


@pytest.mark.parametrize("size", [KEPT_AT, KEPT_SIZE - 1, KEPT_SIZE])
def test_two_checkpoints_alone_prove_a_log_that_was_cut_or_forked(
    kept: str, tmp_path: Path, size: int
) -> None:
    cut = MemoryLog([b"{}", *bodies(size)[1:]])
    (tmp_path / "checkpoint").write_text(cut.checkpoint())

    with pytest.raises(LogBroken) as broken:
        require_kept(kept, VKEY, tmp_path / "checkpoint")

    assert broken.value.flaw is Flaw.CONSISTENCY


def test_a_longer_checkpoint_alone_is_not_taken_for_an_answer(kept: str, tmp_path: Path) -> None:
    (tmp_path / "same").write_text(MemoryLog(bodies(KEPT_SIZE)).checkpoint())
    (tmp_path / "longer").write_text(MemoryLog(bodies(KEPT_SIZE + 1)).checkpoint())

    assert require_kept(kept, VKEY, tmp_path / "same") == KEPT_SIZE
    with pytest.raises(ProofInvalid):
        require_kept(kept, VKEY, tmp_path / "longer")
