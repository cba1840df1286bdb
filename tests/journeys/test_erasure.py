"""Erasure whatever happens: killed anywhere it ends once, and no backup brings anybody back."""

import json
import os
import secrets
import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.accounts import CredentialsWrong, sign_in
from app.erasing import adopt_ledger, erase_account, is_ledger_followed, replay_ledger, trim_ledger
from app.sessions import SessionKind
from app.setup import open_checked
from app.transaction import House, open_house
from app.web import create_app
from audit.entry import parse
from audit.stored import StoredLog
from rights.erasure_ledger import ErasureLedgerRefused
from rights.erasure_saga import underway
from sources.activity import Platform
from tests.killing import points_passed
from tests.lawful import unlawful
from tests.people import (
    PASSWORD,
    CollectingMailer,
    Person,
    give_consent,
    import_archive,
    new_person,
    upload_archive,
    x_zip,
)
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient
from vault.errors import KeyDestroyed, SubjectUnknown
from vault.holdings import count_rows

POINTS = int(os.environ.get("KLARWERT_KILL_POINTS", "12"))  # on each engine, others in every run


def actions(house: House) -> list[str]:
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        return [str(parse(body).action) for body, _ in log.entries(0, log.size)]


def somebody(house: House, address: str) -> Person:
    """Somebody with a consent, an upload that waits, and a recipient who has their data."""
    person = new_person(house, address)
    give_consent(house, person)
    agree_to_share(house, person.subject_id)
    hand_over(house, person.subject_id, BRAND, SHARE, VALUES)
    upload_archive(house, person, Platform.X, x_zip())
    return person


def passed(house: House, person: Person, dies_at: int | None) -> int:
    """Erase in a child that is killed at one of its steps; how many it passed alive."""
    house.close()
    return points_passed(
        lambda: erase_account(open_house(house.config, house.clock), person.subject_id, CollectingMailer()),
        dies_at,
    )


def test_an_erasure_killed_anywhere_ends_erased_exactly_once(house):
    new_recipient(house)
    steps = passed(house, somebody(house, "first@example.org"), None)
    assert steps > POINTS
    erased = 1
    gap = steps / POINTS
    for point in range(POINTS):
        person = somebody(house, f"ada{point}@example.org")

        passed(house, person, 1 + int(point * gap + secrets.randbelow(1000) / 1000 * gap))

        with closing(open_checked(house.config)) as reopened:
            if (
                reopened.keystore.find_subject(person.address) is not None
            ):  # nothing had begun: asked once more
                erase_account(reopened, person.subject_id, CollectingMailer())
            erased += 1
            assert actions(reopened).count("account.erased") == erased, point
            with reopened.open_reading_vault() as vault:
                assert sum(count_rows(vault, person.subject_id).values()) == 0
                assert underway(vault) == ()
            assert not sum(reopened.keystore.count_rows(person.subject_id).values())
            assert list(house.config.spool.iterdir()) == []
            assert is_ledger_followed(reopened)
    assert len(house.erasures.lines()) == erased
    assert notices(house) == erased
    assert unlawful(house) == []


def notices(house: House) -> int:
    with house.data.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM recipient_notice")).scalar_one())


@pytest.fixture
def backup(sqlite_house, tmp_path):
    """Somebody, and a backup of everything but the erasure ledger from before they were erased."""
    person = new_person(sqlite_house, "ada.lovelace@example.org")
    new_recipient(sqlite_house)
    agree_to_share(sqlite_house, person.subject_id)
    hand_over(sqlite_house, person.subject_id, BRAND, SHARE, VALUES)
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    sqlite_house.close()
    kept = tmp_path / "backup"
    shutil.copytree(sqlite_house.config.home, kept, ignore=shutil.ignore_patterns("erasures"))
    return person, kept


def restore(house: House, kept: Path, *parts: str) -> None:
    house.close()
    for part in parts:
        shutil.rmtree(house.config.home / part)
        shutil.copytree(kept / part, house.config.home / part)


