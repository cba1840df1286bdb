"""Migrations: up, down and up again on both engines, and the newest equals the models."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, inspect, select
from sqlalchemy.orm import Session

from app.config import Config
from app.jobs import Job, JobKind, JobState
from app.setup import STORES, SchemaOutdated, head, migrate, open_checked, prepare, prepare_if_needed
from app.tables import DATA
from explain.report import score_report
from sources.activity import Platform
from tests.app.releasing_people import scored_person
from tests.people import work
from vault.engine import open_engine

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(params=STORES)
def store(request) -> str:
    return str(request.param)


@pytest.fixture
def engine(config: Config, store: str):
    opened = open_engine(config.data_url if store == "data" else config.keys_url)
    yield opened
    opened.dispose()


def test_the_newest_migration_equals_the_models(engine, store):
    migrate(engine, store)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, STORES[store]) == []


def test_down_leaves_nothing_and_up_again_works(engine, store):
    migrate(engine, store)
    migrate(engine, store, "base", down=True)

    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine, store)
    assert set(STORES[store].tables) <= set(inspect(engine).get_table_names())


def test_preparing_twice_changes_nothing(config):
    prepare(config)
    prepare(config)
    prepare_if_needed(config)

    house = open_checked(config)
    house.close()


def test_a_database_that_is_behind_is_not_served(config, store):
    prepare(config)
    behind = open_engine(config.data_url if store == "data" else config.keys_url)
    with behind.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    behind.dispose()

    with pytest.raises(SchemaOutdated, match="klarwert setup"):
        open_checked(config)


def test_the_head_is_the_last_file():
    assert all(head(store) >= "0002" for store in STORES)


@pytest.fixture
def data(config: Config):
    opened = open_engine(config.data_url)
    yield opened
    opened.dispose()


def insert_person(data, *, platforms: int, is_waiting: bool = False) -> UUID:
    """A person with a score in its first form, and so many records; what is sealed does not matter here."""
    subject_id, row = uuid4(), {"row_version": 1}
    with data.begin() as connection:
        connection.execute(
            insert(DATA.tables["subject"]), row | {"id": subject_id, "created_at": AT, "account": b"sealed"}
        )
        for platform in list(Platform)[:platforms]:
            batch = {"id": uuid4(), "subject_id": subject_id, "platform": platform, "record": b"sealed"}
            connection.execute(insert(DATA.tables["import_batch"]), row | batch | {"imported_at": AT})
        score = {"id": uuid4(), "subject_id": subject_id, "number": 1, "computed_at": AT, "model": "0" * 64}
        sealed = {"rests_on": "score.compute/x", "result": b"sealed"}
        connection.execute(insert(DATA.tables["score"]), row | score | sealed)
        if is_waiting:
            job = {"id": uuid4(), "subject_id": subject_id, "kind": JobKind.SCORE, "state": JobState.QUEUED}
            connection.execute(insert(DATA.tables["job"]), job | {"facts": {}, "created_at": AT})
    return subject_id


def count_rows(data, table: str) -> int:
    with data.connect() as connection:
        return len(connection.execute(select(DATA.tables[table])).all())


def test_scores_of_the_first_form_make_way_and_each_is_queued_again_once(data):
    migrate(data, "data", "0001")
    one = insert_person(data, platforms=1)
    two = insert_person(data, platforms=2)
    waiting = insert_person(data, platforms=1, is_waiting=True)
    insert_person(data, platforms=0)

    migrate(data, "data")

    assert count_rows(data, "score") == 0
    assert count_rows(data, "import_batch") == 4
    with Session(data) as session:
        jobs = session.scalars(select(Job)).all()
        assert sorted(job.subject_id for job in jobs) == sorted((one, two, waiting))
        assert {(job.kind, job.state, job.attempts) for job in jobs} == {(JobKind.SCORE, JobState.QUEUED, 0)}
        assert all(job.facts == {} and job.created_at.tzinfo is not None for job in jobs)
        assert len({job.id for job in jobs}) == 3


def test_down_from_released_cards_leaves_scores_alone_and_up_again_works(data):
    migrate(data, "data")
    insert_person(data, platforms=1)
    release = {"number": 1, "digest": "0" * 64, "card": "{}", "announced_at": AT, "effective_at": AT}
    with data.begin() as connection:
        connection.execute(insert(DATA.tables["card_release"]), release)

    migrate(data, "data", "0001", down=True)

    assert not inspect(data).has_table("card_release")
    assert count_rows(data, "score") == 1
    migrate(data, "data")
    assert (count_rows(data, "card_release"), count_rows(data, "score"), count_rows(data, "job")) == (0, 0, 1)


def test_after_the_migration_the_worker_computes_everybodys_score_again(house):
    person = scored_person(house, 1)
    with house.open_reading_vault() as vault:
        before = score_report(vault, person)
    migrate(house.data, "data", "0001", down=True)

    prepare(house.config)
    work(house)

    with house.open_reading_vault() as vault:
        after = score_report(vault, person)
    assert before is not None
    assert after is not None
    assert after.parts == before.parts


def test_an_installation_without_a_first_card_is_not_served(config):
    prepare(config)
    emptied = open_engine(config.data_url)
    with emptied.begin() as connection:
        connection.execute(delete(DATA.tables["card_release"]))
    emptied.dispose()

    with pytest.raises(SchemaOutdated, match="klarwert setup"):
        open_checked(config)

    prepare(config)
    open_checked(config).close()
