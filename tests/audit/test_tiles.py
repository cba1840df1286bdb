"""C2SP tlog-tiles: published paths, bytes there and back, and hashes from what tiles hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import LogBroken, TileInvalid
from audit.merkle import inclusion_proof, leaf_hash, root_hash
from audit.tiles import (
    Tile,
    completed_subtrees,
    decode_entries,
    decode_hashes,
    encode_entries,
    encode_hashes,
    entries_path,
    find_tile,
    tile_path,
    tiles_of,
)
from tests.audit.logs import MemoryLog, vectors

PATHS = vectors("tile_paths.json")
SMALL = [f"{number}".encode() for number in range(66_000)]


@pytest.mark.parametrize(("level", "index", "width", "path"), PATHS["tiles"])
def test_a_published_tile_path_is_ours(level: int, index: int, width: int, path: str) -> None:
    assert tile_path(level, index, width) == path


@pytest.mark.parametrize(("index", "width", "path"), PATHS["entries"])
def test_a_published_bundle_path_is_ours(index: int, width: int, path: str) -> None:
    assert entries_path(index, width) == path


def test_every_published_path_is_read_back() -> None:
    hashes = [(Tile(level, index, width), path) for level, index, width, path in PATHS["tiles"]]
    entries = [(Tile(0, index, width), path) for index, width, path in PATHS["entries"]]

    assert [find_tile(path) for _, path in hashes + entries] == [tile for tile, _ in hashes + entries]


@pytest.mark.parametrize("path", PATHS["refused"])
def test_a_path_that_the_specification_does_not_allow_is_nobodys(path: str) -> None:
    assert find_tile(path) is None


@pytest.mark.parametrize("size", PATHS["sizes"])
def test_a_log_of_a_published_size_has_the_published_tiles(size: str) -> None:
    tiles = list(tiles_of(int(size)))

    levels = sorted({tile.level for tile in tiles})
    counted = [[tile.width for tile in tiles if tile.level == level] for level in levels]

    expected = [[256] * full + ([partial] if partial else []) for _, full, partial in PATHS["sizes"][size]]
    assert counted == expected


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_cannot_be_has_no_path(level: int, index: int, width: int) -> None:
    with pytest.raises(TileInvalid):
        tile_path(level, index, width)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_survives_its_bytes(entries: list[bytes]) -> None:
    data = encode_entries(entries)

    assert decode_entries(data) == entries
    assert data[:2] == len(entries[0]).to_bytes(2, "big")


def test_a_bundle_holds_the_longest_entry_there_may_be_and_no_longer_one() -> None:
    assert decode_entries(encode_entries([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(TileInvalid):
        encode_entries([bytes(65_536)])


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\x00\x01a\x00", b"\x00\x00" * 257])
def test_a_bundle_that_is_not_whole_is_refused(data: bytes) -> None:
    with pytest.raises(TileInvalid):
        decode_entries(data)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=256))
def test_a_hash_tile_survives_its_bytes(hashes: list[bytes]) -> None:
    assert decode_hashes(encode_hashes(hashes)) == hashes


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(32 * 257)])
def test_a_hash_tile_that_is_not_whole_is_refused(data: bytes) -> None:
    with pytest.raises(TileInvalid):
        decode_hashes(data)


@pytest.mark.parametrize("hashes", [[], [bytes(31)], [bytes(32)] * 257])
def test_what_is_not_a_tile_of_hashes_is_not_written_as_one(hashes: list[bytes]) -> None:
    with pytest.raises(TileInvalid):
        encode_hashes(hashes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_however_entries_are_grouped_the_same_subtrees_are_stored(groups: list[int]) -> None:
    entries, log = SMALL[: sum(groups)], MemoryLog()

    at = 0
    for group in groups:
        log.append(entries[at : at + group])
        at += group

    full = len(entries) // 256
    hashes = [leaf_hash(entry) for entry in entries]
    assert log.subtrees == {(1, at): root_hash(hashes[at * 256 : at * 256 + 256]) for at in range(full)}


@pytest.mark.parametrize("before", [0, 1, 65_279, 65_280, 65_535])
def test_the_subtree_over_65536_leaves_is_stored_the_moment_it_is_complete(before: int) -> None:
    log = MemoryLog(SMALL[:before])
    hashes = [leaf_hash(entry) for entry in SMALL[:65_536]]

    completed = completed_subtrees(before, hashes[before:], log.source())

    assert completed[-1] == (2, 0, root_hash(hashes))
    assert [index for level, index, _ in completed if level == 1] == list(range(before // 256, 256))


@pytest.mark.parametrize(("level", "index"), [(0, 65_999), (3, 12), (8, 0), (9, 127), (15, 1), (16, 0)])
def test_the_root_of_any_complete_subtree_is_answered_from_stored_hashes(level: int, index: int) -> None:
    log = MemoryLog(SMALL)

    answered = log.hash_of(level, index)

    leaves = SMALL[index << level : (index + 1) << level]
    assert answered == root_hash([leaf_hash(leaf) for leaf in leaves])


def test_a_proof_reads_each_tile_once() -> None:
    log = MemoryLog(SMALL)
    log.ranges_read = 0

    proof = inclusion_proof(log.source(), 40_000, len(SMALL))

    assert len(proof) == 17
    assert log.ranges_read == 4  # levels 0 and 1 below the leaf, level 0 and 1 at the right edge


def test_a_proof_that_knows_the_head_reads_no_tile_at_the_right_edge() -> None:
    log = MemoryLog(SMALL)
    log.ranges_read = 0

    proof = inclusion_proof(log.source(log.head.subtrees), 40_000, len(SMALL))

    assert proof == inclusion_proof(log.source(), 40_000, len(SMALL))
    assert log.ranges_read == 2 + 4


@pytest.mark.parametrize("missing", [0, 3, 7])
def test_a_subtree_over_a_hash_that_is_gone_names_the_first_leaf_without_one(missing: int) -> None:
    log = MemoryLog(SMALL[:2048])
    log.rows[missing] = (b"", b"")
    del log.subtrees[1, missing]

    with pytest.raises(LogBroken) as leaf:
        log.hash_of(3, 0)
    with pytest.raises(LogBroken) as subtree:
        log.hash_of(11, 0)

    assert leaf.value.index == missing
    assert subtree.value.index == missing * 256


@pytest.mark.parametrize(("level", "index"), [(0, 2048), (8, 8), (0, -1)])
def test_a_subtree_the_log_does_not_hold_has_no_root(level: int, index: int) -> None:
    log = MemoryLog(SMALL[:2048])

    with pytest.raises(LogBroken):
        log.hash_of(level, index)


def test_a_source_follows_a_log_that_grows() -> None:
    log = MemoryLog(SMALL[:10])
    source = log.source()
    source.hash_of(3, 0)

    log.append(SMALL[10:16])

    assert source.hash_of(3, 1) == root_hash([leaf_hash(leaf) for leaf in SMALL[8:16]])
