"""The mail before a consent ends: once, two weeks before, about nothing but the day."""

from datetime import timedelta

import pytest

from app.accounts import account_of
from app.worker import Worker
from consent.purpose import REMIND_BEFORE
from tests.people import CollectingMailer, give_consent, new_person, withdraw_consent, work

YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)


def mails(house, clock, days=1):
    """The mails of some days, with the worker tidying up each minute of note."""
    mailer = CollectingMailer()
    for _ in range(days):
        Worker(house, mailer).tidy_if_due()
        work(house, mailer)
        clock.advance(timedelta(days=1))
    return mailer.sent


@pytest.mark.parametrize("language", ["en", "de"])
def test_two_weeks_before_its_end_a_consent_is_told_of_once(house, clock, language):
    person = new_person(house, language=language)
    give_consent(house, person)

    clock.advance(YEAR - REMIND_BEFORE - MINUTE)
    before = mails(house, clock)
    ((address, subject, text),) = mails(house, clock, days=12)

    assert before == []
    assert address == person.address
    assert {"en": "20 November 2027", "de": "20. November 2027"}[language] in subject
    assert "/consents" in text
    assert account_of(house, person.subject_id).language == language


def test_whoever_gave_it_anew_or_ended_it_is_not_written_to(sqlite_house, clock):
    renewed, ended = new_person(sqlite_house), new_person(sqlite_house, "grace@example.org")
    for person in (renewed, ended):
        give_consent(sqlite_house, person)
    clock.advance(YEAR - REMIND_BEFORE)
    mailer = CollectingMailer()
    Worker(sqlite_house, mailer).tidy_if_due()  # both mails wait

    give_consent(sqlite_house, renewed)
    withdraw_consent(sqlite_house, ended)

    assert work(sqlite_house, mailer).sent == []
    assert mails(sqlite_house, clock, days=3) == []
