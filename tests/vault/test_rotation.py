"""KEK rotation, on both engines: nothing is lost, and no old copy opens with the keys of today."""

import os
import shutil
import threading
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update

from app.config import Config
from app.rotating import rotate_keys
from app.setup import open_checked, prepare
from app.transaction import House, open_house
from app.worker import Worker
from audit.entry import parse
from audit.stored import StoredLog
from tests.people import CollectingMailer, give_consent
from vault.epoch import KekEpoch, erasure_horizon, hold_epoch
from vault.errors import EnvelopeInvalid, KeyFileRefused
from vault.kekfiles import Keks, RotationRunning, rotating_alone
from vault.keys import create_key
from vault.keystore import KeyStore
from vault.rotation import BATCH
from vault.wrapped import SubjectKeys, WrappedDek, reference_context

SCOPES = ("account", "score.compute/x")
Opened = dict[tuple[UUID, str], bytes]


def fill(house: House, count: int) -> None:
    for _ in range(count):
        subject_id = uuid4()
        house.keystore.create_subject(subject_id, f"{subject_id}@example.org", house.clock())
        for scope in SCOPES:
            house.keystore.ensure_dek(subject_id, scope, house.clock())


def fresh_store(house: House) -> KeyStore:
    """What another process sees: the same database and files, nothing in memory."""
    return KeyStore(house.keystore._engine, Keks(house.config.secrets), house.keys.index)


def open_all(house: House) -> Opened:
    """Every key there is, opened by a process that knows nothing yet."""
    store = fresh_store(house)
    with store._engine.connect() as connection:
        subjects = connection.scalars(select(SubjectKeys.subject_id)).all()
        deks = connection.execute(select(WrappedDek.subject_id, WrappedDek.scope)).all()
    opened = {(subject_id, ""): store.reference_key(subject_id) for subject_id in subjects}
    return opened | {(row.subject_id, row.scope): store.dek(row.subject_id, row.scope).key for row in deks}


def kek_ids(house: House) -> set[str]:
    with house.keystore._engine.connect() as connection:
        columns = (SubjectKeys.kek_id, WrappedDek.kek_id)
        return {kek_id for column in columns for kek_id in connection.scalars(select(column).distinct())}


def kek_files(house: House) -> list[str]:
    return sorted(path.name for path in house.config.secrets.glob("kek*"))


def logged(house: House) -> list[tuple[str, dict[str, int]]]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    return [(entry.action, dict(entry.counts)) for entry in entries]


def test_a_rotation_takes_every_key_over_destroys_the_old_kek_and_is_logged(house):
    fill(house, 3)
    before, index = open_all(house), house.keystore.find_subject("nobody@example.org")

    ended = rotate_keys(house)

    (one, two) = house.keystore.epochs()
    assert open_all(house) == before
    assert (ended, ended.rewrapped) == (one, 9)
    assert one.finished_at == one.superseded_at == two.began_at == house.clock()
    assert kek_ids(house) == {two.kek_id} != {one.kek_id}
    assert kek_files(house) == ["kek-2.key"]
    assert (house.config.secrets / "kek-2.key").stat().st_mode & 0o777 == 0o600
    assert logged(house)[-1] == ("keys.rotated", {"keys": 9})
    assert house.high_water.open(house.high_water.read()).size == len(logged(house))
    assert house.keystore.find_subject("nobody@example.org") == index


