"""Migrations: up, down and up again on both engines, and the newest equals the models."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from app.config import Config
from app.setup import STORES, SchemaOutdated, head, migrate, open_checked, prepare, prepare_if_needed
from vault.engine import open_engine


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
    assert {head(store) for store in STORES} >= {"0001"}
