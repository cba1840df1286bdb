"""Releasing a card: counted over who consents, told once, applied on its day, also where it was killed."""

import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from app.erasing import erase_account
from app.jobs import Job, JobKind
from app.releasing import finish_releases, release_card
from app.worker import TIDY_EVERY, Worker
from audit.entry import parse
from audit.export import write_tiles
from audit.stored import StoredLog
from audit.verify import verify_export
from explain.report import score_report
from explain.wording import MONTHS, Language
from model.card import load_card
from model.distribution import Distribution
from model.errors import ReleaseRefused
from model.release import CardRelease, active_card, releases, upcoming
from model.score import Score
from tests.app.releasing_people import another_platform_record, bring, scored_people, scored_person
from tests.journeys.test_kill import dies_at
from tests.model.test_release import kinder_card
from tests.people import CollectingMailer, Person, withdraw_consent, work

TWO_WEEKS = timedelta(days=14)


def tidy(house, mailer=None) -> CollectingMailer:
    """What a worker does within a minute, and every job there is."""
    mailer = mailer or CollectingMailer()
    Worker(house, mailer).tidy_if_due()
    return work(house, mailer)


def log_entries(house):
    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        return [parse(body) for body, _ in log.entries(0, log.size)]


def count_jobs(house, kind):
    with house.open_reading_vault("system") as vault:
        return vault.session.scalar(select(func.count()).where(Job.kind == kind).select_from(Job))


def report(house, subject_id):
    with house.open_reading_vault() as vault:
        return score_report(vault, subject_id)


def newest(house):
    with house.open_reading_vault("system") as vault:
        return vault.session.scalars(select(CardRelease).order_by(CardRelease.number.desc())).first()


def the_release_number(house) -> int:
    with house.open_reading_vault("system") as vault:
        return releases(vault)[0].number


@pytest.mark.parametrize("people", [0, 5, 9])
def test_where_few_people_have_a_score_nothing_is_said_of_how_it_moves(house, people):
    scored_people(house, people)

    release = release_card(house, kinder_card(), TWO_WEEKS)

    assert release.distribution == Distribution(None, ())


def test_the_changes_of_many_are_published_in_bins_that_show_nobody(house):
    scored_people(house, 24)
    famous = scored_person(house, 99, likes=5_000_000)

    distribution = release_card(house, kinder_card(), TWO_WEEKS).distribution

    assert report(house, famous).upcoming.result.score == report(house, famous).result.score
    assert distribution is not None
    (only,) = distribution.bins  # the one whose score stays is not apart from the others
    assert (only.lowest, only.people, distribution.people) == (None, 30, 30)


def test_people_are_counted_and_told_in_several_batches(sqlite_house):
    scored_people(sqlite_house, 60)

    distribution = release_card(sqlite_house, kinder_card(), TWO_WEEKS).distribution
    finish_releases(sqlite_house)

    assert distribution is not None
    (only,) = distribution.bins
    assert (only.lowest, distribution.people) == (only.highest, 60)
    assert only.lowest is not None
    assert count_jobs(sqlite_house, JobKind.MAIL_NEW_CARD) == 60


def test_every_score_read_for_the_count_is_in_the_log_and_so_is_the_release(house, tmp_path):
    scored_person(house, 1)
    bring(house, scored_person(house, 2), another_platform_record())
    before = len(log_entries(house))

    release = release_card(house, kinder_card(), TWO_WEEKS)

    *read, released = log_entries(house)[before:]
    assert sorted((one.action, one.actor, one.scope) for one in read) == [
        ("record.read", "operator", "score.compute/mastodon"),
        ("record.read", "operator", "score.compute/x"),
        ("record.read", "operator", "score.compute/x"),
        ("record.read", "operator", "statistics"),
        ("record.read", "operator", "statistics"),
    ]
    assert (released.action, released.subject_ref) == ("card.released", None)
    assert released.notice == f"card-2.{release.digest}"
    with house.open_reading_vault("system") as vault:
        write_tiles(StoredLog(vault.session), tmp_path / "log", house.sign_checkpoint(), house.log_key)
    assert verify_export(tmp_path / "log").size == before + 6


def test_the_release_is_under_a_checkpoint_at_once(house):
    release_card(house, kinder_card(), TWO_WEEKS)

    assert house.high_water.open(house.high_water.read()).size == len(log_entries(house))


def test_whoever_withdrew_or_was_erased_is_neither_read_nor_told(house):
    stays, withdrew, erased = scored_people(house, 3)
    withdraw_consent(house, Person(withdrew, "unused"))
    erase_account(house, erased)
    before = len(log_entries(house))

    release_card(house, kinder_card(), TWO_WEEKS)

    *read, released = log_entries(house)[before:]
    assert (len({one.subject_ref for one in read}), released.action) == (1, "card.released")
    assert len(tidy(house).sent) == 1
    assert report(house, stays).upcoming is not None


def test_whoever_withdraws_after_the_announcement_gets_no_mail(house):
    (person,) = scored_people(house, 1)
    release_card(house, kinder_card(), TWO_WEEKS)
    finish_releases(house)

    withdraw_consent(house, Person(person, "unused"))

    assert work(house).sent == []


