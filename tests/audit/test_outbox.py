"""Entries that wait for their place: committed with what they record, in order, never lost."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.config import SettingInvalid, read_config
from app.log_rotating import rotate_log_key
from app.publishing import publication
from app.sequencing import sequencing
from app.setup import migrate, open_checked
from app.transaction import House, open_house
from audit.entry import Action, parse
from audit.log import append
from audit.outbox import is_leader
from audit.stored import StoredLog
from audit.tables import LogReference
from consent.disclosure import disclose
from tests.people import Person, give_consent, withdraw_consent
from tests.sharing import SHARE, VALUES, agree_to_share, new_recipient
from vault.desk import Vault
from vault.engine import open_engine

PATIENCE_SECONDS = 10


@pytest.fixture
def engine_name() -> str:
    return "postgresql"


@pytest.fixture
def busy(house: House) -> House:
    """An installation on PostgreSQL whose readings go through the outbox."""
    return replace(house, config=replace(house.config, has_log_outbox=True))


def read_about(house: House, person: Person) -> str:
    with house.open_vault("worker") as vault:
        return parse(append(vault, Action.RECORD_READ, subject_id=person.subject_id)).id


def logged(house: House, number: int | None = None) -> list[str]:
    with Session(house.data) as session:
        log = StoredLog(session, number)
        return [parse(body).id for body, _ in log.entries(0, log.size)]


def actions(house: House, number: int | None = None) -> list[Action]:
    with Session(house.data) as session:
        log = StoredLog(session, number)
        return [parse(body).action for body, _ in log.entries(0, log.size)]


def fail_after_reading(vault: Vault, person: Person) -> None:
    append(vault, Action.RECORD_READ, subject_id=person.subject_id)
    raise ZeroDivisionError


def test_a_reading_is_committed_at_once_and_gets_its_place_after(busy, person):
    before = logged(busy)

    read = [read_about(busy, person) for _ in range(3)]

    assert logged(busy) == before
    assert (busy.sequence(), busy.sequence()) == (3, 0)
    assert logged(busy) == before + read
    with Session(busy.data) as session:
        places = session.scalars(select(LogReference.index).order_by(LogReference.index)).all()
    assert places[-3:] == [len(before), len(before) + 1, len(before) + 2]


def test_what_is_undone_leaves_nothing_that_waits(busy, person):
    with pytest.raises(ZeroDivisionError), busy.open_vault("worker") as vault:
        fail_after_reading(vault, person)

    assert busy.sequence() == 0


def test_a_reading_stands_before_the_withdrawal_that_came_after_it(busy, person):
    give_consent(busy, person)
    read_about(busy, person)

    withdraw_consent(busy, person)

    said = actions(busy)
    assert said.index(Action.RECORD_READ, said.index(Action.CONSENT_GIVEN)) < said.index(
        Action.CONSENT_WITHDRAWN
    )
    assert busy.sequence() == 0


def test_a_transaction_with_anything_else_in_it_is_appended_whole(busy, person):
    before = len(logged(busy))

    with busy.open_vault("worker") as vault:
        read = append(vault, Action.RECORD_READ, subject_id=person.subject_id)
        purged = append(vault, Action.RETENTION_PURGED)

    assert vault.entry_indices == {read: before, purged: before + 1}


def test_what_is_disclosed_may_leave_once_its_entry_is_committed(busy, person):
    recipient = new_recipient(busy)
    agree_to_share(busy, person.subject_id)

    with busy.open_vault("recipient") as vault:
        handover = disclose(vault, person.subject_id, recipient, SHARE, VALUES)

    assert handover.open().values
    assert busy.sequence() == 1
    assert actions(busy)[-1] is Action.DATA_DISCLOSED


def test_an_outbox_that_refuses_lets_nothing_happen(busy, person):
    with busy.open_vault("system") as vault:
        vault.connection.execute(text("ALTER TABLE log_outbox ADD CHECK (length(body) < 0)"))

    with pytest.raises(DBAPIError):
        read_about(busy, person)


def test_a_start_gives_places_to_what_waited(busy, person):
    waiting = read_about(busy, person)
    busy.close()

    with closing(open_checked(busy.config)) as opened:
        assert waiting in logged(opened)


def test_a_log_that_ends_holds_what_waited_and_its_successor_begins_with_itself(busy, person, clock):
    before = read_about(busy, person)
    rotate_log_key(busy.config, clock)
    after = read_about(busy, person)  # by a process that was left running

    with closing(open_house(busy.config, clock)) as successor:
        assert successor.sequence() == 1
        assert logged(successor, 1)[-2] == before
        assert actions(successor, 2)[0] is Action.LOG_OPENED
        assert logged(successor, 2)[-1] == after


def test_only_one_sequences_at_a_time(busy, person):
    read_about(busy, person)

    with busy.writing_data.connect() as other:
        assert is_leader(other)
        assert busy.sequence() == 0

    assert busy.sequence() == 1


def test_the_sequencer_works_by_itself_and_ends_with_the_worker(busy, person):
    waiting = read_about(busy, person)

    with sequencing(busy):
        until = monotonic() + PATIENCE_SECONDS
        while waiting not in logged(busy) and monotonic() < until:
            sleep(0.01)

    assert waiting in logged(busy)
    read_about(busy, person)
    assert busy.sequence() == 1


def test_an_entry_that_waits_for_longer_than_promised_is_late(busy, person, clock):
    busy.sign_checkpoint()
    read_about(busy, person)
    clock.advance(timedelta(seconds=busy.config.merge_delay_seconds + 1))

    found = publication(busy)

    assert found.outbox_delay == found.delay == timedelta(seconds=busy.config.merge_delay_seconds + 1)
    assert found.is_late
    busy.sequence()
    busy.sign_checkpoint()
    assert not publication(busy).is_late


def test_going_back_to_an_older_schema_drops_nothing_that_waits(busy, person):
    read_about(busy, person)
    busy.close()
    opened = open_engine(busy.config.data_url)

    with pytest.raises(RuntimeError, match="wait for their place"):
        migrate(opened, "data", "0028", down=True)

    with opened.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(text("log_outbox"))) == 1
    opened.dispose()


@pytest.mark.parametrize("change", ["UPDATE log_outbox SET body = body", "TRUNCATE log_outbox"])
def test_the_database_itself_refuses_to_change_what_waits(busy, person, change):
    read_about(busy, person)

    with pytest.raises(DBAPIError, match="append-only"), busy.open_vault("operator") as vault:
        vault.session.execute(text(change))


@pytest.mark.parametrize(
    "settings",
    [
        {"KLARWERT_LOG_OUTBOX": "reads"},
        {"KLARWERT_LOG_OUTBOX": "all", "KLARWERT_DATA_URL": "postgresql+psycopg://localhost/k"},
    ],
)
def test_an_outbox_is_for_readings_on_postgresql_and_nothing_else(settings):
    with pytest.raises(SettingInvalid, match="KLARWERT_LOG_OUTBOX"):
        read_config(settings)
