"""The log as a directory: what is written, what is never written over, and what is refused."""

from pathlib import Path

import pytest

from audit.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from audit.errors import CheckpointInvalid, ExportRefused, LogBroken
from audit.export import write_tiles
from audit.merkle import leaf_hash
from audit.tiles import decode_entries, decode_hashes
from audit.verify import verify_export
from tests.audit.logs import ORIGIN, SIGNER, VKEY, MemoryLog, bodies


def files(directory: Path) -> dict[str, bytes]:
    found = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}


def test_an_export_holds_the_checkpoint_the_key_and_the_tiles_as_stored(tmp_path: Path) -> None:
    log = MemoryLog(bodies(700))

    written = write_tiles(log, tmp_path / "log", log.checkpoint(), VKEY)

    found = files(tmp_path / "log")
    assert written == 700
    assert sorted(found) == [
        "checkpoint",
        "log.vkey",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/188",
        "verify.py",
    ]
    assert found["checkpoint"].decode() == log.checkpoint()
    assert found["log.vkey"].decode() == VKEY + "\n"
    assert decode_entries(found["tile/entries/001"]) == bodies(512)[256:]
    assert decode_hashes(found["tile/0/001"]) == [leaf_hash(body) for body in bodies(512)[256:]]
    assert decode_hashes(found["tile/1/000.p/2"]) == [log.subtrees[1, 0], log.subtrees[1, 1]]


def test_the_empty_log_exports_and_verifies(tmp_path: Path) -> None:
    directory = MemoryLog().export(tmp_path / "log")

    assert sorted(files(directory)) == ["checkpoint", "log.vkey", "verify.py"]
    assert verify_export(directory).size == 0


@pytest.mark.parametrize(("earlier", "now"), [(0, 1), (1, 2), (2, 255), (255, 256), (256, 257), (257, 700)])
def test_a_later_export_into_the_same_directory_equals_a_fresh_one(
    tmp_path: Path, earlier: int, now: int
) -> None:
    log = MemoryLog(bodies(earlier))
    log.export(tmp_path / "kept")
    log.append(bodies(now)[earlier:])

    log.export(tmp_path / "kept")

    assert files(tmp_path / "kept") == files(log.export(tmp_path / "fresh"))


def test_a_full_tile_is_never_written_again(tmp_path: Path) -> None:
    log = MemoryLog(bodies(256))
    directory = log.export(tmp_path / "log")
    before = (directory / "tile/0/000").stat()
    log.append(bodies(300)[256:])

    log.export(directory)

    after = (directory / "tile/0/000").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_export_that_was_cut_short_is_finished_by_the_next(tmp_path: Path) -> None:
    log = MemoryLog(bodies(300))
    directory = log.export(tmp_path / "log")
    (directory / "checkpoint").rename(directory / "checkpoint.fresh")
    (directory / "tile/0/001.p/44").rename(directory / "tile/0/001.p/44.fresh")

    log.export(directory)

    assert verify_export(directory).size == 300


def test_only_what_the_checkpoint_signs_is_exported(tmp_path: Path) -> None:
    log = MemoryLog(bodies(5))
    note = log.checkpoint()
    log.append(bodies(9)[5:])

    assert write_tiles(log, tmp_path / "log", note, VKEY) == 5
    assert verify_export(tmp_path / "log").size == 5


@pytest.mark.parametrize(("size", "place"), [(700, 0), (700, 300), (700, 511), (700, 699), (3, 2)])
def test_a_log_rewritten_since_its_last_export_is_not_written_over_it(
    tmp_path: Path, size: int, place: int
) -> None:
    directory = MemoryLog(bodies(size)).export(tmp_path / "log")
    exported = files(directory)
    altered = [*bodies(size)[:place], b"altered", *bodies(size + 10)[place + 1 :]]

    with pytest.raises(LogBroken) as broken:
        MemoryLog(altered).export(directory)

    assert broken.value.index == place
    assert files(directory) == exported


