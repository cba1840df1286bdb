"""Clients that append to one log at the same time, each a process of its own, some of them killed.

Each transaction changes a row and appends one entry; some are undone on purpose. What a client was told
stands in a file of its own, line by line, so that it can be compared with what the log holds:

    done <entry>      the transaction was committed
    undone <entry>    it was undone on purpose
    refused <entry>   the database refused it
"""

import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.config import Config
from app.sequencing import sequencing
from app.transaction import House, open_house
from audit.entry import Action, parse
from audit.log import append
from tests.people import Person

CHANGES = "CREATE TABLE probe (entry VARCHAR(32) PRIMARY KEY, client INTEGER NOT NULL)"
_CHANGE = text("INSERT INTO probe (entry, client) VALUES (:entry, :client)")
_COUNT = text("SELECT count(*) FROM probe WHERE client = :client")
_ONE_IN = 8  # so many transactions are undone, or are about something that must have its index at once
_PAUSE_SECONDS = 0.002
_EARLY, _LATER = 4, 500  # in one of so many pauses somebody is killed


class _Undone(Exception):
    """The client changed its mind."""


@dataclass(frozen=True)
class Crowd:
    """So many clients, each with so many commits to make; so many are killed early, then one a second."""

    config: Config
    person: Person
    clients: int
    commits: int
    kills: int = 0
    isolation: str | None = None  # forced upon every writing transaction; the service's own is READ COMMITTED

    def run(self, told: Path) -> None:
        """Let them work until each has made its commits; whoever was killed is replaced by a new one."""
        working = {self._client(number, told): number for number in range(self.clients)}
        helpers = {_forked(self._sequence)} if self.config.has_log_outbox else set()
        kills = self.kills
        while working:
            victims = [*working, *helpers]
            if secrets.randbelow(_EARLY if kills > 0 else _LATER) == 0:
                os.kill(secrets.choice(victims), signal.SIGKILL)
                kills -= 1
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended in helpers:
                helpers = {_forked(self._sequence)}
            elif ended and status:
                assert os.WIFSIGNALED(status), f"a client ended with {status}"
                client = working.pop(ended)
                working[self._client(client, told)] = client
            elif ended:
                del working[ended]
            else:
                time.sleep(_PAUSE_SECONDS)
        for helper in helpers:
            os.kill(helper, signal.SIGKILL)
            os.waitpid(helper, 0)

    def _client(self, number: int, told: Path) -> int:
        return _forked(lambda: self._append(number, told / str(number)))

    def _append(self, client: int, told: Path) -> None:
        with self._opened() as house, told.open("a", buffering=1, encoding="ascii") as line:
            with house.data.connect() as connection:
                left = self.commits - connection.execute(_COUNT, {"client": client}).scalar_one()
            while left:
                outcome, entry = self._transaction(house, client)
                line.write(f"{outcome} {entry}\n")
                left -= outcome == "done"

    def _transaction(self, house: House, client: int) -> tuple[str, str]:
        action = Action.RETENTION_PURGED if secrets.randbelow(_ONE_IN) == 0 else Action.RECORD_READ
        entry = ""
        try:
            with house.open_vault("worker") as vault:
                entry = parse(append(vault, action, subject_id=self.person.subject_id)).id
                vault.connection.execute(_CHANGE, {"entry": entry, "client": client})
                if secrets.randbelow(_ONE_IN) == 0:
                    raise _Undone
        except _Undone:
            return "undone", entry
        except DBAPIError:
            return "refused", entry
        return "done", entry

    def _sequence(self) -> NoReturn:
        with self._opened() as house, sequencing(house):
            while True:
                time.sleep(1)

    @contextmanager
    def _opened(self):
        with closing(open_house(self.config)) as house:
            if self.isolation is None:
                yield house
            else:
                engine = house.writing_data.execution_options(isolation_level=self.isolation)
                yield replace(house, writing_data=engine)


def _forked(act: Callable[[], object]) -> int:
    """The number of a process that does this and ends."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        act()
        code = 0
    finally:
        os._exit(code)


def told_by(folder: Path) -> dict[str, set[str]]:
    """Which entries the clients were told that they were done, undone or refused."""
    found: dict[str, set[str]] = {"done": set(), "undone": set(), "refused": set()}
    for file in folder.iterdir():
        for line in file.read_text(encoding="ascii").splitlines():
            outcome, _, entry = line.partition(" ")
            if len(entry) == 32 or outcome == "refused":  # a killed client may have written half a line
                found[outcome].add(entry)
    return found