def test_whoever_is_erased_after_the_announcement_gets_no_mail(house):
    (person,) = scored_people(house, 1)
    release_card(house, kinder_card(), TWO_WEEKS)
    finish_releases(house)

    erase_account(house, person)

    assert tidy(house).sent == []


@pytest.mark.parametrize(("language", "word"), [("en", "points card"), ("de", "Punktekarte")])
def test_the_mail_names_the_day_and_the_page_and_no_number(house, clock, language, word):
    scored_people(house, 1, language)
    release_card(house, kinder_card(), TWO_WEEKS)

    ((_, subject, text),) = tidy(house).sent

    day = clock.now + TWO_WEEKS
    written = (
        f"{day.day}{'.' if language == 'de' else ''} {MONTHS[Language(language)][day.month - 1]} {day.year}"
    )
    link = f"{house.config.public_url}/score"
    assert word in subject
    assert written in subject
    assert written in text
    assert link in text
    assert not re.search(r"\d", (subject + text).replace(written, "").replace(link, ""))


def test_a_mail_to_everybody_waits_behind_what_somebody_waits_for(house):
    (person,) = scored_people(house, 1)
    release_card(house, kinder_card(), timedelta(0))
    finish_releases(house)
    mailer = CollectingMailer()

    Worker(house, mailer).run_once()

    assert mailer.sent == []
    assert report(house, person).result.model == kinder_card().digest


def test_scores_stay_until_the_day_and_are_then_computed_again(house, clock):
    person = scored_person(house, 1)
    before = report(house, person).result
    release_card(house, kinder_card(), TWO_WEEKS)
    clock.advance(TWO_WEEKS - timedelta(seconds=1))
    tidy(house)
    assert report(house, person).result == before

    clock.advance(timedelta(seconds=1))
    tidy(house)

    after = report(house, person).result
    assert (after.model, after.features) == (kinder_card().digest, before.features)
    assert after.score > before.score
    assert newest(house).applied_at is None  # one more look, for a score that was under way
    clock.advance(TIDY_EVERY)
    tidy(house)
    assert newest(house).applied_at == clock.now
    assert count_jobs(house, JobKind.SCORE) == 1


def test_a_score_that_came_on_the_old_card_at_the_last_moment_is_computed_again_too(house, clock):
    release_card(house, kinder_card(), timedelta(seconds=1))
    late = scored_person(house, 1)
    clock.advance(timedelta(seconds=1))
    tidy(house)

    assert report(house, late).result.model == kinder_card().digest


def test_a_release_that_takes_effect_at_once_needs_nothing_but_the_worker(house):
    person = scored_person(house, 1)

    release_card(house, kinder_card(), timedelta(0))
    tidy(house)

    assert report(house, person).result.model == kinder_card().digest


def test_a_refused_release_reads_nobody(house):
    scored_people(house, 1)
    before = len(log_entries(house))

    with pytest.raises(ReleaseRefused):
        release_card(house, load_card(), TWO_WEEKS)

    assert len(log_entries(house)) == before


def test_tidying_again_changes_nothing(house, clock):
    scored_people(house, 2)
    release_card(house, kinder_card(), timedelta(0))
    for _ in range(3):
        tidy(house)
        clock.advance(TIDY_EVERY)

    assert tidy(house).sent == []
    assert count_jobs(house, JobKind.MAIL_NEW_CARD) == 2
    assert count_jobs(house, JobKind.SCORE) == 2


def release_at_once(card, house) -> None:
    release_card(house, card, timedelta(0))


def test_an_announcement_killed_at_any_statement_happened_wholly_or_not_at_all(house, clock):
    scored_people(house, 2)
    cards, statement, killed = (load_card(), kinder_card()), 0, True
    while killed:
        statement += 1
        clock.advance(timedelta(hours=1))
        with house.open_reading_vault("system") as vault:
            (other,) = (card for card in cards if card.digest != active_card(vault).digest)
        before, logged = the_release_number(house), [one.action for one in log_entries(house)]

        killed = dies_at(house, statement, partial(release_at_once, other))

        happened = the_release_number(house) == before + 1
        actions = [one.action for one in log_entries(house)]
        assert actions.count("card.released") == logged.count("card.released") + happened, statement
        house.sign_checkpoint()
    assert statement > 10


def test_telling_and_applying_killed_at_any_statement_end_with_one_mail_and_one_score_each(house, clock):
    people = scored_people(house, 2)
    cards, statement, killed = (load_card(), kinder_card()), 0, True
    while killed:
        statement += 1
        clock.advance(timedelta(hours=1))
        with house.open_reading_vault("system") as vault:
            (other,) = (card for card in cards if card.digest != active_card(vault).digest)
        release_card(house, other, timedelta(0))

        killed = dies_at(house, statement, finish_releases)
        clock.advance(TIDY_EVERY)
        finish_releases(house)  # as the worker that comes next does, see above
        mails = work(house).sent

        assert len(mails) == len(people), statement
        assert {report(house, person).result.model for person in people} == {other.digest}
        with house.open_reading_vault("system") as vault:
            per_person = select(func.count()).where(Score.subject_id == people[0]).select_from(Score)
            assert vault.session.scalar(per_person) == statement + 1
            assert upcoming(vault) is None
        assert newest(house).told_at is not None
        assert newest(house).applied_at is not None
    assert statement > 10
