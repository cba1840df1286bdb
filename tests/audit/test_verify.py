"""What an outsider sees: a whole log passes, and each tampering is named by its first bad index."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.bundle import put_together
from audit.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from audit.errors import Flaw, LogBroken, VerifierKeyInvalid
from audit.merkle import leaf_hash
from audit.tiles import encode_entries, whole_entries
from audit.verify import main, verify_export
from tests.audit.logs import ORIGIN, SIGNER, VKEY, MemoryLog, bodies

SIZES = [1, 2, 255, 256, 257, 700]
OTHER = NoteSigner(ORIGIN, bytes(32))


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """An export of a log of any size, written once; tests work on copies of it."""
    base, known = tmp_path_factory.mktemp("exports"), dict[int, Path]()

    def exported(size: int) -> Path:
        if size not in known:
            known[size] = MemoryLog(bodies(size)).export(base / str(size))
        return known[size]

    return exported


@pytest.fixture
def export(exports: Callable[[int], Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(exports(700), tmp_path / "log"))


def flaw_of(directory: Path, *, vkey: str | None = None, since: str | None = None) -> tuple[Flaw, int | None]:
    with pytest.raises(LogBroken) as broken:
        verify_export(directory, vkey=vkey, since=since)
    return broken.value.flaw, broken.value.index


def places(path: Path) -> Iterator[int]:
    """Some offsets of a file: both ends, and some between that fall on every kind of byte."""
    size = path.stat().st_size
    yield from sorted({0, 1, 2, 31, 32, 33, size // 3, size // 2, size - 33, size - 1} & set(range(size)))


def index_at(path: Path, relative: Path, offset: int) -> int | None:
    """The leaf that a byte of an export belongs to, or the first one below it."""
    if relative.parts[0] != "tile":
        return None
    level = relative.parts[1]
    number = int(relative.parts[2].removesuffix(".p"))
    if level != "entries":
        return (number * 256 + offset // 32) << 8 * int(level)
    entries, _ = whole_entries(path.read_bytes())
    ends = [len(encode_entries(entries[: at + 1])) for at in range(len(entries))]
    return number * 256 + next(at for at, end in enumerate(ends) if offset < end)


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_log_verifies(exports: Callable[[int], Path], size: int) -> None:
    report = verify_export(exports(size), vkey=VKEY)

    assert (report.origin, report.size) == (ORIGIN, size)
    assert report.root == (exports(size) / "checkpoint").read_text().splitlines()[2]
    assert report.key_is_pinned
    assert report.forms_checked


@pytest.mark.parametrize("size", SIZES)
def test_a_flipped_byte_in_any_file_is_found_and_its_index_named(
    exports: Callable[[int], Path], tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = Path(shutil.copytree(exports(size), tmp_path / "log"))

    for path in sorted(path for path in directory.rglob("*") if path.is_file() and path.suffix != ".py"):
        data = path.read_bytes()
        for offset in places(path):
            expected = index_at(path, path.relative_to(directory), offset)
            path.write_bytes(data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :])
            code, printed = main([str(directory), "--json"]), json.loads(capsys.readouterr().out)
            path.write_bytes(data)
            assert (code, printed["ok"], printed["index"]) == (1, False, expected), (path, offset)

    assert main([str(directory)]) == 0


def test_a_flipped_byte_in_a_tile_of_any_level_is_named(tmp_path: Path) -> None:
    size = 66_000
    directory = MemoryLog([f"{number}".encode() for number in range(size)]).export(tmp_path / "log")

    for name, offset, expected in [
        ("tile/2/000.p/1", 5, 0),
        ("tile/1/000", 32 * 200 + 1, 200 * 256),
        ("tile/1/001.p/1", 31, 256 * 256),
        ("tile/0/257.p/208", 32 * 207, 65_999),
    ]:
        path = directory / name
        data = path.read_bytes()
        path.write_bytes(data[:offset] + bytes([data[offset] ^ 128]) + data[offset + 1 :])
        with pytest.raises(LogBroken) as broken:
            verify_export(directory, forms=False)
        path.write_bytes(data)
        assert broken.value.index == expected

    assert verify_export(directory, forms=False).size == size


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("checkpoint", (Flaw.CHECKPOINT, None)),
        ("log.vkey", (Flaw.CHECKPOINT, None)),
        ("tile/entries/000", (Flaw.ENTRY, 0)),
        ("tile/entries/002.p/188", (Flaw.ENTRY, 512)),
        ("tile/0/001", (Flaw.LEAF_HASH, 256)),
        ("tile/1/000.p/2", (Flaw.SUBTREE, 0)),
    ],
)
def test_a_missing_file_is_named(export: Path, name: str, expected: tuple[Flaw, int | None]) -> None:
    (export / name).unlink()

    assert flaw_of(export) == expected


@pytest.mark.parametrize(
    ("name", "kept", "expected"),
    [
        ("tile/entries/001", 1, 256),
        ("tile/entries/001", -1, 511),
        ("tile/0/002.p/188", 32 * 100, 612),
        ("tile/0/002.p/188", 32 * 100 + 7, 612),
        ("tile/1/000.p/2", 32, 256),
    ],
)
def test_a_truncated_file_is_named(export: Path, name: str, kept: int, expected: int) -> None:
    path = export / name
    path.write_bytes(path.read_bytes()[:kept])

    assert flaw_of(export)[1] == expected


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("tile/entries/001", b"\x00", 512),
        ("tile/entries/001", b"\x00\x01x", 512),
        ("tile/entries/002.p/188", b"\x00\x00", 700),
        ("tile/0/001", bytes(32), 512),
        ("tile/1/000.p/2", bytes(32), 0),
    ],
)
def test_a_file_with_more_than_belongs_in_it_is_named(
    export: Path, name: str, more: bytes, expected: int
) -> None:
    path = export / name
    path.write_bytes(path.read_bytes() + more)

    assert flaw_of(export)[1] == expected


def rewrite(directory: Path, change: Callable[[list[bytes]], list[bytes]], *, hashes: bool) -> None:
    """Alter the entries 256 to 511 of an export, with or without their stored leaf hashes."""
    bundle = directory / "tile/entries/001"
    entries = change(whole_entries(bundle.read_bytes())[0])
    bundle.write_bytes(encode_entries(entries))
    if hashes:
        (directory / "tile/0/001").write_bytes(b"".join(leaf_hash(entry) for entry in entries))


def test_two_entries_that_changed_places_are_named_by_the_first(export: Path) -> None:
    rewrite(export, lambda old: [*old[:9], old[20], *old[10:20], old[9], *old[21:]], hashes=False)

    assert flaw_of(export) == (Flaw.LEAF_HASH, 265)


def test_an_inserted_entry_is_named(export: Path) -> None:
    rewrite(export, lambda old: [*old[:9], b"{}", *old[9:-1]], hashes=False)

    assert flaw_of(export) == (Flaw.LEAF_HASH, 265)


def test_a_deleted_entry_is_named(export: Path) -> None:
    rewrite(export, lambda old: old[:9] + old[10:], hashes=False)

    assert flaw_of(export) == (Flaw.LEAF_HASH, 265)


def test_an_entry_altered_with_its_leaf_hash_is_named_by_the_first_leaf_of_its_tile(export: Path) -> None:
    rewrite(export, lambda old: [*old[:9], b"{}", *old[10:]], hashes=True)

    assert flaw_of(export) == (Flaw.SUBTREE, 256)


def test_a_log_computed_anew_without_the_signing_key_misses_the_signed_root(
    export: Path, tmp_path: Path
) -> None:
    forged = MemoryLog([*bodies(300), b"{}", *bodies(700)[301:]]).export(tmp_path / "forged")
    (forged / "checkpoint").write_bytes((export / "checkpoint").read_bytes())

    with pytest.raises(LogBroken) as broken:
        verify_export(forged)

    assert (broken.value.flaw, broken.value.index, broken.value.size) == (Flaw.ROOT, None, 700)


def test_a_log_computed_anew_under_another_key_is_found_by_who_holds_the_key(tmp_path: Path) -> None:
    log = MemoryLog(bodies(300))
    directory = log.export(tmp_path / "log")
    note = sign_checkpoint(Checkpoint(ORIGIN, 300, log.head.root()), OTHER)
    (directory / "checkpoint").write_text(note)
    (directory / "log.vkey").write_text(OTHER.verifier_key() + "\n")

    assert not verify_export(directory).key_is_pinned
    assert flaw_of(directory, vkey=VKEY) == (Flaw.CHECKPOINT, None)


def test_a_checkpoint_of_another_log_by_the_same_key_is_refused(export: Path) -> None:
    head = MemoryLog(bodies(700)).head
    note = sign_checkpoint(Checkpoint("klarwert.example/log/2", 700, head.root()), SIGNER)
    (export / "checkpoint").write_text(note)

    assert flaw_of(export) == (Flaw.CHECKPOINT, None)


@pytest.mark.parametrize("earlier", [0, 1, 255, 256, 257, 512, 699, 700])
def test_a_log_continues_every_checkpoint_it_signed(export: Path, earlier: int) -> None:
    since = MemoryLog(bodies(earlier)).checkpoint()

    assert verify_export(export, since=since).since_size == earlier


@pytest.mark.parametrize("earlier", [1, 255, 256, 699, 700])
def test_a_log_rewritten_with_the_signing_key_is_found_by_who_kept_a_checkpoint(
    tmp_path: Path, earlier: int
) -> None:
    since = MemoryLog(bodies(earlier)).checkpoint()
    rewritten = [b'{"v":1}', *bodies(700)[1:]]
    directory = MemoryLog(rewritten).export(tmp_path / "log")

    assert verify_export(directory, forms=False).size == 700
    assert flaw_of(directory, since=since) == (Flaw.CONSISTENCY, None)


def test_a_log_cut_after_a_kept_checkpoint_is_named_by_the_first_entry_that_is_gone(export: Path) -> None:
    since = MemoryLog(bodies(701)).checkpoint()

    assert flaw_of(export, since=since) == (Flaw.CONSISTENCY, 700)


def test_an_earlier_checkpoint_by_another_key_is_refused(export: Path) -> None:
    since = sign_checkpoint(Checkpoint(ORIGIN, 3, MemoryLog(bodies(3)).head.root()), OTHER)

    assert flaw_of(export, since=since) == (Flaw.CHECKPOINT, None)


@pytest.mark.parametrize("place", [0, 255, 256, 299])
def test_an_entry_that_was_signed_but_is_not_in_canonical_form_is_named(tmp_path: Path, place: int) -> None:
    entries = bodies(300)
    entries[place] = entries[place].replace(b'"v":1', b'"v": 1')
    directory = MemoryLog(entries).export(tmp_path / "log")

    assert flaw_of(directory) == (Flaw.FORM, place)
    assert not verify_export(directory, forms=False).forms_checked


def test_a_key_that_is_none_is_not_a_flaw_of_the_log(export: Path) -> None:
    with pytest.raises(VerifierKeyInvalid):
        verify_export(export, vkey="klarwert.example+00000000+AA==")


def test_the_command_prints_what_it_verified(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "since").write_text(MemoryLog(bodies(300)).checkpoint())
    (tmp_path / "key").write_text(VKEY + "\n")

    plain = main([str(export)]), capsys.readouterr().out
    full = main([str(export), "--since", str(tmp_path / "since"), "--vkey", VKEY, "--json"])
    report = json.loads(capsys.readouterr().out)
    from_file = main([str(export), "--vkey", str(tmp_path / "key")])

    assert plain == (0, f"{ORIGIN}: 700 entries, whole.\nNo rule is broken.\n")
    assert (full, from_file) == (0, 0)
    assert report == {
        "ok": True,
        "origin": ORIGIN,
        "size": 700,
        "root": (export / "checkpoint").read_text().splitlines()[2],
        "key_is_pinned": True,
        "since_size": 300,
        "forms_checked": True,
        "adopted": [],
        "violation_count": 0,
        "violations": [],
        "minimum": 0,
        "cosigned_by": [],
        "is_continued": True,
    }


def test_the_command_names_the_first_bad_index(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(export, lambda old: [*old[:9], b"{}", *old[10:]], hashes=False)

    code = main([str(export)])

    assert code == 1
    assert "First bad index: 265." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-directory"],
        ["{export}", "--since", "no-such-file"],
        ["{export}", "--vkey", "no-such-file"],
        ["{export}", "--vkey", "name+00000000+AA=="],
        ["{export}", "--unknown"],
        ["{export}", "--since", "one", "--state", "other"],
        ["{export}", "--kek-days", "99999999999"],
        ["{export}", "--holidays", "{export}/log.vkey"],
    ],
)
def test_the_command_called_wrongly_ends_with_3(
    export: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([part.format(export=export) for part in arguments]) == 3
    assert capsys.readouterr().err


def test_the_verifier_in_an_export_runs_with_nothing_but_python_and_cryptography(
    exports: Callable[[int], Path], tmp_path: Path
) -> None:
    program = "runpy.run_path('verify.py', run_name='__main__')"
    without = f"import runpy, sys; sys.modules['cryptography'] = None; {program}"
    alone = str(shutil.copy(exports(257) / "verify.py", tmp_path))
    runs: list[tuple[list[str], int, str]] = [
        (
            ["-I", alone, str(exports(257)), "--vkey", VKEY],
            0,
            f"{ORIGIN}: 257 entries, whole.\nNo rule is broken.\n",
        ),
        (["-I", "-c", without, str(exports(257))], 3, ""),
    ]

    for arguments, code, printed in runs:
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ran.returncode, ran.stdout) == (code, printed), ran.stderr
        assert ("the package cryptography" in ran.stderr) == bool(code)


def test_two_modules_that_use_a_name_for_two_things_do_not_become_one_file() -> None:
    with pytest.raises(ValueError, match="LIMIT"):
        put_together([("one.py", "LIMIT = 1\n"), ("other.py", "LIMIT = 2\n")])


def test_an_auditor_who_keeps_a_state_sees_a_log_that_was_cut_or_rewritten_since(
    exports: Callable[[int], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"

    grown = [main([str(exports(size)), "--state", str(state)]) for size in (256, 257, 512)]
    capsys.readouterr()
    cut = main([str(exports(257)), "--state", str(state)]), capsys.readouterr().out

    assert grown == [0, 0, 0]
    assert cut == (
        1,
        "The log does not continue the one whose checkpoint was kept. First bad index: 257. Log size: 512.\n",
    )
    assert state.read_bytes() == (exports(512) / "checkpoint").read_bytes()
