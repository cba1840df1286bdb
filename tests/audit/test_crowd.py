"""Many at once, some of them killed: one index after the other, one entry for each change that was committed.

The suite lets a few clients make a few commits each; `KLARWERT_CROWD=16x10000` lets so many make so many.
"""

import os
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.setup import open_checked
from app.transaction import House
from audit.entry import parse
from audit.stored import StoredLog
from audit.tables import LogEntry
from tests.audit.crowd import CHANGES, Crowd, told_by
from tests.audit.logs import naive_root

CLIENTS, COMMITS = (int(number) for number in os.environ.get("KLARWERT_CROWD", "4x12").split("x"))
KILLS = CLIENTS
MODES = [
    pytest.param("sqlite", False, None, id="sqlite"),
    pytest.param("postgresql", False, None, id="lock"),
    pytest.param("postgresql", True, None, id="outbox"),
    pytest.param("postgresql", False, "REPEATABLE READ", id="lock-repeatable-read"),
    pytest.param("postgresql", False, "SERIALIZABLE", id="lock-serializable"),
    pytest.param("postgresql", True, "REPEATABLE READ", id="outbox-repeatable-read"),
    pytest.param("postgresql", True, "SERIALIZABLE", id="outbox-serializable"),
]


@pytest.mark.parametrize(("engine_name", "has_outbox", "isolation"), MODES)
def test_many_writers_some_of_them_killed_leave_one_line_without_a_gap(
    house, person, has_outbox, isolation, tmp_path
):
    config = replace(house.config, has_log_outbox=has_outbox)
    with house.open_vault("system") as vault:
        vault.connection.execute(text(CHANGES))
        before = StoredLog(vault.connection).size
    house.close()
    told = tmp_path / "told"
    told.mkdir()

    Crowd(config, person, CLIENTS, COMMITS, KILLS, isolation).run(told)

    with closing(open_checked(config)) as opened:
        changed, heard = changes(opened), told_by(told)
        assert logged_since(opened, before) == sorted(changed)
        assert len(changed) == CLIENTS * COMMITS
        assert heard["done"] <= changed
        assert not (heard["undone"] | heard["refused"]) & changed
        assert isolation or not heard["refused"]  # by itself the service lets writers wait, and refuses none
        assert opened.high_water.open(opened.sign_checkpoint()).root == root_of_rows(opened)


def changes(house: House) -> set[str]:
    with house.data.connect() as connection:
        return set(connection.execute(text("SELECT entry FROM probe")).scalars())


def logged_since(house: House, size: int) -> list[str]:
    """The entries that the clients made, every one as often as it stands there."""
    with Session(house.data) as session:
        log = StoredLog(session)
        entries = [parse(body) for body, _ in log.entries(size, log.size)]
    return sorted(entry.id for entry in entries if entry.actor == "worker" and entry.subject_ref)


def root_of_rows(house: House) -> bytes:
    """MTH over all rows there are, whatever head and subtrees say; every index is there once."""
    with Session(house.data) as session:
        rows = session.query(LogEntry.index, LogEntry.body).order_by(LogEntry.index).all()
    assert [index for index, _ in rows] == list(range(len(rows)))
    return naive_root([body for _, body in rows])
