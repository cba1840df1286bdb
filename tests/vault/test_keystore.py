"""The key store, on both engines: keys come first, go last, and leave nothing behind."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.transaction import House
from tests.people import give_consent, new_person
from vault.destruction import KeyDestruction, sweep_unused_keys
from vault.errors import EnvelopeInvalid, KeyDestroyed, KeyFileRefused
from vault.kekfiles import Keks
from vault.keystore import AddressTaken, KeyStore


@pytest.fixture
def subject_id(house: House):
    made = uuid4()
    house.keystore.create_subject(made, "ada@example.org", house.clock())
    return made


def another_store(house: House) -> KeyStore:
    """What another process sees: the same database, nothing in memory."""
    return KeyStore(house.keystore._engine, Keks(house.config.secrets), house.keys.index)


def test_a_scope_has_one_key_which_every_process_sees(house, subject_id):
    made = house.keystore.ensure_dek(subject_id, "score.compute/x", house.clock())

    assert house.keystore.ensure_dek(subject_id, "score.compute/x", house.clock()) == made
    assert another_store(house).dek(subject_id, "score.compute/x") == made
    assert house.keystore.ensure_dek(subject_id, "account", house.clock()) != made


def test_a_destroyed_key_is_gone_for_every_process_and_destroying_again_changes_nothing(house, subject_id):
    house.keystore.ensure_dek(subject_id, "score.compute/x", house.clock())

    house.keystore.destroy_dek(subject_id, "score.compute/x")
    house.keystore.destroy_dek(subject_id, "score.compute/x")

    for store in (house.keystore, another_store(house)):
        with pytest.raises(KeyDestroyed):
            store.dek(subject_id, "score.compute/x")


def test_an_address_is_found_however_it_is_written_and_taken_once(house, subject_id):
    assert house.keystore.find_subject("  Ada@Example.ORG ") == subject_id
    assert house.keystore.find_subject("ada@example.com") is None
    with pytest.raises(AddressTaken):
        house.keystore.create_subject(uuid4(), "ADA@example.org", house.clock())


def test_no_address_and_no_key_lies_in_either_database_in_clear(house, subject_id):
    dek = house.keystore.ensure_dek(subject_id, "account", house.clock())

    with house.keystore._engine.connect() as connection:
        rows = str(connection.execute(text("SELECT * FROM subject_keys")).all()) + str(
            connection.execute(text("SELECT * FROM wrapped_dek")).all()
        )
    assert "ada@" not in rows
    assert "example.org" not in rows
    assert repr(dek.key)[2:-1] not in rows
    assert dek.key.hex() not in rows


def test_wrapped_keys_swapped_between_two_scopes_do_not_open(house, subject_id):
    for scope in ("score.compute/x", "score.compute/mastodon"):
        house.keystore.ensure_dek(subject_id, scope, house.clock())
    with house.keystore._writing.begin() as connection:
        rows = connection.execute(text("SELECT id, wrapped FROM wrapped_dek ORDER BY scope")).all()
        for (row_id, _), (_, wrapped) in zip(rows, rows[::-1], strict=True):
            connection.execute(
                text("UPDATE wrapped_dek SET wrapped = :wrapped WHERE id = :id"),
                {"wrapped": bytes(wrapped), "id": row_id},
            )

    with pytest.raises(EnvelopeInvalid):
        another_store(house).dek(subject_id, "score.compute/x")


def test_another_kek_is_refused_at_the_start(house, subject_id):
    house.keystore.check_kek()
    (house.config.secrets / "kek.key").write_bytes(os.urandom(32))

    with pytest.raises(KeyFileRefused, match=r"kek\.key"):
        another_store(house).check_kek()
    with pytest.raises(KeyFileRefused, match=r"kek\.key"):
        another_store(house).reference_key(subject_id)


def test_a_data_backup_without_the_key_store_opens_nothing(house, person):
    give_consent(house, person)
    house.keystore.destroy_subject(person.subject_id)  # what restoring only the data would mean

    with house.open_vault("worker") as vault, pytest.raises(KeyDestroyed):
        vault.reference(person.subject_id, b"subject")
    assert house.keystore.find_subject(person.address) is None


def test_keys_nobody_used_are_swept_after_an_hour_and_used_ones_stay(house, subject_id, clock):
    person = new_person(house, "grace@example.org")

    clock.advance(timedelta(hours=2))
    with house.open_vault("system") as vault:
        swept = sweep_unused_keys(vault)

    assert swept == 1
    assert house.keystore.find_subject("ada@example.org") is None
    assert house.keystore.find_subject(person.address) == person.subject_id


def test_orders_to_destroy_are_carried_out_and_gone(house, subject_id):
    house.keystore.ensure_dek(subject_id, "account", house.clock())
    with house.open_vault("system") as vault:
        vault.session.add(KeyDestruction(subject_id=subject_id, scope=None, ordered_at=house.clock()))

    house.destroy_ordered_keys()

    with pytest.raises(KeyDestroyed):
        house.keystore.dek(subject_id, "account")
    with house.open_reading_vault("system") as vault:
        assert vault.session.query(KeyDestruction).count() == 0


def test_deleted_keys_leave_the_sqlite_file(sqlite_house):
    subject_id = uuid4()
    sqlite_house.keystore.create_subject(subject_id, "ada@example.org", sqlite_house.clock())
    for number in range(50):
        sqlite_house.keystore.ensure_dek(subject_id, f"score.compute/p{number}", sqlite_house.clock())
    with sqlite_house.keystore._engine.connect() as connection:
        wrapped = [bytes(row[0]) for row in connection.execute(text("SELECT wrapped FROM wrapped_dek"))]

    sqlite_house.keystore.destroy_subject(subject_id)
    assert sqlite_house.keystore.leave_no_remnants()

    files = (sqlite_house.config.home / "keystore").iterdir()
    content = b"".join(path.read_bytes() for path in files)
    assert len(wrapped) == 50
    assert not any(key in content for key in wrapped)


def test_an_unwrapped_key_is_forgotten_after_a_minute(house, subject_id):
    house.keystore.ensure_dek(subject_id, "account", house.clock())
    another_store(house).destroy_dek(subject_id, "account")
    assert house.keystore.dek(subject_id, "account")  # still in this process's memory

    house.keystore._cache = {place: (0.0, dek) for place, (_, dek) in house.keystore._cache.items()}

    with pytest.raises(KeyDestroyed):
        house.keystore.dek(subject_id, "account")