def test_more_keys_than_fit_in_a_batch_are_taken_over_and_a_third_epoch_follows_the_second(sqlite_house):
    fill(sqlite_house, BATCH // 2 + 1)  # two keys each of one kind: one batch and a bit
    before = open_all(sqlite_house)

    rotate_keys(sqlite_house)
    ended = rotate_keys(sqlite_house)

    assert open_all(sqlite_house) == before
    assert (ended.number, ended.rewrapped) == (2, len(before))
    assert kek_files(sqlite_house) == ["kek-3.key"]


def test_a_process_that_slept_through_rotations_wraps_under_the_kek_in_force_and_opens_what_others_did(house):
    asleep, known, unknown = fresh_store(house), uuid4(), uuid4()
    rotate_keys(house)
    rotate_keys(house)
    house.keystore.create_subject(known, "ada@example.org", house.clock())
    made = house.keystore.ensure_dek(known, "account", house.clock())

    asleep.create_subject(unknown, "grace@example.org", house.clock())

    assert asleep.dek(known, "account") == made
    assert fresh_store(house).reference_key(unknown) == asleep.reference_key(unknown)
    assert kek_ids(house) == {house.keystore.epochs()[-1].kek_id}


def copied(house: House, place: Path) -> Config:
    """An installation as a backup taken now, databases and mark; its secrets are those of the house."""
    home = house.config.home
    for name in ("data", "keystore", "high-water"):
        shutil.copytree(home / name, place / name)
    return Config(
        home=place,
        data_url=f"sqlite+pysqlite:///{place}/data/klarwert.sqlite3",
        keys_url=f"sqlite+pysqlite:///{place}/keystore/keys.sqlite3",
        secrets=house.config.secrets,
        spool=place / "spool",
        high_water=place / "high-water" / "checkpoint",
        erasures=house.config.erasures,
    )


def test_a_copy_of_everything_made_before_opens_nothing_with_the_keys_of_today(
    sqlite_house, person, tmp_path
):
    give_consent(sqlite_house, person)
    fill(sqlite_house, 2)
    places = list(open_all(sqlite_house))
    old = copied(sqlite_house, tmp_path / "copy")
    former_secrets = {path.name for path in sqlite_house.config.secrets.iterdir()}

    rotate_keys(sqlite_house)

    with pytest.raises(KeyFileRefused, match="another KEK"):
        open_checked(old)
    with closing(open_house(old)) as revived:
        for subject_id, scope in places:
            with pytest.raises((KeyFileRefused, EnvelopeInvalid)):
                revived.keystore.dek(subject_id, scope) if scope else revived.keystore.reference_key(
                    subject_id
                )
    left = {path.name for path in sqlite_house.config.secrets.iterdir()}
    assert former_secrets - left == {"kek.key"}


def test_the_old_wrapping_leaves_the_key_stores_files(sqlite_house):
    fill(sqlite_house, 20)
    with sqlite_house.keystore._engine.connect() as connection:
        old = [bytes(row[0]) for row in connection.execute(text("SELECT wrapped FROM wrapped_dek"))]

    rotate_keys(sqlite_house)

    content = b"".join(path.read_bytes() for path in (sqlite_house.config.home / "keystore").iterdir())
    assert len(old) == 40
    assert not any(wrapped in content for wrapped in old)


def test_a_rotation_waits_for_whoever_is_wrapping_a_key(house):
    subject_id, now = uuid4(), house.clock()
    with house.keystore._writing.connect() as connection:
        slow = connection.begin()
        kek = house.keystore.keks.find(hold_epoch(connection))
        rotating = threading.Thread(target=rotate_keys, args=(house,))
        rotating.start()
        rotating.join(0.4)
        key = kek.wrap(b"k" * 32, reference_context(subject_id))
        row = {"subject_id": subject_id, "kek_id": kek.id, "reference_key": key, "created_at": now}
        connection.execute(insert(SubjectKeys), row | {"blind_index": b"b" * 16})
        slow.commit()
        rotating.join()

    assert open_all(house) == {(subject_id, ""): b"k" * 32}
    assert kek_files(house) == ["kek-2.key"]


def hammer(config: Config, house: House, seed: int) -> None:
    """In a process of its own: two threads that make keys as fast as they can."""
    failed: list[BaseException] = []

    def make(thread: int) -> None:
        try:
            for number in range(25):
                subject_id = uuid4()
                address = f"{seed}-{thread}-{number}@example.org"
                own.keystore.create_subject(subject_id, address, house.clock())
                own.keystore.ensure_dek(subject_id, "account", house.clock())
                own.keystore.dek(subject_id, "account")
        except BaseException as error:
            failed.append(error)

    with closing(open_house(config, house.clock)) as own:
        threads = [threading.Thread(target=make, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    os._exit(1 if failed else 0)


def test_no_key_is_lost_when_processes_make_keys_during_rotations(house):
    fill(house, 20)
    house.close()
    children = []
    for seed in range(2):
        if (child := os.fork()) == 0:
            with suppress(BaseException):
                hammer(house.config, house, seed)
            os._exit(2)
        children.append(child)

    rotations, statuses = 0, dict[int, int]()
    while len(statuses) < len(children) or rotations < 3:
        rotate_keys(house)
        rotations += 1
        for child in children:
            if child not in statuses and (done := os.waitpid(child, os.WNOHANG))[0]:
                statuses[child] = done[1]

    assert set(statuses.values()) == {0}
    assert len(open_all(house)) == 20 * 3 + 2 * 2 * 25 * 2
    assert kek_ids(house) == {house.keystore.epochs()[-1].kek_id}
    assert kek_files(house) == [f"kek-{rotations + 1}.key"]


def test_a_key_being_destroyed_does_not_hold_a_rotation_up_for_good(house):
    fill(house, 2)
    (victim, _), *_ = open_all(house)
    with house.keystore._writing.connect() as connection:
        held = connection.begin()
        connection.execute(delete(WrappedDek).where(WrappedDek.subject_id == victim))
        releasing = threading.Timer(0.3, held.commit)
        releasing.start()

        ended = rotate_keys(house)

        releasing.join()
    assert ended.finished_at is not None
    assert len(open_all(house)) == 4


def test_one_rotation_at_a_time(house):
    with rotating_alone(house.config.secrets), pytest.raises(RotationRunning):
        rotate_keys(house)

    assert len(house.keystore.epochs()) == 1


def test_an_altered_key_stops_the_rotation_and_neither_the_service_nor_the_others(house):
    fill(house, 2)
    (victim, _), *_ = open_all(house)
    altered = update(WrappedDek).where(WrappedDek.subject_id == victim).values(wrapped=b"w" * 60)
    with house.keystore._writing.begin() as connection:
        connection.execute(altered)

    with pytest.raises(EnvelopeInvalid):
        rotate_keys(house)

    assert kek_files(house) == ["kek-2.key", "kek.key"]
    with closing(open_checked(house.config)) as served:
        fill(served, 1)
        assert len([epoch for epoch in served.keystore.epochs() if epoch.is_in_force]) == 1
        served.keystore.destroy_subject(victim)
        rotate_keys(served)
    assert len(open_all(house)) == 6
    assert kek_files(house) == ["kek-3.key"]


def test_an_installation_from_before_epochs_gets_its_first_one(house):
    fill(house, 1)
    before = open_all(house)
    with house.keystore._writing.begin() as connection:
        connection.execute(delete(KekEpoch))

    prepare(house.config)

    (first,) = house.keystore.epochs()
    assert (first.number, {first.kek_id}) == (1, kek_ids(house))
    assert open_all(house) == before


def test_setup_makes_no_kek_beside_the_one_in_force_or_in_place_of_a_lost_one(sqlite_house):
    rotate_keys(sqlite_house)  # with nobody in the key store

    prepare(sqlite_house.config)

    assert kek_files(sqlite_house) == ["kek-2.key"]
    (sqlite_house.config.secrets / "kek-2.key").unlink()
    with pytest.raises(KeyFileRefused):
        prepare(sqlite_house.config)
    assert kek_files(sqlite_house) == []


def test_a_destroyed_kek_that_was_put_back_is_destroyed_at_the_next_start(sqlite_house):
    old = (sqlite_house.config.secrets / "kek.key").read_bytes()
    rotate_keys(sqlite_house)
    returned = sqlite_house.config.secrets / "kek.key"
    returned.write_bytes(old)
    returned.chmod(0o600)

    open_checked(sqlite_house.config).close()

    assert kek_files(sqlite_house) == ["kek-2.key"]


def test_a_kek_of_another_installation_is_refused_and_left_alone(sqlite_house):
    rotate_keys(sqlite_house)
    create_key(sqlite_house.config.secrets / "kek.key")

    with pytest.raises(KeyFileRefused, match=r"kek\.key is not of this key store"):
        open_checked(sqlite_house.config)

    assert kek_files(sqlite_house) == ["kek-2.key", "kek.key"]


@pytest.mark.parametrize("name", ["kek-2.key", "kek.key"])
def test_both_keks_of_a_rotation_are_held_to_the_rules_for_key_files(sqlite_house, name):
    create_key(sqlite_house.config.secrets / "kek-2.key")
    (sqlite_house.config.secrets / name).chmod(0o640)

    with pytest.raises(KeyFileRefused, match=rf"{name} has mode 0640"):
        open_house(sqlite_house.config)


def test_the_horizon_is_so_many_days_away_and_a_kek_older_than_that_is_told_once_a_day(
    sqlite_house, clock, capfd
):
    rotate_keys(sqlite_house)
    worker, days = Worker(sqlite_house, CollectingMailer()), sqlite_house.config.kek_days
    erased_at = clock.now

    worker.tidy_if_due()
    assert "kek_overdue" not in "".join(capfd.readouterr())
    clock.now = erasure_horizon(erased_at, days) + timedelta(seconds=1)
    for _ in range(3):
        worker.tidy_if_due()
        clock.advance(timedelta(minutes=2))

    assert days == 7
    assert "".join(capfd.readouterr()).count("kek_overdue") == 1
