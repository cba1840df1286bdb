"""Checkpoints put where the operator has no hand in: a directory, HTTP, a mailbox; never written over."""

from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from app.config import SettingInvalid, read_config
from app.outgoing import Outgoing
from app.outside import carry_outside
from app.transaction import House
from app.witness_settings import parse_place
from audit.entry import Action
from audit.log import append
from tests.conftest import SettableClock
from tests.listening import listening, say
from tests.people import CollectingMailer

WAYS = Outgoing(may_loop=True)


def placing(house: House, *places: str) -> House:
    found = tuple(place for place in map(parse_place, places) if place is not None)
    return replace(house, config=replace(house.config, checkpoint_places=found))


def grow(house: House) -> str:
    with house.open_vault("system") as vault:
        append(vault, Action.RETENTION_PURGED)
    return house.sign_checkpoint()


def problems(house: House) -> list[str | None]:
    return [held.problem for held in house.outside.held().values()]


def test_every_new_checkpoint_gets_a_file_of_its_own_and_a_request_of_its_own(
    sqlite_house: House, tmp_path: Path
) -> None:
    with listening() as store:
        house = placing(
            sqlite_house, f"file:{tmp_path}", f"put:{store.url}/log/{{size}}", f"post:{store.url}/in"
        )
        notes = []
        for _ in range(2):
            notes.append(grow(house))
            carry_outside(house, CollectingMailer(), WAYS)
            carry_outside(house, CollectingMailer(), WAYS)  # no news

        sent = [(one.method, one.path, one.body.decode()) for one in store.received]

    assert [(tmp_path / f"{size}.checkpoint").read_text() for size in (2, 3)] == notes
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert sent == [
        ("PUT", "/log/2", notes[0]),
        ("POST", "/in", notes[0]),
        ("PUT", "/log/3", notes[1]),
        ("POST", "/in", notes[1]),
    ]


def test_a_file_with_another_history_stays_and_is_an_alarm(
    sqlite_house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, there = placing(sqlite_house, f"file:{tmp_path}"), tmp_path / "2.checkpoint"
    there.write_text("another checkpoint over two entries\n", encoding="utf-8")
    grow(house)

    carry_outside(house, CollectingMailer(), WAYS)

    assert there.read_text() == "another checkpoint over two entries\n"
    assert problems(house) == ["conflict"]
    assert "checkpoint_not_placed" in capsys.readouterr().out


def test_what_fails_does_not_hold_up_the_others_and_is_tried_again(
    sqlite_house: House, tmp_path: Path
) -> None:
    class NoServer(CollectingMailer):
        def send(self, *_: object, **__: object) -> None:
            raise ConnectionRefusedError

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        say(handler, 507, b"")

    disk, mailer = tmp_path / "mount", CollectingMailer()
    with listening() as store:
        store.answers = refuse
        house = placing(
            sqlite_house,
            f"file:{disk}",
            f"post:{store.url}/in",
            "mailto:auditor@example.org",
            f"file:{tmp_path}",
        )
        grow(house)

        carry_outside(house, NoServer(), WAYS)
        first = problems(house)
        disk.mkdir()
        store.answers = lambda handler: say(handler, 201, b"")
        carry_outside(house, mailer, WAYS)

    assert first == ["missing", "http-507", "write", None]
    assert problems(house) == [None] * 4
    assert (disk / "2.checkpoint").exists()
    assert [(address, subject) for address, subject, _ in mailer.sent] == [
        ("auditor@example.org", f"Checkpoint 2 of {house.log_origin}")
    ]


def test_a_mailbox_gets_one_checkpoint_a_day(sqlite_house: House, clock: SettableClock) -> None:
    house, mailer = placing(sqlite_house, "mailto:auditor@example.org"), CollectingMailer()
    for hours in (1, 1, 23):
        grow(house)
        carry_outside(house, mailer, WAYS)
        clock.advance(timedelta(hours=hours))

    carry_outside(house, mailer, WAYS)

    assert [subject.split()[1] for _, subject, _ in mailer.sent] == ["2", "4"]
    assert house.high_water.open(mailer.sent[-1][2]).size == 4


@pytest.mark.parametrize(
    "place",
    [
        "/srv/x",
        "file:srv",
        "ftp:x",
        "post:http://example.org/",
        "put:https://a:b@example.org/",
        "mailto:a,b@c",
    ],
)
def test_a_place_that_cannot_be_one_stops_the_start(place: str) -> None:
    with pytest.raises(SettingInvalid, match="KLARWERT_CHECKPOINT_PLACES"):
        read_config({"KLARWERT_CHECKPOINT_PLACES": place})


def test_operators_read_how_far_each_place_is_and_an_alarm_ends_with_one(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setenv("KLARWERT_HOME", str(sqlite_house.config.home))
    monkeypatch.setenv("KLARWERT_CHECKPOINT_PLACES", f"file:{disk}")
    run = CliRunner().invoke

    run(klarwert, ["audit", "witness", "send"])
    well = run(klarwert, ["audit", "witness", "status"])
    for file in disk.iterdir():
        file.write_text("another\n", encoding="utf-8")
    placing(sqlite_house, f"file:{disk}").outside.keep({})
    run(klarwert, ["audit", "witness", "send"])
    ill = run(klarwert, ["audit", "witness", "status"])

    assert (well.exit_code, ill.exit_code) == (0, 1)
    assert f"place file:{disk}: 1 entries since" in well.output
    assert "Somebody outside holds another history" in ill.output
