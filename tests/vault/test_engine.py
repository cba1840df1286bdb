"""Engines: SQLite as careful as it is said to be, and instants that everybody reads the same way."""

from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from tests.people import give_consent, new_person
from vault.engine import leave_no_remnants, open_engine, rewrite, writing
from vault.subject import Subject


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_every_connection_to_sqlite_is_set_up_alike(tmp_path, pragma, value):
    engine = open_engine(f"sqlite+pysqlite:///{tmp_path}/data/x.sqlite3")

    with engine.connect() as one, engine.connect() as other:
        assert [c.exec_driver_sql(f"PRAGMA {pragma}").scalar() for c in (one, other)] == [value, value]
    engine.dispose()


def test_with_group_commit_sqlite_syncs_around_checkpoints_only_and_we_after_commits(sqlite_house):
    with sqlite_house.data.connect() as data, sqlite_house.keystore._engine.connect() as keys:
        assert [c.exec_driver_sql("PRAGMA synchronous").scalar() for c in (data, keys)] == [1, 2]


def test_a_file_that_is_written_anew_has_nothing_left_of_what_was_deleted(tmp_path):
    engine = open_engine(f"sqlite+pysqlite:///{tmp_path}/data/x.sqlite3")
    keys = [sha256(str(number).encode()).digest()[:16] for number in range(2000)]
    deleted = [key for key in keys if key[0] % 3]
    with writing(engine).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE thing (key BLOB, UNIQUE (key))")
        connection.exec_driver_sql("INSERT INTO thing VALUES (?)", [(key,) for key in keys])
    with writing(engine).begin() as connection:
        connection.exec_driver_sql("DELETE FROM thing WHERE key = ?", [(key,) for key in deleted])

    def left() -> int:
        assert leave_no_remnants(engine)
        content = (tmp_path / "data/x.sqlite3").read_bytes()
        return sum(key in content for key in deleted)

    assert left() > 0  # or SQLite has learned to clear them, and `rewrite` can go
    assert rewrite(engine)
    assert left() == 0
    engine.dispose()


def test_a_connection_comes_back_from_tidying_as_it_was(sqlite_house):
    assert sqlite_house.leave_no_remnants()

    for engine in (sqlite_house.data, sqlite_house.keystore.engine):
        with closing(engine.raw_connection()) as pooled:
            assert pooled.driver_connection.isolation_level is None


def test_a_file_that_somebody_writes_to_is_not_written_anew(tmp_path):
    engine = open_engine(f"sqlite+pysqlite:///{tmp_path}/data/x.sqlite3")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=0"))

    with writing(engine).begin():
        assert not rewrite(engine)
    engine.dispose()


def test_a_database_file_is_its_owners_alone(sqlite_house):
    new_person(sqlite_house)

    files = list(sqlite_house.config.home.rglob("*.sqlite3*"))

    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o700}


def test_an_instant_comes_back_in_utc_from_any_zone_and_a_naive_one_is_refused(house, person):
    noon_in_berlin = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with Session(house.writing_data) as session:
        session.get_one(Subject, person.subject_id).confirmed_at = noon_in_berlin
        session.commit()
        kept = session.scalar(select(Subject.confirmed_at))

        session.get_one(Subject, person.subject_id).confirmed_at = datetime(2026, 7, 1, 12)  # noqa: DTZ001
        with pytest.raises(StatementError, match="naive"):
            session.flush()

    assert (kept, kept and kept.tzinfo) == (datetime(2026, 7, 1, 10, tzinfo=UTC), UTC)


def test_a_person_cannot_go_before_what_is_about_them(house, person):
    give_consent(house, person)

    with pytest.raises(IntegrityError), house.open_vault("system") as vault:
        vault.connection.execute(delete(Subject))
