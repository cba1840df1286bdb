"""The list of whose entries are which: as the entries have it, and where it is not, that is found."""

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cli import klarwert
from app.log_rotating import rotate_log_key
from audit.references import ListFlaw, Misfiled, misfiled
from audit.stored import StoredLog
from tests.audit.test_log import fill, tamper
from tests.people import Person, give_consent, withdraw_consent


def found(house) -> list[Misfiled]:
    with Session(house.data) as session:
        return list(misfiled(session))


def test_every_entry_is_listed_under_its_reference_in_every_log(house, person, clock):
    give_consent(house, person)
    fill(house, 3)
    house.close()
    rotate_log_key(house.config, clock)

    assert found(house) == []
    with Session(house.data) as session:
        assert StoredLog(session).number == 2
        assert session.scalar(text("SELECT count(*) FROM log_reference")) > 1


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ("DELETE FROM log_reference WHERE index_ = {last}", ListFlaw.UNLISTED),
        ("INSERT INTO log_reference SELECT ref, 0 FROM log_reference LIMIT 1", ListFlaw.UNFOUNDED),
    ],
)
def test_an_entry_that_is_hidden_from_its_person_or_laid_to_somebody_elses_charge_is_named(
    sqlite_house, person: Person, change, flaw
):
    give_consent(sqlite_house, person)
    withdraw_consent(sqlite_house, person)
    with Session(sqlite_house.data) as session:
        last = session.scalar(text("SELECT max(index_) FROM log_reference"))
    environment = {"KLARWERT_HOME": str(sqlite_house.config.home)}

    tamper(sqlite_house, change.format(last=last))

    index = last if flaw is ListFlaw.UNLISTED else 0
    assert found(sqlite_house) == [Misfiled(flaw, 1, index)]
    told = CliRunner().invoke(klarwert, ["audit", "reconcile"], env=environment)
    assert (told.exit_code, f"entry {index}: {flaw}." in told.output) == (1, True)
