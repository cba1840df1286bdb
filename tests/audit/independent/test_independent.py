"""Implementations that nobody here wrote read our log: Go's `sumdb/note` and `sumdb/tlog`, and pymerkle."""

import shutil
import subprocess
import threading
from base64 import b64decode
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymerkle import InmemoryTree
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.transaction import House
from app.web import create_app
from audit.checkpoint import Checkpoint, NoteSigner, sign_checkpoint
from audit.entry import Action, canonical
from audit.log import append, subject_reference
from audit.receipts import receipts_about
from tests.audit.independent.golang import compiled
from tests.audit.logs import ORIGIN, VKEY, MemoryLog
from tests.people import Person, give_consent, withdraw_consent

SIZES = [1, 2, 255, 256, 257, 65_536, 70_001]
Ran = subprocess.CompletedProcess[str]
Read = Callable[..., Ran]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Runs the Go reader."""
    program = compiled("reader", tmp_path_factory.mktemp("reader"))

    def run(base: Path | str, key: str, *kept: Path) -> Ran:
        arguments = [str(program), str(base), key, *map(str, kept)]
        return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return [f"{number}".encode() for number in range(SIZES[-1])]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, leaves: list[bytes]) -> dict[int, Path]:
    """One log as it stood at each size: an export of the last, and the checkpoint of every one."""
    log, place = MemoryLog(), tmp_path_factory.mktemp("grown")
    kept = {}
    for size in SIZES:
        log.append(leaves[log.head.size : size])
        kept[size] = place / f"checkpoint-{size}"
        kept[size].write_text(log.checkpoint())
        if size in (257, SIZES[-1]):
            log.export(place / f"log-{size}")
    return kept


def root_in(checkpoint: Path) -> str:
    return checkpoint.read_text().splitlines()[2]


@pytest.mark.parametrize("size", SIZES[:5])
def test_go_opens_and_verifies_a_small_log_to_the_last_entry(
    read: Read, grown: dict[int, Path], leaves: list[bytes], tmp_path: Path, size: int
) -> None:
    directory = MemoryLog(leaves[:size]).export(tmp_path / "log")

    ran = read(directory, VKEY, *(grown[earlier] for earlier in SIZES if earlier <= size))

    assert (ran.returncode, ran.stdout) == (0, f"{size} {root_in(grown[size])}\n"), ran.stderr


def test_go_follows_a_log_of_65536_entries_to_70001(read: Read, grown: dict[int, Path]) -> None:
    directory = grown[70_001].with_name("log-70001")
    at_65536 = grown[65_536].with_name("log-65536")
    shutil.copytree(directory, at_65536)
    shutil.copy(grown[65_536], at_65536 / "checkpoint")
    (at_65536 / "tile/2").mkdir(exist_ok=True)

    first = read(at_65536, VKEY, *(grown[size] for size in SIZES[:-2]))
    then = read(directory, VKEY, *grown.values())

    assert (first.returncode, first.stdout) == (0, f"65536 {root_in(grown[65_536])}\n"), first.stderr
    assert (then.returncode, then.stdout) == (0, f"70001 {root_in(grown[70_001])}\n"), then.stderr


def test_pymerkle_comes_to_the_root_that_we_signed(grown: dict[int, Path], leaves: list[bytes]) -> None:
    tree = InmemoryTree.init_from_entries(leaves, algorithm="sha256")

    roots = {size: tree.get_root(size) for size in SIZES}

    assert roots == {size: b64decode(root_in(grown[size])) for size in SIZES}


def test_go_refuses_what_we_refuse(
    read: Read, grown: dict[int, Path], leaves: list[bytes], tmp_path: Path
) -> None:
    log = MemoryLog(leaves[:257])
    directory, other = log.export(tmp_path / "log"), NoteSigner(ORIGIN, bytes(32))
    forked = MemoryLog([b"another", *leaves[1:257]]).export(tmp_path / "fork")
    bundle = directory / "tile/entries/000"
    whole = bundle.read_bytes()

    bundle.write_bytes(whole[:-1] + b"?")
    altered = read(directory, VKEY)
    bundle.write_bytes(whole)
    (directory / "checkpoint").write_text(sign_checkpoint(Checkpoint(ORIGIN, 257, log.head.root()), other))

    assert "entry 255" in altered.stderr
    assert read(directory, VKEY).returncode != 0  # the signature of another key
    assert read(forked, VKEY).returncode == 0
    assert read(forked, VKEY, grown[2]).returncode != 0  # whole in itself, but another log


@contextmanager
def served(house: House):
    """The application at an address of this machine."""
    server = make_server("127.0.0.1", 0, create_app(house), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def test_go_follows_the_log_that_is_served_over_http(read: Read, sqlite_house: House, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(sqlite_house.sign_checkpoint())
    with sqlite_house.open_vault("system") as vault:
        for _ in range(520):
            append(vault, Action.RETENTION_PURGED)
    note = sqlite_house.sign_checkpoint()

    with served(sqlite_house) as address:
        ran = read(f"{address}/log", sqlite_house.log_key, kept)

    assert (ran.returncode, ran.stdout) == (0, f"521 {note.splitlines()[2]}\n"), ran.stderr


def test_go_checks_the_proofs_that_a_person_is_given_and_refuses_them_altered(
    sqlite_house: House, ada: Person, tmp_path: Path
) -> None:
    program = compiled("prover", tmp_path)
    give_consent(sqlite_house, ada)
    withdraw_consent(sqlite_house, ada)
    sqlite_house.sign_checkpoint()
    with sqlite_house.open_vault("subject") as vault:
        reference = subject_reference(vault, ada.subject_id)
    with Session(sqlite_house.data) as session:
        note = sqlite_house.high_water.read()
        receipts = list(receipts_about(session, reference, note, sqlite_house.log_key))
    files = [tmp_path / receipt.file_name for receipt in receipts]
    for receipt, file in zip(receipts, files, strict=True):
        file.write_text(receipt.proof.to_text() if receipt.proof else "")

    def checked(*given: Path) -> Ran:
        command = [str(program), sqlite_house.log_key, *map(str, given)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    ran = checked(*files)
    text = files[0].read_text()
    files[0].write_text(text.replace("index ", "index 1"))
    elsewhere = checked(files[0])
    files[0].write_text(text.replace("extra ey", "extra ez"))
    altered = checked(files[0])

    size = (note or "").split("\n")[1]
    said = [line.split(" ", 2) for line in ran.stdout.splitlines()]
    assert ran.returncode == 0, ran.stderr
    assert len(receipts) == 2
    assert said == [[str(one.index), size, canonical(one.entry).decode()] for one in receipts]
    assert (elsewhere.returncode, altered.returncode) == (2, 2)
