"""Checkpoints before witnesses: cosigned and published with it, or an alarm; a fork is refused and told."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from app.closings import closings_without_quorum
from app.config import SettingInvalid, read_config
from app.log_rotating import rotate_log_key
from app.outgoing import Outgoing
from app.outside import carry_outside
from app.publishing import publication, published_checkpoint, with_cosignatures
from app.transaction import House, open_house
from app.web import create_app
from audit.bundle import verifier
from audit.checkpoint import NoteSigner
from audit.entry import Action
from audit.export import write_tiles
from audit.log import append
from audit.stored import StoredLog
from audit.witness_policy import parse_policy
from tests.conftest import SettableClock
from tests.installations import Original
from tests.people import CollectingMailer
from tests.witnessing import LoopbackWitness, witness_of

WAYS = Outgoing(may_loop=True)


def grow(house: House, entries: int) -> None:
    with house.open_vault("system") as vault:
        for _ in range(entries):
            append(vault, Action.RETENTION_PURGED)
    house.sign_checkpoint()


def carry(house: House) -> None:
    carry_outside(house, CollectingMailer(), WAYS)


def witnessed(house: House, *witnesses: LoopbackWitness, needed: int = 1, closed: bool = False) -> House:
    lines = [f"witness w{n} {one.vkey} {one.listener.url}" for n, one in enumerate(witnesses)]
    names = " ".join(f"w{n}" for n in range(len(witnesses)))
    text = "\n".join((f"log {house.log_key}", *lines, f"group all-of {needed} {names}", "quorum all-of", ""))
    return replace(
        house, config=replace(house.config, witness_policy=parse_policy(text), fails_closed=closed)
    )


@contextmanager
def rotated(house: House) -> Iterator[House]:
    """The log that goes on, under the policy of the one that was closed."""
    rotate_log_key(house.config, house.clock, CollectingMailer(), WAYS)
    with closing(open_house(replace(house.config, witness_policy=None), house.clock)) as successor:
        yield replace(successor, config=house.config)


def problems(house: House) -> list[str | None]:
    return [held.problem for held in house.outside.held().values()]


@pytest.fixture
def three(request: pytest.FixtureRequest) -> Iterator[list[LoopbackWitness]]:
    name = "house" if "house" in request.fixturenames else "sqlite_house"
    house: House = request.getfixturevalue(name)
    now = int(house.clock().timestamp())
    with ExitStack() as stack:
        yield [stack.enter_context(witness_of(house.log_key, f"w.example/{n}", now)) for n in range(3)]


def test_a_growing_log_is_cosigned_by_all_and_published_with_their_lines(
    house: House, three: list[LoopbackWitness]
) -> None:
    house, sizes = witnessed(house, *three, needed=2), []

    for more in (1, 2, 4, 300, 1):
        grow(house, more)
        carry(house)
        sizes.append(publication(house).cosigned_size)

    note = create_app(house).test_client().get("/log/checkpoint").data.decode()
    assert sizes == [2, 4, 8, 308, 309]
    assert all(one.answered == [200] * 5 for one in three)
    assert [line.split(" ")[1] for line in note.splitlines()[4:]] == [
        house.log_origin,
        *(one.name for one in three),
    ]
    policy = house.config.witness_policy
    text, _, block = note.rpartition("\n\n")
    assert policy is not None
    assert len(policy.cosignatures(f"{text}\n", block, latest=2**63)) == 3


def test_an_auditor_demands_the_quorum_of_an_export(
    sqlite_house: House, three: list[LoopbackWitness], tmp_path: Path
) -> None:
    house = witnessed(sqlite_house, *three, needed=2)
    directory, policy, program = tmp_path / "log", tmp_path / "policy", tmp_path / "verify.py"
    three[1].is_down = True
    grow(house, 3)
    carry(house)
    with Session(house.data) as session:
        note = with_cosignatures(house, house.sign_checkpoint())
        write_tiles(StoredLog(session, house.log_number), directory, note, house.log_key)
    program.write_bytes(verifier())

    def verified(text: str) -> "subprocess.CompletedProcess[str]":
        policy.write_text(text, encoding="utf-8")
        asked = [str(directory), "--policy", str(policy), "--structure", "--json"]
        return subprocess.run(
            [sys.executable, str(program), *asked], capture_output=True, text=True, check=False
        )

    wanted = house.config.witness_policy.text if house.config.witness_policy else ""
    enough, too_few = verified(wanted), verified(wanted.replace("all-of 2", "all-of 3"))

    assert (enough.returncode, json.loads(enough.stdout)["cosigned_by"]) == (0, ["w0", "w2"])
    assert (too_few.returncode, json.loads(too_few.stdout)["flaw"]) == (1, "witnesses")
    assert verified("quorum x\n").returncode == 3


def test_a_witness_that_has_another_size_is_asked_again_from_there(
    house: House, three: list[LoopbackWitness]
) -> None:
    house = witnessed(house, three[0])
    grow(house, 3)
    carry(house)
    house.outside.keep({})  # the file was lost
    grow(house, 3)

    carry(house)

    assert three[0].answered == [200, 409, 200]
    assert publication(house).cosigned_size == 7


def test_one_that_is_down_is_asked_again_and_the_others_are_enough(
    sqlite_house: House, three: list[LoopbackWitness]
) -> None:
    house = witnessed(sqlite_house, *three, needed=2)
    three[1].is_down = True
    grow(house, 3)

    carry(house)
    without, wrong = publication(house).cosigned_size, problems(house)
    three[1].is_down = False
    carry(house)

    assert (without, wrong) == (4, [None, "http-503", None])
    assert problems(house) == [None, None, None]
    assert [len(one.answered) for one in three] == [1, 2, 1]


def test_a_fork_is_refused_by_every_witness_and_the_alarm_says_so(
    prepared_sqlite: Original, tmp_path: Path, clock: SettableClock, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        configs = [stack.enter_context(prepared_sqlite.copied(tmp_path / name)) for name in ("a", "b")]
        one, other = [stack.enter_context(closing(open_house(config, clock))) for config in configs]
        witness = stack.enter_context(witness_of(one.log_key, "w.example/0", int(clock().timestamp())))
        one, other = witnessed(one, witness), witnessed(other, witness)
        grow(one, 4)
        carry(one)

        grow(other, 4)  # the same size, other entries: signed with the same key
        carry(other)
        at_same_size = problems(other)
        grow(other, 3)
        carry(other)
        later = problems(other)
        seen = witness.seen[0]
        grow(one, 1)
        carry(one)

    assert (at_same_size, later, seen) == (["forked"], ["forked"], 5)
    assert witness.answered == [200, 409, 409, 409, 422, 200]
    assert "forked" in capsys.readouterr().out


def test_a_witness_that_is_further_than_we_are_is_an_alarm(
    prepared_sqlite: Original, tmp_path: Path, clock: SettableClock
) -> None:
    with ExitStack() as stack:
        configs = [stack.enter_context(prepared_sqlite.copied(tmp_path / name)) for name in ("a", "b")]
        one, restored = [stack.enter_context(closing(open_house(config, clock))) for config in configs]
        witness = stack.enter_context(witness_of(one.log_key, "w.example/0", int(clock().timestamp())))
        one, restored = witnessed(one, witness), witnessed(restored, witness)
        grow(one, 4)
        carry(one)

        carry(restored)  # database and mark put back together: the high-water mark alone sees nothing

        assert problems(restored) == ["ahead"]


def test_what_a_witness_did_not_sign_or_dates_ahead_counts_for_nothing(
    sqlite_house: House, three: list[LoopbackWitness]
) -> None:
    house = witnessed(sqlite_house, *three, needed=1)
    three[0].signs_with, three[1].ahead_seconds, three[2].is_down = Ed25519PrivateKey.generate(), 3600, True
    grow(house, 1)

    carry(house)

    assert problems(house) == ["signature", "signature", "http-503"]
    assert publication(house).cosigned_size == 0


@pytest.mark.parametrize(("closed", "size", "ready"), [(False, 6, 200), (True, 3, 503)])
def test_without_a_quorum_it_fails_as_it_is_set_once_the_promised_delay_is_over(
    sqlite_house: House,
    three: list[LoopbackWitness],
    clock: SettableClock,
    closed: bool,
    size: int,
    ready: int,
) -> None:
    house = witnessed(sqlite_house, three[0], closed=closed)
    client = create_app(house).test_client()
    grow(house, 2)
    carry(house)
    three[0].is_down = True
    grow(house, 3)
    carry(house)

    before = (published_checkpoint(house) or "").split("\n")[1], client.get("/readyz").status_code
    clock.advance(timedelta(seconds=house.config.merge_delay_seconds + 1))
    after = (published_checkpoint(house) or "").split("\n")[1], client.get("/readyz")
    status = client.get("/log/status.json").json

    assert before == ("3", 200)
    assert (after[0], after[1].status_code) == (str(size), ready)
    assert after[1].data == b"the log is published too late\n"
    assert status is not None
    assert (status["is_late"], status["maximum_merge_delay_seconds"]) == (True, 600)
    assert client.get("/log/tile/0/000.p/6").status_code == (404 if closed else 200)


def test_a_cosigned_file_that_was_put_there_by_hand_is_not_published_when_closed(
    sqlite_house: House, three: list[LoopbackWitness]
) -> None:
    house = witnessed(sqlite_house, three[0], closed=True)
    grow(house, 2)
    house.outside.keep_cosigned(house.high_water.read() or "")

    answer = create_app(house).test_client().get("/log/checkpoint")

    assert answer.status_code == 404


def test_a_policy_that_names_other_logs_only_or_does_not_read_stops_the_start(
    sqlite_house: House, three: list[LoopbackWitness], tmp_path: Path
) -> None:
    path = tmp_path / "policy"
    path.write_text("witness w\nquorum w\n", encoding="utf-8")
    with pytest.raises(SettingInvalid, match="KLARWERT_WITNESS_POLICY"):
        read_config({"KLARWERT_WITNESS_POLICY": str(path)})
    other = NoteSigner("example.org/x", bytes(32)).verifier_key()
    policy = parse_policy(f"log {other}\nquorum none\n")

    with pytest.raises(SettingInvalid, match="not among them"):
        open_house(replace(sqlite_house.config, witness_policy=policy))


def test_the_checkpoint_that_closes_a_log_is_cosigned_and_published_with_the_log(
    house: House, three: list[LoopbackWitness]
) -> None:
    house = witnessed(house, *three, needed=2)
    grow(house, 300)

    with rotated(house) as successor:
        note = create_app(successor).test_client().get("/log/1/checkpoint").text
        with Session(successor.data) as session:
            closing_note, _ = StoredLog(session, 1).closing() or ("", "")
        carry(successor)  # of the log that goes on they know nothing
        left = closings_without_quorum(successor)

    assert note.startswith(closing_note)
    assert [line.split(" ")[1] for line in note.splitlines()[5:]] == [one.name for one in three]
    assert [one.answered for one in three] == [[200, 404]] * 3
    assert left == []


def test_a_closing_checkpoint_without_a_quorum_is_asked_for_again_and_is_an_alarm_meanwhile(
    sqlite_house: House,
    three: list[LoopbackWitness],
    clock: SettableClock,
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = witnessed(sqlite_house, *three[:2], needed=2)
    grow(house, 2)
    carry(house)
    three[1].is_down = True

    with rotated(house) as successor:
        (at_once,) = closings_without_quorum(successor)
        clock.advance(timedelta(seconds=house.config.merge_delay_seconds + 1))
        carry(successor)
        told = capsys.readouterr().out
        without = create_app(successor).test_client().get("/log/1/checkpoint").text
        (later,) = closings_without_quorum(successor)
        promised = house.config.merge_delay_seconds
        states = [one.is_late(clock(), promised) for one in (at_once, later)]
        clock.advance(timedelta(days=30))
        is_asked, is_late = later.is_asked_for(clock()), later.is_late(clock(), promised)
        clock.advance(timedelta(days=-29))
        three[1].is_down = False
        carry(successor)

        assert "closing_not_cosigned" in told
        assert "w.example" not in without
        assert states == [True, True]
        assert (is_asked, is_late) == (False, False)
        assert closings_without_quorum(successor) == []
        assert "w.example/1" in create_app(successor).test_client().get("/log/1/checkpoint").text
        assert [one.answered[-2:] for one in three[:2]] == [[404, 404], [404, 200]]
