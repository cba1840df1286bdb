"""What tables declare about themselves: complete, and carried out for every one of them."""

from typing import Any

import pytest
from sqlalchemy import inspect

import app.tables
from consent.purpose import Purpose
from sources.activity import Platform
from tests.people import give_consent, import_archive, x_zip
from vault.holding import Fate, Holding
from vault.holdings import (
    count_rows,
    data_tables,
    delete_rows,
    delete_rows_resting_on,
    holding_of,
    key_tables,
)

assert app.tables.MODULES  # loaded, hence every table is known
TABLES = [*data_tables(), *key_tables()]
PLUMBING = {"id", "subject_id", "row_version", "number", "token_sha256", "kek_id", "attempts", "leased_until"}
PLUMBING |= {"code_hash"}
PLUMBING |= {"consent_id", "bytes_done", "facts", "detail", "kind", "used_at", "fresh_until", "expires_at"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)
def test_a_holding_names_a_known_purpose_and_basis(table):
    holding = holding_of(table)

    assert holding.purpose in {*Purpose, "audit"}
    assert holding.basis in {"gdpr-6-1-a", "gdpr-6-1-b", "gdpr-6-1-c", "gdpr-6-1-f"}
    assert holding.what
    assert holding.retained


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)
def test_every_column_about_a_person_is_declared_or_plumbing(table):
    holding = holding_of(table)
    columns = {column.key for column in inspect(table).columns}

    assert set(holding.personal) <= columns
    if holding.fate is Fate.DELETED:
        undeclared = columns - set(holding.personal) - PLUMBING - {"created_at", "wrapped"}
        assert undeclared == set()


def test_what_is_deleted_or_kept_must_say_whose_it_is_and_why():
    common: dict[str, Any] = {"what": "x", "purpose": "account", "basis": "b", "retained": "r", "source": "s"}

    with pytest.raises(ValueError, match="whose"):
        Holding(**common, fate=Fate.DELETED)
    with pytest.raises(ValueError, match="reason"):
        Holding(**common, fate=Fate.KEPT)


def test_every_table_that_points_at_a_subject_is_deleted_with_them(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    pointing = {table for table in data_tables() if "subject_id" in inspect(table).columns}

    with house.open_vault("subject") as vault:
        delete_rows(vault, person.subject_id)
        left = count_rows(vault, person.subject_id)

    assert set(left.values()) == {0}
    assert {table.__tablename__ for table in pointing - set(left)} == {
        "key_destruction",
        "erasure",  # ends with the erasure itself; deleting it would undo what it finishes
    }


def test_withdrawing_deletes_only_what_rests_on_the_scope(house, person):
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())

    with house.open_vault("subject") as vault:
        assert delete_rows_resting_on(vault, person.subject_id, "score.compute/mastodon") == 0
        assert delete_rows_resting_on(vault, person.subject_id, "score.compute/x") == 2
        assert (
            count_rows(vault, person.subject_id)[
                next(t for t in data_tables() if t.__tablename__ == "subject")
            ]
            == 1
        )
