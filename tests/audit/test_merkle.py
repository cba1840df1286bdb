"""RFC 6962 trees and proofs: the published cases, and a naive tree beside ours."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import IndexOutsideLog, LogBroken, ProofInvalid
from audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_from,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from tests.audit.logs import MemoryLog, naive_root, vectors

Proof = tuple[bytes, ...]
TREE = vectors("rfc6962_reference_tree.json")
LEAVES = [bytes.fromhex(leaf) for leaf in TREE["leaf_inputs"]]
NODES = [[bytes.fromhex(node) for node in level] for level in TREE["node_hashes"]]
ROOTS = [bytes.fromhex(root) for root in TREE["roots"]]
SOME_HASH = bytes.fromhex(TREE["some_hash"])
LONG = [f"entry {number}".encode() for number in range(600)]
LONG_LOG = MemoryLog(LONG)


def proof_of(case: dict[str, Any]) -> Proof:
    return tuple(bytes.fromhex(part) for part in case["proof"])


def test_leaves_and_nodes_hash_as_published_and_never_alike() -> None:
    hashed = {
        "empty root": EMPTY_ROOT,
        "empty leaf": leaf_hash(b""),
        "leaf L123456": leaf_hash(b"L123456"),
        "node N123 N456": node_hash(b"N123", b"N456"),
    }
    left, right = leaf_hash(b"Hello"), leaf_hash(b"World")

    assert {name: value.hex() for name, value in hashed.items()} == TREE["hashes"]
    assert len({left, right, node_hash(left, right), node_hash(right, left), leaf_hash(left + right)}) == 5


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_the_reference_tree_is_the_published_one(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES[:size]]

    assert root_hash(hashes) == naive_root(LEAVES[:size]) == ROOTS[size]
    assert ROOTS[0] == EMPTY_ROOT


@pytest.mark.parametrize("size", range(9))
def test_the_compact_range_of_the_reference_tree_holds_the_published_nodes(size: int) -> None:
    head = MemoryLog(LEAVES[:size]).head

    assert head.hashes == tuple(NODES[level][index] for level, index in TREE["compact_ranges"][size])
    assert head.root() == ROOTS[size]


def test_every_published_node_is_answered_from_stored_hashes() -> None:
    source = MemoryLog(LEAVES).source()

    answered = [[source.hash_of(level, at) for at in range(len(row))] for level, row in enumerate(NODES)]

    assert answered == NODES


@pytest.mark.parametrize("case", TREE["inclusion"])
def test_our_inclusion_proof_is_the_published_one_and_verifies(case: dict[str, Any]) -> None:
    log, index, size = MemoryLog(LEAVES), case["index"], case["size"]

    proof = inclusion_proof(log.source(), index, size)

    assert proof == proof_of(case)
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, ROOTS[size])


@pytest.mark.parametrize("case", TREE["consistency"])
def test_our_consistency_proof_is_the_published_one_and_verifies(case: dict[str, Any]) -> None:
    log, old_size, size = MemoryLog(LEAVES), case["old_size"], case["size"]

    proof = consistency_proof(log.source(), old_size, size)

    assert proof == proof_of(case)
    verify_consistency(old_size, ROOTS[old_size], size, ROOTS[size], proof)


def test_the_proofs_of_the_tree_that_the_rfc_prints_are_made_of_the_nodes_it_names() -> None:
    tree = TREE["example"]
    leaves = [name.encode() for name in tree["leaves"]]
    node = {name: leaf_hash(name.encode()) for name in tree["leaves"]}
    for name, (left, right) in (tree["nodes"] | tree["older"]).items():
        node[name] = node_hash(node[left], node[right])
    root = {int(size): node[name] for size, name in tree["roots"].items()}
    source = MemoryLog(leaves).source()

    paths = {index: inclusion_proof(source, int(index), 7) for index in tree["audit_paths"]}
    proofs = {size: consistency_proof(source, int(size), 7) for size in tree["consistency"]}

    assert {size: root_from(source, size) for size in root} == root
    assert paths == {at: tuple(node[name] for name in names) for at, names in tree["audit_paths"].items()}
    assert proofs == {at: tuple(node[name] for name in names) for at, names in tree["consistency"].items()}
    for index, path in paths.items():
        verify_inclusion(node[tree["leaves"][int(index)]], int(index), 7, path, root[7])
    for size, proof in proofs.items():
        verify_consistency(int(size), root[int(size)], 7, root[7], proof)


def corrupt_inclusions(
    index: int, size: int, proof: Proof, root: bytes, leaf: bytes
) -> Iterator[tuple[str, tuple[bytes, int, int, Proof, bytes]]]:
    """Every corruption that the published test applies to a proof (proof/verify_test.go)."""
    yield "index - 1", (leaf, index - 1, size, proof, root)
    yield "index + 1", (leaf, index + 1, size, proof, root)
    yield "index ^ 2", (leaf, index ^ 2, size, proof, root)
    yield "size * 2", (leaf, index, size * 2, proof, root)
    yield "size / 2", (leaf, index, size // 2, proof, root)
    yield "wrong leaf", (b"WrongLeaf", index, size, proof, root)
    yield "empty root", (leaf, index, size, proof, EMPTY_ROOT)
    yield "random root", (leaf, index, size, proof, SOME_HASH)
    yield "trailing garbage", (leaf, index, size, (*proof, b""), root)
    yield "trailing root", (leaf, index, size, (*proof, root), root)
    yield "preceding garbage", (leaf, index, size, (b"", *proof), root)
    yield "preceding root", (leaf, index, size, (root, *proof), root)
    for at in range(len(proof)):
        yield f"modified proof[{at}]", (leaf, index, size, flipped(proof, at, 8), root)
    if proof:
        yield "removed component", (leaf, index, size, proof[:-1], root)
    if len(proof) > 1:
        yield "inserted component", (leaf, index, size, (proof[0], SOME_HASH, *proof[1:]), root)


def corrupt_consistencies(
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Proof
) -> Iterator[tuple[str, tuple[int, bytes, int, bytes, Proof]]]:
    """Every corruption that the published test applies to a proof (proof/verify_test.go)."""
    yield "old size - 1", (old_size - 1, old_root, size, root, proof)
    yield "old size + 1", (old_size + 1, old_root, size, root, proof)
    yield "old size ^ 2", (old_size ^ 2, old_root, size, root, proof)
    yield "size * 2", (old_size, old_root, size * 2, root, proof)
    yield "size / 2", (old_size, old_root, size // 2, root, proof)
    yield "wrong old root", (old_size, b"WrongRoot", size, root, proof)
    yield "wrong root", (old_size, old_root, size, b"WrongRoot", proof)
    yield "swapped roots", (old_size, root, size, old_root, proof)
    yield "empty proof", (old_size, old_root, size, root, ())
    for name, part in {"garbage": b"", "old root": old_root, "root": root, "proof[0]": proof[0]}.items():
        yield f"preceding {name}", (old_size, old_root, size, root, (part, *proof))
        yield f"trailing {name}", (old_size, old_root, size, root, (*proof, part))
    yield "truncated proof", (old_size, old_root, size, root, proof[:-1])
    for at in range(len(proof)):
        yield f"modified proof[{at}]", (old_size, old_root, size, root, flipped(proof, at, 16))


def flipped(proof: Proof, at: int, bit: int) -> Proof:
    return (*proof[:at], bytes([proof[at][0] ^ bit]) + proof[at][1:], *proof[at + 1 :])


def holds(verify: Callable[..., None], *arguments: object) -> bool:
    try:
        verify(*arguments)
    except ProofInvalid:
        return False
    return True


@pytest.mark.parametrize("case", TREE["inclusion"])
def test_no_published_corruption_of_an_inclusion_proof_verifies(case: dict[str, Any]) -> None:
    index, size = case["index"], case["size"]
    corruptions = corrupt_inclusions(index, size, proof_of(case), ROOTS[size], leaf_hash(LEAVES[index]))

    assert [name for name, arguments in corruptions if holds(verify_inclusion, *arguments)] == []


@pytest.mark.parametrize("case", [case for case in TREE["consistency"] if case["proof"]])
def test_no_published_corruption_of_a_consistency_proof_verifies(case: dict[str, Any]) -> None:
    old_size, size = case["old_size"], case["size"]
    corruptions = corrupt_consistencies(old_size, size, ROOTS[old_size], ROOTS[size], proof_of(case))

    assert [name for name, arguments in corruptions if holds(verify_consistency, *arguments)] == []


def test_the_root_of_a_published_log_of_one_entry_is_its_leaf_hash_and_nothing_shorter() -> None:
    known = {"hash": leaf_hash(TREE["single_entry"]["data"].encode()), "": b""}

    verify_inclusion(known["hash"], 0, 1, (), known["hash"])
    for root, leaf in TREE["single_entry"]["wrong"]:
        with pytest.raises(ProofInvalid):
            verify_inclusion(known[leaf], 0, 1, (), known[root])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (0, 1), (1, 0), (2, 1)])
def test_the_published_invalid_places_and_roots_never_verify(index: int, size: int) -> None:
    for leaf, root in [(SOME_HASH, b""), (b"", EMPTY_ROOT), (SOME_HASH, EMPTY_ROOT)]:
        with pytest.raises(ProofInvalid):
            verify_inclusion(leaf, index, size, (), root)


@pytest.mark.parametrize(
    ("old_size", "old_root", "size", "root", "proof"),
    [
        (1, ROOTS[1], 0, ROOTS[0], ()),  # back in time
        (2, ROOTS[2], 1, ROOTS[1], ()),
        (1, ROOTS[1], 2, ROOTS[2], ()),  # empty proof
        (0, ROOTS[0], 0, SOME_HASH, ()),  # roots differ
        (1, ROOTS[0], 1, SOME_HASH, ()),
        (0, ROOTS[0], 0, ROOTS[0], (ROOTS[0],)),  # roots match, but the proof is not empty
        (0, ROOTS[0], 1, ROOTS[0], (ROOTS[0],)),
        (1, ROOTS[0], 1, ROOTS[0], (ROOTS[0],)),
        (0, SOME_HASH, 1, ROOTS[1], ()),  # stricter than published: the empty log has one root only
    ],
)
def test_the_published_inconsistent_sizes_never_verify(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: tuple[bytes, ...]
) -> None:
    with pytest.raises(ProofInvalid):
        verify_consistency(old_size, old_root, size, root, proof)


def test_the_empty_log_is_the_beginning_of_every_log() -> None:
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    verify_consistency(0, EMPTY_ROOT, 5, ROOTS[5], consistency_proof(MemoryLog(LEAVES).source(), 0, 5))


def test_proofs_of_a_public_log_with_a_thousand_million_entries_verify() -> None:
    case = vectors("argon2020_proofs.json")
    root, leaf = b64decode(case["root"]), b64decode(case["leaf_hash"])
    inclusion = [b64decode(part) for part in case["inclusion"]]
    consistency = [b64decode(part) for part in case["consistency"]]

    verify_inclusion(leaf, case["index"], case["size"], inclusion, root)
    verify_consistency(case["old_size"], b64decode(case["old_root"]), case["size"], root, consistency)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, case["index"] + 1, case["size"], inclusion, root)
    with pytest.raises(ProofInvalid):
        verify_consistency(case["old_size"] + 1, b64decode(case["old_root"]), case["size"], root, consistency)


@settings(max_examples=80, deadline=None)
@given(size=st.integers(0, 600))
def test_root_head_and_stored_hashes_agree_with_the_naive_tree(size: int) -> None:
    log = MemoryLog(LONG[:size])

    assert log.head.root() == root_from(log.source(), size) == naive_root(LONG[:size])
    assert root_hash([value for _, value in log.rows]) == naive_root(LONG[:size])


@settings(max_examples=150, deadline=None)
@given(size=st.integers(1, 600), data=st.data())
def test_every_proof_from_stored_hashes_verifies(size: int, data: st.DataObject) -> None:
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    source, root = LONG_LOG.source(), naive_root(LONG[:size])

    inclusion = inclusion_proof(source, index, size)
    consistency = consistency_proof(source, old_size, size)

    verify_inclusion(leaf_hash(LONG[index]), index, size, inclusion, root)
    verify_consistency(old_size, naive_root(LONG[:old_size]), size, root, consistency)


@settings(max_examples=150, deadline=None)
@given(size=st.integers(1, 600), data=st.data())
def test_an_altered_leaf_index_or_proof_never_verifies(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(LONG_LOG.source(), index, size), naive_root(LONG[:size])
    corruptions = corrupt_inclusions(index, size, proof, root, leaf_hash(LONG[index]))

    assert [name for name, arguments in corruptions if holds(verify_inclusion, *arguments)] == []


@settings(max_examples=150, deadline=None)
@given(size=st.integers(2, 600), data=st.data())
def test_an_altered_size_root_or_consistency_proof_never_verifies(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(LONG_LOG.source(), old_size, size)
    old_root, root = naive_root(LONG[:old_size]), naive_root(LONG[:size])

    corruptions = corrupt_consistencies(old_size, size, old_root, root, proof)

    assert [name for name, arguments in corruptions if holds(verify_consistency, *arguments)] == []


@settings(max_examples=300, deadline=None)
@given(
    st.binary(min_size=32, max_size=32),
    st.integers(-2, 2**64),
    st.integers(-2, 2**64),
    st.lists(st.binary(min_size=31, max_size=33), max_size=70),
)
def test_a_proof_made_of_noise_is_refused_and_never_crashes(
    value: bytes, first: int, second: int, proof: tuple[bytes, ...]
) -> None:
    with pytest.raises(ProofInvalid):
        verify_inclusion(value, first, second, proof, SOME_HASH)
    if first != second and first != 0:
        with pytest.raises(ProofInvalid):
            verify_consistency(first, value, second, SOME_HASH, proof)


@given(size=st.integers(0, 300))
def test_a_head_survives_its_bytes(size: int) -> None:
    head = MemoryLog(LONG[:size]).head

    assert CompactRange.from_bytes(head.to_bytes()) == head
    assert len(head.to_bytes()) == 8 + 32 * size.bit_count()


@given(size=st.integers(0, 600))
def test_a_head_answers_for_the_subtrees_it_is_made_of(size: int) -> None:
    log = MemoryLog(LONG[:size])

    subtrees = log.head.subtrees()

    assert tuple(subtrees.values()) == log.head.hashes
    assert all(log.hash_of(level, index) == root for (level, index), root in subtrees.items())


@pytest.mark.parametrize(
    "data", [b"", bytes(7), bytes(7) + b"\x01", bytes(8) + bytes(32), bytes(8) + b"\x01"]
)
def test_a_damaged_head_is_refused(data: bytes) -> None:
    with pytest.raises(LogBroken):
        CompactRange.from_bytes(data)


def test_appending_to_a_head_takes_one_node_hash_per_carried_one() -> None:
    head = CompactRange(3, (NODES[1][0], NODES[0][2]))

    grown = head.appended(NODES[0][3])

    assert grown == CompactRange(4, (node_hash(NODES[1][0], node_hash(NODES[0][2], NODES[0][3])),))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_proof_is_made_for_what_the_log_does_not_hold(index: int, size: int) -> None:
    with pytest.raises(IndexOutsideLog):
        inclusion_proof(LONG_LOG.source(), index, size)
    with pytest.raises(IndexOutsideLog):
        consistency_proof(LONG_LOG.source(), size + 1, size)


def test_a_proof_made_longer_does_not_lead_to_roots_that_were_made_for_it() -> None:
    source, leaf = LONG_LOG.source(), leaf_hash(LONG[2])
    inclusion, consistency = inclusion_proof(source, 2, 5), consistency_proof(source, 3, 5)
    old_made, made = (node_hash(SOME_HASH, naive_root(LONG[:size])) for size in (3, 5))

    assert not holds(verify_inclusion, leaf, 2, 5, (*inclusion, SOME_HASH), made)
    assert not holds(verify_consistency, 3, old_made, 5, made, (*consistency, SOME_HASH))
