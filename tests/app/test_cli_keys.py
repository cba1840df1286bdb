"""`klarwert keys`: what an operator types and reads."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from app.cli import klarwert
from app.rotating import finish_rotation
from app.transaction import House, system_clock
from vault.epoch import KekEpoch
from vault.kekfiles import rotating_alone
from vault.rotation import begin_epoch, is_unfinished


@pytest.fixture
def run(house: House):
    config = house.config
    environment = {
        "KLARWERT_HOME": str(config.home),
        "KLARWERT_DATA_URL": config.data_url,
        "KLARWERT_KEYS_URL": config.keys_url,
    }

    def typed(*arguments: str):
        return CliRunner(env=environment).invoke(klarwert, ["keys", *arguments])

    return typed


def test_rotating_says_how_many_keys_and_what_to_copy_and_the_person_is_still_there(house, person, run):
    before = house.keystore.dek(person.subject_id, "account")

    said = run("rotate")

    assert said.exit_code == 0
    assert said.output.splitlines()[0] == "2 keys re-wrapped; the KEK of epoch 1 is destroyed."
    assert "Copy kek-2.key" in said.output
    house.keystore.keks.reload()
    house.keystore._cache.clear()
    assert house.keystore.dek(person.subject_id, "account") == before


def test_a_start_that_finishes_an_interrupted_rotation_says_so_since_copies_have_to_follow(
    sqlite_house, capsys
):
    begin_epoch(sqlite_house.keystore, sqlite_house.clock())

    finish_rotation(sqlite_house)
    finish_rotation(sqlite_house)

    assert capsys.readouterr().out.count("kek_rotation_finished") == 1
    assert not is_unfinished(sqlite_house.keystore)


def test_show_names_every_epoch_and_by_when_the_one_in_force_is_to_be_replaced(house, run):
    run("rotate")
    one, two = house.keystore.epochs()
    due = two.began_at + timedelta(days=7)

    said = run("show").output.splitlines()

    assert one.kek_id in said[0]
    assert ": destroyed " in said[0]
    assert said[1].endswith(f"in force, kek-2.key, to be replaced by {due:%Y-%m-%d %H:%M} UTC")


def test_show_says_that_a_rotation_is_overdue(house, run):
    with house.keystore.write() as connection:
        connection.execute(update(KekEpoch).values(began_at=system_clock() - timedelta(days=8)))

    said = run("show").output

    assert said.endswith("(overdue)\n")


def test_a_second_rotation_at_the_same_time_is_refused_in_one_sentence(house, run):
    with rotating_alone(house.config.secrets):
        refused = run("rotate")

    assert "Another process is replacing the KEK" in str(refused.exception)
    assert len(house.keystore.epochs()) == 1
