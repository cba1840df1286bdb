"""`klarwert erasures`: which erasures a backup could undo, and going on with a ledger that lost lines."""

import pytest
from click.testing import CliRunner

from app.cli import klarwert
from app.erasing import erase_account
from tests.people import new_person


@pytest.fixture
def run(sqlite_house):
    config = sqlite_house.config
    environment = {
        "KLARWERT_HOME": str(config.home),
        "KLARWERT_DATA_URL": config.data_url,
        "KLARWERT_KEYS_URL": config.keys_url,
        "KLARWERT_ERASURES": str(config.erasures),
    }

    def typed(*arguments, answer=None):
        return CliRunner(env=environment).invoke(klarwert, ["erasures", *arguments], input=answer)

    return typed


def test_a_number_and_a_day_are_listed_and_nobody_is_named(sqlite_house, person, run, clock):
    assert run("list").output == ""
    erase_account(sqlite_house, person.subject_id)

    said = run("list")

    assert said.exit_code == 0
    assert said.output == f"1: {clock().date()}\n"
    assert str(person.subject_id) not in said.output


def test_a_ledger_that_lost_lines_goes_on_only_once_the_operator_said_so(sqlite_house, run):
    erase_account(sqlite_house, new_person(sqlite_house).subject_id)
    (sqlite_house.config.erasures / "erased").unlink()

    refused, adopted = run("adopt", answer="n\n"), run("adopt", answer="y\n")

    assert refused.exit_code == 1
    assert "The ledger goes on." in adopted.output
    assert adopted.exit_code == 0
    assert run("list").output == ""
