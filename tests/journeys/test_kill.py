"""`kill -9` at every statement: an import is whole or absent, a withdrawal happened or did not.

A forked child does the work and kills itself right before its n-th statement to either database (of a key
rotation: or before its n-th step with a key file); then the installation is opened as after a restart. n
rises until the child gets through alive.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.imports import sweep_spool
from app.restoring import enqueue_copy, open_copy
from app.rotating import rotate_keys
from app.setup import open_checked
from app.transaction import House, open_house
from app.worker import Worker
from audit.entry import parse
from audit.stored import StoredLog
from consent.record import history
from explain.report import score_report
from rights.restoration import find_restoration
from sources.activity import Platform
from tests.packaging import package
from tests.people import (
    CollectingMailer,
    give_consent,
    new_person,
    upload_archive,
    withdraw_consent,
    work,
    x_zip,
)
from vault.keys import kek_name
from vault.subject import Subject

FEWEST_STATEMENTS = 8


def is_step(name: str, facts: tuple[Any, ...], secrets: str) -> bool:
    """Whether an audit event is a change to a key file."""
    is_change = name in ("os.rename", "os.remove") or (name == "open" and facts[2] & os.O_WRONLY)
    return bool(is_change) and str(facts[0]).startswith(secrets)


def dies_at(house: House, statement: int, act: Callable[[House], object]) -> bool:
    """Run `act` in a child that is killed before its n-th statement; False if it came through alive."""
    house.close()
    child = os.fork()
    if child == 0:
        seen = 0

        def count(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        secrets = str(house.config.secrets)
        # Python tells the hook of every file before it is opened to write, renamed or removed.
        sys.addaudithook(lambda name, facts: count() if is_step(name, facts, secrets) else None)
        try:
            act(open_house(house.config, house.clock))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def actions(house: House) -> list[str]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        return [parse(body).action for body, _ in log.entries(0, log.size)]


def test_a_worker_killed_at_any_statement_imports_exactly_once(house, person, clock):
    give_consent(house, person)
    statement, killed = 0, True
    while killed:
        statement += 1
        job_id = upload_archive(house, person, Platform.X, x_zip())
        before = actions(house).count("import.stored")

        killed = dies_at(house, statement, lambda h: Worker(h, CollectingMailer()).run_once())

        with closing(open_checked(house.config)) as reopened:
            clock.advance(timedelta(seconds=31))
            work(house)
            assert actions(reopened).count("import.stored") == before + 1, statement
            assert not (house.config.spool / f"{job_id.hex}.upload").exists()
        with house.open_reading_vault() as vault:
            assert score_report(vault, person.subject_id) is not None
    assert statement > FEWEST_STATEMENTS


def test_a_worker_killed_at_every_third_statement_takes_an_account_over_wholly_or_not_at_all(
    sqlite_house, clock
):
    times, killed = 0, True
    while killed:
        times += 1
        statement = 3 * times
        brought = new_person(sqlite_house, f"ada{times}@example.org")
        upload = open_copy(sqlite_house, brought.subject_id)
        upload.writer.write(package())
        enqueue_copy(sqlite_house, brought.subject_id, upload)

        killed = dies_at(sqlite_house, statement, lambda h: Worker(h, CollectingMailer()).run_once())

        with closing(open_checked(sqlite_house.config)) as reopened:
            with reopened.open_reading_vault() as vault:
                taken = find_restoration(vault, brought.subject_id) is not None
                assert len(history(vault, brought.subject_id)) == (1 if taken else 0), statement
            clock.advance(timedelta(seconds=31))
            work(sqlite_house)
            assert actions(reopened).count("account.restored") == times
            assert actions(reopened).count("consent.carried") == times
        sweep_spool(sqlite_house)  # of one that was killed after its commit
        assert not list(sqlite_house.config.spool.glob("*.*"))
    assert 3 * times > FEWEST_STATEMENTS


def test_a_withdrawal_killed_at_any_statement_happened_wholly_or_not_at_all(house, person, clock):
    statement, killed = 0, True
    while killed:
        statement += 1
        give_consent(house, person)
        before = actions(house).count("consent.withdrawn")

        killed = dies_at(house, statement, lambda h: withdraw_consent(h, person))

        with closing(open_checked(house.config)) as reopened:
            happened = actions(reopened).count("consent.withdrawn") - before
        if not happened:
            withdraw_consent(house, person)
    assert statement > FEWEST_STATEMENTS


def keys_of(house: House) -> set[bytes]:
    """Every key of every person, opened by a process that knows nothing yet."""
    with closing(open_house(house.config)) as fresh, fresh.open_reading_vault() as vault:
        subjects = vault.session.scalars(select(Subject.id)).all()
        deks = {fresh.keystore.dek(subject_id, "account").key for subject_id in subjects}
        return deks | {fresh.keystore.reference_key(subject_id) for subject_id in subjects}


def test_a_rotation_killed_at_any_step_loses_no_key_and_is_finished_at_the_next_start(house):
    for address in ("ada@example.org", "grace@example.org"):
        new_person(house, address)
    before = keys_of(house)
    # The steps are the same on both engines; PostgreSQL, which takes three times as long, skips some.
    stride = 1 if house.data.dialect.name == "sqlite" else 4
    step, killed, in_force, left_unfinished = 1 - stride, True, 1, 0
    while killed:
        step += stride

        killed = dies_at(house, step, rotate_keys)

        rows = keys_of(house)  # by whatever the dead process left
        with closing(open_checked(house.config)) as reopened:
            epochs = reopened.keystore.epochs()
            has_advanced = epochs[-1].number > in_force
            assert has_advanced or killed
            left_unfinished += has_advanced and killed
            in_force = epochs[-1].number
            assert rows == keys_of(reopened) == before, step
            assert not any(epoch.is_unfinished for epoch in epochs), step
            files = {path.name for path in house.config.secrets.glob("kek*")}
            assert files == {kek_name(in_force)}, step
            assert actions(reopened).count("keys.rotated") >= len(epochs) - 1
    assert left_unfinished > FEWEST_STATEMENTS // 2
