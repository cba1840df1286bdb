"""Erasure: after it nothing of the person is left, and they hold a proof."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts import CredentialsWrong, sign_in
from app.erasing import erase_account
from app.sessions import SessionKind, find_session
from app.tables import DATA, KEYS
from audit.export import write_tiles
from audit.log import integrate
from audit.stored import StoredLog
from audit.verify import verify_export
from rights.erasure import CertificateInvalid, erase, preview, verify_certificate
from sources.activity import Platform
from tests.lawful import unlawful
from tests.people import (
    PASSWORD,
    give_consent,
    import_archive,
    mastodon_zip,
    new_person,
    upload_archive,
    x_zip,
)
from vault.errors import KeyDestroyed, SubjectUnknown


@pytest.fixture
def person(house):
    """Somebody with everything there can be: two networks, scores, a session, an upload waiting."""
    somebody = new_person(house, "ada.lovelace@example.org")
    for platform, archive in ((Platform.X, x_zip()), (Platform.MASTODON, mastodon_zip())):
        give_consent(house, somebody, platform)
        import_archive(house, somebody, platform, archive)
    sign_in(house, somebody.address, PASSWORD, SessionKind.PAGE)
    upload_archive(house, somebody, Platform.X, x_zip())
    return somebody


def test_no_row_and_no_key_is_left_in_either_database(house, person):
    other = new_person(house, "grace@example.org")

    erase_account(house, person.subject_id)

    for engine, tables in ((house.data, DATA), (house.keystore._engine, KEYS)):
        with engine.connect() as connection:
            everything = "".join(
                str(row) for table in tables.sorted_tables for row in connection.execute(table.select())
            )
        assert person.subject_id.hex not in everything.replace("-", "")
        assert other.subject_id.hex in everything.replace("-", "")
    with pytest.raises(KeyDestroyed):
        house.keystore.reference_key(person.subject_id)


def test_no_file_holds_a_trace_of_the_subject_the_write_ahead_log_included(sqlite_house):
    somebody = new_person(sqlite_house, "ada.lovelace@example.org")
    give_consent(sqlite_house, somebody)
    import_archive(sqlite_house, somebody, Platform.X, x_zip())
    with sqlite_house.keystore._engine.connect() as connection:
        wrapped = [bytes(row[0]) for row in connection.execute(text("SELECT wrapped FROM wrapped_dek"))]
    before = all_bytes(sqlite_house.config.home)
    assert all(key in before for key in wrapped)

    erase_account(sqlite_house, somebody.subject_id)

    after = all_bytes(sqlite_house.config.home)
    for trace in (somebody.subject_id.bytes, somebody.subject_id.hex.encode(), *wrapped):
        assert trace not in after


def test_signing_in_answers_as_for_an_unknown_person(house, person):
    token = sign_in(house, person.address, PASSWORD, SessionKind.PAGE)

    erase_account(house, person.subject_id)

    with pytest.raises(CredentialsWrong) as erased:
        sign_in(house, person.address, PASSWORD, SessionKind.PAGE)
    with pytest.raises(CredentialsWrong) as unknown:
        sign_in(house, "nobody@example.org", PASSWORD, SessionKind.PAGE)
    assert erased.value.detail == unknown.value.detail
    assert find_session(house, token, SessionKind.PAGE) is None


def test_the_upload_that_waited_is_gone_from_the_spool(house, person):
    assert list(house.config.spool.iterdir())

    erase_account(house, person.subject_id)

    assert list(house.config.spool.iterdir()) == []


def test_the_log_still_verifies_and_says_that_it_happened(house, person, tmp_path):
    erase_account(house, person.subject_id)

    with Session(house.data) as session:
        write_tiles(StoredLog(session), tmp_path / "export", house.sign_checkpoint(), house.log_key)

    assert verify_export(tmp_path / "export", vkey=house.log_key).size > 10
    assert unlawful(house) == []
    assert b'"action":"account.erased"' in all_bytes(tmp_path / "export")


def test_the_certificate_verifies_offline_with_the_published_keys(house, person, clock):
    note = erase_account(house, person.subject_id).certificate

    erased_at = verify_certificate(note, key=house.receipts.verifier_key(), log_key=house.log_key)

    assert erased_at == clock()
    assert person.address not in note
    assert person.subject_id.hex not in note


@pytest.mark.parametrize("copied", [lambda note: note.replace("\n", "\r\n"), str.strip, lambda n: f"\n{n}\n"])
def test_a_certificate_copied_with_other_line_ends_still_holds(sqlite_house, copied):
    note = erase_account(sqlite_house, new_person(sqlite_house).subject_id).certificate

    assert verify_certificate(copied(note)) == sqlite_house.clock()


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (r'"rows": \d+', '"rows": 999'),
        (r'"index": \d+', '"index": 0'),
        (r"account\.erased", "account.created"),
        (r'"erased_at": "\d{4}', '"erased_at": "1999'),
        (r"\n\n— .*", "\n\n"),
    ],
)
def test_an_altered_certificate_does_not_hold(sqlite_house, what, instead):
    note = erase_account(sqlite_house, new_person(sqlite_house).subject_id).certificate
    altered = re.sub(what, instead, note, count=1)
    assert altered != note

    with pytest.raises(CertificateInvalid):
        verify_certificate(altered)


@pytest.mark.parametrize("nothing", ["", "{}", "[1]", "null\n\n", '{"certificate": 1}\n\n— a b\n', "\x00"])
def test_what_is_no_certificate_is_said_to_be_none(nothing):
    with pytest.raises(CertificateInvalid):
        verify_certificate(nothing)


def test_another_services_keys_do_not_open_it(house, person):
    note = erase_account(house, person.subject_id).certificate
    key = json.loads(note.partition("\n\n")[0])["log"]["key"]

    with pytest.raises(CertificateInvalid):
        verify_certificate(note, key=key)


def test_the_preview_says_what_goes_and_what_stays_and_why(house, person):
    with house.open_reading_vault() as vault:
        foreseen = preview(vault, person.subject_id)

    rows = {part.table: part.rows for part in foreseen.deleted}
    assert (rows["subject"], rows["import_batch"], rows["consent_record"]) == (1, 2, 2)
    assert rows["score"] >= 1
    kept = {part.table: part.because for part in foreseen.kept}
    assert kept.keys() == {"log_entry", "recipient_notice"}
    assert "Art. 17(3)" in kept["log_entry"]


def test_erasing_twice_is_refused_and_logs_nothing(house, person):
    erase_account(house, person.subject_id)
    before = size(house)

    with pytest.raises(SubjectUnknown):
        erase_account(house, person.subject_id)

    assert size(house) == before


def test_a_crash_before_the_keys_are_destroyed_is_finished_at_the_next_start(house, person):
    with house._vault(house.data, "subject") as vault:
        # The commit happens, then the machine stops: no key is destroyed yet.
        erase(vault, person.subject_id)
        vault.flush()
        integrate(vault)
        vault.connection.commit()
    assert house.keystore.find_subject(person.address) == person.subject_id

    house.destroy_ordered_keys()

    assert house.keystore.find_subject(person.address) is None
    with house.open_reading_vault("system") as vault:
        assert vault.session.scalar(text("SELECT count(*) FROM key_destruction")) == 0


def all_bytes(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


def size(house) -> int:
    with Session(house.data) as session:
        return StoredLog(session).size
