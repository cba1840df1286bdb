"""Consent as a history, and the gate that asks it, on both engines."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from audit.entry import parse
from audit.stored import StoredLog
from consent.decision import expire, give, withdraw
from consent.errors import ConsentChanged, ConsentMissing, NoticeUnknown
from consent.gate import permits_in_force, require_permit
from consent.notice import notice
from consent.purpose import ACCOUNT, Purpose, score_scope
from consent.record import Decision, Surface, history
from sources.activity import Platform
from sources.store import find_batches
from tests.people import give_consent, import_archive, new_person, withdraw_consent, x_zip
from vault.envelope import Cell
from vault.errors import KeyDestroyed, PermitInvalid, SubjectUnknown

SCOPE = score_scope("x")
NOTICE = notice(SCOPE, "en")


def test_everything_is_off_by_default_but_the_account_works(house, person):
    with house.open_reading_vault() as vault:
        assert require_permit(vault, person.subject_id, ACCOUNT).basis == "gdpr-6-1-b"
        assert permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE) == {}
        with pytest.raises(ConsentMissing):
            require_permit(vault, person.subject_id, SCOPE)


def test_a_consent_opens_its_own_scope_only(house, person):
    give_consent(house, person, Platform.X)

    with house.open_reading_vault() as vault:
        permit = require_permit(vault, person.subject_id, SCOPE)
        assert (permit.scope, permit.basis) == ("score.compute/x", "gdpr-6-1-a")
        with pytest.raises(ConsentMissing):
            require_permit(vault, person.subject_id, score_scope("mastodon"))


def test_the_record_keeps_the_digest_of_the_very_words(house, person):
    give_consent(house, person)

    with house.open_reading_vault() as vault:
        (record,) = history(vault, person.subject_id)
    shown = notice(record.scope, record.notice_language, record.notice_version)
    assert shown.sha256 == record.notice_sha256
    assert record.surface is Surface.PAGE


def test_a_withdrawal_is_a_new_record_and_the_old_one_stays(house, person):
    give_consent(house, person)
    withdraw_consent(house, person)

    with house.open_reading_vault() as vault:
        records = history(vault, person.subject_id)
    assert [(r.number, r.decision) for r in records] == [(1, Decision.GIVEN), (2, Decision.WITHDRAWN)]


def test_withdrawing_makes_what_was_sealed_unreadable(house, person):
    give_consent(house, person)
    cell = Cell("import_batch", "record", person.subject_id, 1, 1)
    with house.open_vault("worker") as vault:
        sealed = vault.seal(require_permit(vault, person.subject_id, SCOPE), cell, b"1 reply")

    withdraw_consent(house, person)
    give_consent(house, person)

    with house.open_reading_vault() as vault, pytest.raises(KeyDestroyed):
        # Consent is in force again, yet the key of then is gone for good.
        vault.unseal(require_permit(vault, person.subject_id, SCOPE), cell, sealed)


def test_consent_ends_by_itself_after_twelve_months(house, person, clock):
    give_consent(house, person)

    clock.advance(timedelta(days=365))

    with house.open_reading_vault() as vault, pytest.raises(ConsentMissing):
        require_permit(vault, person.subject_id, SCOPE)


def test_a_consent_that_ended_takes_its_data_and_its_key_along(house, person, clock):
    give_consent(house, person, Platform.X)
    import_archive(house, person, Platform.X, x_zip())
    clock.advance(timedelta(days=365))

    with house.open_vault("system") as vault:
        ended = expire(vault)
    with house.open_vault("system") as vault:
        again = expire(vault)

    assert (ended, again) == ([person.subject_id], [])
    with house.open_reading_vault() as vault:
        assert find_batches(vault, person.subject_id) == {}
        assert [r.decision for r in history(vault, person.subject_id)] == [Decision.GIVEN, Decision.EXPIRED]
    with pytest.raises(KeyDestroyed):
        house.keystore.dek(person.subject_id, str(SCOPE))


def test_a_consent_given_anew_in_time_does_not_end_with_the_old_one(house, person, clock):
    give_consent(house, person, Platform.X)
    clock.advance(timedelta(days=364))
    give_consent(house, person, Platform.X)
    clock.advance(timedelta(days=2))

    with house.open_vault("system") as vault:
        assert expire(vault) == []
        assert require_permit(vault, person.subject_id, SCOPE).scope == str(SCOPE)


def test_what_was_never_given_cannot_be_withdrawn(house, person):
    with pytest.raises(ConsentMissing), house.open_vault("subject") as vault:
        withdraw(vault, person.subject_id, NOTICE)


def test_a_replayed_decision_is_refused_and_changes_nothing(house, person):
    give_consent(house, person)
    withdraw_consent(house, person)

    with pytest.raises(ConsentChanged), house.open_vault("subject") as vault:
        give(vault, person.subject_id, NOTICE, seen=0)

    with house.open_reading_vault() as vault:
        assert len(history(vault, person.subject_id)) == 2


def test_words_of_an_earlier_version_cannot_be_agreed_to(house, person):
    with pytest.raises(NoticeUnknown), house.open_vault("subject") as vault:
        give(vault, person.subject_id, replace(NOTICE, version="2020-01"))


def test_nobody_without_an_account_can_consent(house, person):
    with pytest.raises(SubjectUnknown), house.open_vault("subject") as vault:
        give(vault, uuid4(), NOTICE)


def test_a_permit_does_not_outlive_its_transaction(house, person):
    give_consent(house, person)
    with house.open_vault("worker") as vault:
        permit = require_permit(vault, person.subject_id, SCOPE)
        cell = Cell("import_batch", "record", person.subject_id, 1, 1)
        sealed = vault.seal(permit, cell, b"1 reply")

    with pytest.raises(PermitInvalid):
        vault.unseal(permit, cell, sealed)
    with house.open_reading_vault() as later, pytest.raises(PermitInvalid):
        later.unseal(permit, cell, sealed)


def test_permits_of_two_people_do_not_mix(house, person):
    other = new_person(house, "grace@example.org")
    give_consent(house, person)
    give_consent(house, other)

    with house.open_vault("worker") as vault:
        permits = [require_permit(vault, who.subject_id, SCOPE) for who in (person, other)]
        with pytest.raises(PermitInvalid):
            vault.seal(permits, Cell("score", "result", person.subject_id, 1, 1), b"1")


def test_consent_and_withdrawal_stand_in_the_log_in_order_with_the_words_digest(house, person):
    give_consent(house, person)
    withdraw_consent(house, person)

    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        entries = [parse(body) for body, _ in log.entries(0, log.size)]
    decided = [entry for entry in entries if entry.action.startswith("consent.")]
    assert [entry.action for entry in decided] == ["consent.given", "consent.withdrawn"]
    assert {entry.scope for entry in decided} == {"score.compute/x"}
    assert decided[0].notice == f"{NOTICE.version}.en.{NOTICE.sha256}"
    assert decided[0].subject_ref == decided[1].subject_ref


def test_the_database_itself_refuses_to_change_a_consent_record(house, person):
    give_consent(house, person)

    with pytest.raises(DBAPIError, match="append-only"), house.open_vault("operator") as vault:
        vault.session.execute(text("UPDATE consent_record SET decision = 'given'"))
