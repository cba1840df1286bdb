"""What went before a score, read from the real store: scores, cards and the consent history."""

from datetime import timedelta
from math import fsum

import pytest

from app.transaction import House
from app.worker import Worker
from explain.changes import StepKind
from explain.explanation import Explanation, Past, PastStatus
from explain.report import score_explanation
from sources.activity import Platform
from tests.conftest import SettableClock
from tests.people import (
    CollectingMailer,
    Person,
    give_consent,
    import_archive,
    mastodon_zip,
    new_person,
    withdraw_consent,
    work,
    x_zip,
)


@pytest.fixture
def ada(sqlite_house: House) -> Person:
    """Somebody with a score from X."""
    person = new_person(sqlite_house)
    give_consent(sqlite_house, person)
    import_archive(sqlite_house, person, Platform.X, x_zip())
    return person


def explained(house: House, person: Person) -> Explanation:
    with house.open_reading_vault() as vault:
        about = score_explanation(vault, person.subject_id)
    assert about is not None
    return about


def past_of(house: House, person: Person) -> Past:
    past = explained(house, person).past
    assert past is not None
    return past


def test_somebody_without_a_score_has_no_explanation(sqlite_house: House, person: Person) -> None:
    with sqlite_house.open_reading_vault() as vault:
        assert score_explanation(vault, person.subject_id) is None


def test_a_first_score_says_that_it_is_one(sqlite_house: House, ada: Person) -> None:
    assert past_of(sqlite_house, ada) == Past(PastStatus.FIRST)


def test_the_same_archive_again_changes_nothing(sqlite_house: House, ada: Person) -> None:
    import_archive(sqlite_house, ada, Platform.X, x_zip())

    assert past_of(sqlite_house, ada).changes is None


def test_new_data_and_a_new_network_are_told_apart(
    sqlite_house: House, ada: Person, clock: SettableClock
) -> None:
    first_day = clock.now.date()
    clock.advance(timedelta(days=1))
    give_consent(sqlite_house, ada, Platform.MASTODON)
    import_archive(sqlite_house, ada, Platform.MASTODON, mastodon_zip(likes=9))
    connected = past_of(sqlite_house, ada)
    clock.advance(timedelta(days=1))
    import_archive(sqlite_house, ada, Platform.X, x_zip(likes=90))

    refreshed = past_of(sqlite_house, ada)

    assert (connected.status, connected.since) == (PastStatus.CHANGED, first_day)
    assert refreshed.since == first_day + timedelta(days=1)
    for past, kind, platform in (
        (connected, StepKind.CONNECTED, Platform.MASTODON),
        (refreshed, StepKind.INPUTS, Platform.X),
    ):
        assert past.changes is not None
        assert {(step.kind, step.platform) for step in past.changes.steps} == {(kind, platform)}


def test_the_steps_lead_to_the_score_that_is_shown(sqlite_house: House, ada: Person) -> None:
    import_archive(sqlite_house, ada, Platform.X, x_zip(likes=90_000))

    about = explained(sqlite_house, ada)

    assert about.past is not None
    assert about.past.changes is not None
    made = about.past.changes
    assert made.exact_before + fsum(step.points for step in made.steps) == pytest.approx(about.result.exact)
    assert made.difference > 0


def test_what_rested_on_a_withdrawn_consent_is_said_in_words_only(
    sqlite_house: House, person: Person, clock: SettableClock
) -> None:
    for platform, archive in ((Platform.MASTODON, mastodon_zip()), (Platform.X, x_zip())):
        give_consent(sqlite_house, person, platform)
        import_archive(sqlite_house, person, platform, archive)
    clock.advance(timedelta(days=2))
    withdraw_consent(sqlite_house, person, Platform.MASTODON)
    work(sqlite_house)

    past = past_of(sqlite_house, person)

    assert (past.status, past.changes) == (PastStatus.UNREADABLE, None)
    (ending,) = past.endings
    assert (ending.platform, ending.ended_on, ending.is_withdrawn) == (
        Platform.MASTODON,
        clock.now.date(),
        True,
    )


def test_a_consent_whose_term_was_over_is_said_to_have_ended(
    sqlite_house: House, ada: Person, clock: SettableClock
) -> None:
    give_consent(sqlite_house, ada, Platform.MASTODON)
    import_archive(sqlite_house, ada, Platform.MASTODON, mastodon_zip())
    clock.advance(timedelta(days=200))
    withdraw_consent(sqlite_house, ada)
    give_consent(sqlite_house, ada)
    import_archive(sqlite_house, ada, Platform.X, x_zip())
    clock.advance(timedelta(days=170))
    Worker(sqlite_house, CollectingMailer()).tidy_if_due()
    work(sqlite_house)

    past = past_of(sqlite_house, ada)

    assert {(one.platform, one.is_withdrawn) for one in past.endings} == {
        (Platform.X, True),
        (Platform.MASTODON, False),
    }


def test_nobody_outside_received_it_as_the_table_of_scores_declares(sqlite_house: House, ada: Person) -> None:
    assert explained(sqlite_house, ada).recipients == ()
