"""Witnesses whose judgement nobody here wrote cosign our checkpoints, and refuse another log under our name.

- Go: witness.go is a server of a page; `sumdb/note` opens the checkpoint, `sumdb/tlog` checks the proof,
  `crypto/ed25519` signs. It also opens what we publish then.
- aics-witness: the whole of C2SP tlog-witness by others; it asks for Python 3.12, so 3.11 skips it.
"""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import urllib3

from app.publishing import publication, published_checkpoint
from app.transaction import House, open_house
from audit.checkpoint import NoteSigner
from audit.cosignature import Cosigner
from audit.outside import Held
from audit.witness_policy import parse_policy
from tests.app.test_witnessing import carry, grow, problems
from tests.audit.independent.golang import compiled
from tests.conftest import SettableClock
from tests.installations import Original

NAME = "witness.example/independent"
Start = Callable[[str], AbstractContextManager["Running"]]  # with the log's key


@dataclass(frozen=True)
class Running:
    """A witness that answers at an address."""

    vkey: str
    url: str

    def asked_by(self, house: House) -> House:
        """A house whose checkpoints it has to cosign."""
        policy = parse_policy(f"log {house.log_key}\nwitness w {self.vkey} {self.url}\nquorum w\n")
        return replace(house, config=replace(house.config, witness_policy=policy))


@contextmanager
def process(command: Sequence[str | Path]) -> Iterator[Iterator[str]]:
    """A program while the block runs; the lines it says."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            yield iter(running.stdout or ())
        finally:
            running.kill()


@pytest.fixture(scope="module")
def go_witness(tmp_path_factory: pytest.TempPathFactory) -> Start:
    program = compiled("witness", tmp_path_factory.mktemp("witness"))

    @contextmanager
    def start(log_key: str) -> Iterator[Running]:
        with process([program, NAME, log_key]) as said:
            vkey, url = next(said).split()
            yield Running(vkey, url)

    return start


@pytest.fixture(scope="module")
def aics_witness(tmp_path_factory: pytest.TempPathFactory) -> Start:
    if importlib.util.find_spec("aics_witness") is None:
        pytest.skip("aics-witness is not installed; it asks for Python 3.12.")

    @contextmanager
    def start(log_key: str) -> Iterator[Running]:
        config = str(tmp_path_factory.mktemp("aics") / "witness.json")
        program, origin = [sys.executable, "-m", "aics_witness"], log_key.split("+", maxsplit=1)[0]
        made = [*program, "init", "--config", config, "--name", NAME]
        vkey = subprocess.run(made, check=True, capture_output=True, text=True, timeout=60).stdout.split()[-1]
        added = [*program, "add-log", "--config", config, "--origin", origin, "--vkey", log_key]
        subprocess.run(added, check=True, capture_output=True, timeout=60)
        with process([*program, "serve", "--config", config, "--listen", "127.0.0.1:0"]) as said:
            address = next(line for line in said if "listening on " in line)
            yield Running(vkey, address.partition("listening on ")[2].split()[0])

    return start


@pytest.fixture(params=["go_witness", "aics_witness"])
def start(request: pytest.FixtureRequest, clock: SettableClock) -> Start:
    """Starts a witness; it has a clock of its own, so ours is set to it."""
    clock.now = datetime.fromtimestamp(int(time.time()), UTC)
    started: Start = request.getfixturevalue(request.param)
    return started


@pytest.fixture
def two(prepared_sqlite: Original, tmp_path: Path, clock: SettableClock) -> Iterator[list[House]]:
    """Two copies of one installation: the same log with the same key, until they grow apart."""
    with ExitStack() as stack:
        configs = [stack.enter_context(prepared_sqlite.copied(tmp_path / name)) for name in ("a", "b")]
        yield [stack.enter_context(closing(open_house(config, clock))) for config in configs]


def test_a_growing_log_is_cosigned_at_every_size_and_again_after_we_forgot_how_far_it_is(
    sqlite_house: House, start: Start
) -> None:
    sizes = []
    with start(sqlite_house.log_key) as witness:
        house = witness.asked_by(sqlite_house)

        for more in (0, 1, 2, 4, 249, 1, 1, 300):
            grow(house, more)
            carry(house)
            sizes.append(publication(house).cosigned_size)
        house.outside.keep({})
        grow(house, 1)
        carry(house)

    text, _, block = (published_checkpoint(house) or "").rpartition("\n\n")
    found = Cosigner.from_vkey(witness.vkey).find(f"{text}\n", block, latest=2**63)
    assert sizes == [1, 2, 4, 8, 257, 258, 259, 559]
    assert (problems(house), publication(house).cosigned_size) == ([None], 560)
    assert found is not None
    assert abs(found.at - time.time()) < 60


def test_another_log_under_our_name_is_refused_at_the_same_size_and_later(
    two: list[House], start: Start
) -> None:
    with start(two[0].log_key) as witness:
        one, other = (witness.asked_by(house) for house in two)
        grow(one, 4)
        carry(one)

        grow(other, 4)
        carry(other)
        at_same_size = problems(other)
        other.outside.keep({witness.vkey: Held(size=5)})
        grow(other, 300)
        carry(other)
        grow(one, 1)
        carry(one)

    assert (at_same_size, problems(other), publication(other).cosigned_size) == (["forked"], ["forked"], 0)
    assert (problems(one), publication(one).cosigned_size) == ([None], 6)


def test_a_log_that_went_back_is_told_that_the_witness_is_ahead_of_it(two: list[House], start: Start) -> None:
    with start(two[0].log_key) as witness:
        one, restored = (witness.asked_by(house) for house in two)
        grow(one, 4)
        carry(one)

        carry(restored)

    assert problems(restored) == ["ahead"]


@pytest.mark.parametrize(("name", "problem"), [("stranger.example/log", "http-404"), (None, "http-403")])
def test_a_witness_that_knows_another_log_or_another_key_of_ours_cosigns_nothing(
    sqlite_house: House, start: Start, name: str | None, problem: str
) -> None:
    with start(NoteSigner(name or sqlite_house.log_origin, bytes(32)).verifier_key()) as witness:
        house = witness.asked_by(sqlite_house)
        grow(house, 1)

        carry(house)

    assert (problems(house), publication(house).cosigned_size) == ([problem], 0)


def test_go_opens_what_we_publish_with_the_keys_of_the_log_and_of_the_witness(
    sqlite_house: House, go_witness: Start, clock: SettableClock
) -> None:
    clock.now = datetime.fromtimestamp(int(time.time()), UTC)
    with go_witness(sqlite_house.log_key) as witness:
        house = witness.asked_by(sqlite_house)
        grow(house, 3)
        carry(house)
        note = published_checkpoint(house) or ""

        opened, altered, alone = (
            urllib3.request("POST", f"{witness.url}/open", body=sent.encode())
            for sent in (note, note.replace("\n4\n", "\n5\n"), note.replace(f"— {NAME} ", "— another/w "))
        )

    assert (opened.status, opened.data.decode()) == (200, f"{house.log_origin} {NAME}")
    assert altered.status == 403
    assert (alone.status, alone.data.decode()) == (200, house.log_origin)