def test_a_backup_of_the_data_alone_opens_nothing_and_its_rows_go_at_the_start(sqlite_house, backup):
    person, kept = backup
    erase_account(sqlite_house, person.subject_id, CollectingMailer())

    restore(sqlite_house, kept, "data", "high-water")

    with sqlite_house.open_reading_vault() as vault:
        assert sum(count_rows(vault, person.subject_id).values())
        with pytest.raises(KeyDestroyed):
            vault.keystore.reference_key(person.subject_id)
    with closing(open_checked(sqlite_house.config)) as reopened, reopened.open_reading_vault() as vault:
        assert sum(count_rows(vault, person.subject_id).values()) == 0
        assert notices(reopened) == 0  # told when it happened; without the keys nobody can be told again


def test_a_backup_of_data_and_keys_is_not_served_before_the_erasure_is_done_again(sqlite_house, backup):
    person, kept = backup
    erase_account(sqlite_house, person.subject_id, CollectingMailer())

    restore(sqlite_house, kept, "data", "keystore", "high-water")

    client = create_app(sqlite_house).test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    with closing(open_checked(sqlite_house.config)) as reopened:
        client = create_app(reopened).test_client()
        assert client.get("/readyz").status_code == 200
        with pytest.raises(CredentialsWrong):
            sign_in(reopened, person.address, PASSWORD, SessionKind.PAGE)
        with reopened.open_reading_vault() as vault:
            assert sum(count_rows(vault, person.subject_id).values()) == 0
        assert actions(reopened)[-1] == "erasures.replayed"
        assert notices(reopened) == 1  # the recipient's own backup may be back too
        assert replay_ledger(reopened) == 0


def test_no_file_and_no_table_holds_the_address_the_handle_or_a_key(sqlite_house, backup):
    person, _ = backup
    traces = (person.address.encode(), b"lovelace-handle", *sqlite_house.keystore.traces(person.subject_id))

    erased = erase_account(sqlite_house, person.subject_id, CollectingMailer())

    home = sqlite_house.config.home
    whole = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert [trace for trace in (*traces, person.subject_id.bytes) if trace in whole] == []
    statement = json.loads(erased.certificate.partition("\n\n")[0])
    assert (statement["searched"]["rows"], statement["searched"]["files"]) == (0, 0)
    assert statement["searched"]["files_searched"] > 5
    assert statement["told"] == ["Rosengarten GmbH"]
    assert statement["backups_until"] == "2026-12-25"


def test_a_ledger_that_lost_lines_stops_the_start(sqlite_house, backup):
    person, _ = backup
    erase_account(sqlite_house, person.subject_id, CollectingMailer())
    (sqlite_house.config.erasures / "erased").write_bytes(b"")

    with pytest.raises(ErasureLedgerRefused):
        open_checked(sqlite_house.config)
    adopt_ledger(sqlite_house)
    open_checked(sqlite_house.config).close()
    assert sqlite_house.erasures.last_number() == 1


def test_the_ledger_forgets_whom_no_backup_holds_and_goes_on_counting(sqlite_house, clock):
    ledger, file = sqlite_house.erasures, sqlite_house.config.erasures / "erased"
    first, second = uuid4(), uuid4()
    assert [ledger.add(first, clock().date()), ledger.add(first, clock().date())] == [1, 1]
    clock.advance(timedelta(days=36))

    assert trim_ledger(sqlite_house) == 1
    assert ledger.mark(first).encode() not in file.read_bytes()
    with file.open("ab") as cut_off:
        cut_off.write(b"7 2026-1")
    assert ledger.add(second, clock().date()) == 2
    assert [line.mark for line in ledger.lines()] == [None, ledger.mark(second)]


def test_the_certificate_stays_thirty_days_under_the_link_of_the_last_mail(sqlite_house, clock):
    person, mailer = new_person(sqlite_house), CollectingMailer()
    erased = erase_account(sqlite_house, person.subject_id, mailer)
    client = create_app(sqlite_house).test_client()
    ((address, _, words),) = mailer.sent
    assert address == person.address
    assert f"/erased/{erased.token}" in words

    assert b"klarwert/erasure-certificate/v1" in client.get(f"/erased/{erased.token}").data
    assert client.get(f"/erased/{erased.token}x").status_code == 404
    clock.advance(timedelta(days=30))
    assert client.get(f"/erased/{erased.token}").status_code == 404


def test_who_was_erased_is_unknown_and_cannot_be_erased_twice(sqlite_house, person):
    erase_account(sqlite_house, person.subject_id, CollectingMailer())

    with pytest.raises(SubjectUnknown):
        erase_account(sqlite_house, person.subject_id, CollectingMailer())