def test_a_log_that_lost_entries_since_its_last_export_is_not_written_over_it(tmp_path: Path) -> None:
    directory = MemoryLog(bodies(300)).export(tmp_path / "log")

    with pytest.raises(LogBroken) as broken:
        MemoryLog(bodies(200)).export(directory)

    assert broken.value.index == 200


@pytest.mark.parametrize("name", ["notes.txt", "tile.zip", ".git"])
def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")

    with pytest.raises(ExportRefused):
        MemoryLog(bodies(3)).export(tmp_path)

    assert files(tmp_path) == {name: b"mine"}


def test_a_file_is_not_a_directory_to_export_into(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"mine")

    with pytest.raises(ExportRefused):
        MemoryLog(bodies(3)).export(tmp_path / "log")


def test_the_export_of_a_log_under_another_key_is_left_alone(tmp_path: Path) -> None:
    log, other = MemoryLog(bodies(3)), NoteSigner(ORIGIN, bytes(32))
    directory = log.export(tmp_path / "log")
    note = sign_checkpoint(Checkpoint(ORIGIN, 3, log.head.root()), other)

    with pytest.raises(ExportRefused):
        write_tiles(log, directory, note, other.verifier_key())


def test_the_export_of_another_log_under_the_same_key_is_left_alone(tmp_path: Path) -> None:
    directory = MemoryLog(bodies(3)).export(tmp_path / "log")
    other = MemoryLog(bodies(3))
    other.origin = "klarwert.example/log/2"

    with pytest.raises(ExportRefused):
        other.export(directory)


def test_a_checkpoint_of_another_log_exports_nothing(tmp_path: Path) -> None:
    log = MemoryLog(bodies(3))
    note = sign_checkpoint(Checkpoint("klarwert.example/log/2", 3, log.head.root()), SIGNER)

    with pytest.raises(ExportRefused):
        write_tiles(log, tmp_path / "log", note, VKEY)

    assert not (tmp_path / "log").exists()


def test_a_checkpoint_that_the_key_did_not_sign_exports_nothing(tmp_path: Path) -> None:
    log = MemoryLog(bodies(3))
    note = sign_checkpoint(Checkpoint(ORIGIN, 3, log.head.root()), NoteSigner(ORIGIN, bytes(32)))

    with pytest.raises(CheckpointInvalid):
        write_tiles(log, tmp_path / "log", note, VKEY)


@pytest.mark.parametrize(
    ("size", "place", "row"),
    [
        (700, 300, (b"", b"")),  # gone, and its place kept
        (700, 0, (bytes(65_536), bytes(32))),  # longer than an entry can be
        (3, 2, (b"x", bytes(31))),  # half a hash
        (257, 256, (b"", b"")),
    ],
)
def test_a_row_that_no_tile_can_hold_is_exported_as_a_gap_and_named(
    tmp_path: Path, size: int, place: int, row: tuple[bytes, bytes]
) -> None:
    log = MemoryLog(bodies(size))
    log.rows[place] = row

    log.export(tmp_path / "log")

    with pytest.raises(LogBroken) as broken:
        verify_export(tmp_path / "log")
    assert broken.value.index == place


@pytest.mark.parametrize("kept", [0, 1, 255, 256, 300])
def test_rows_missing_at_the_end_are_named(tmp_path: Path, kept: int) -> None:
    log = MemoryLog(bodies(301))
    del log.rows[kept:]

    log.export(tmp_path / "log")

    with pytest.raises(LogBroken) as broken:
        verify_export(tmp_path / "log")
    assert broken.value.index == kept


def test_a_subtree_row_that_is_gone_is_named_by_its_first_leaf(tmp_path: Path) -> None:
    log = MemoryLog(bodies(700))
    del log.subtrees[1, 1]

    log.export(tmp_path / "log")

    with pytest.raises(LogBroken) as broken:
        verify_export(tmp_path / "log")
    assert broken.value.index == 256
