"""Restriction and objection: in force at once, ended by the person at once, by staff only after a mail."""

from datetime import timedelta

import pytest

from app.erasing import erase_account
from app.jobs import JobKind
from app.limiting import (
    end_own_objection,
    end_own_restrictions,
    make_objection,
    restrict_processing,
    standing,
)
from app.releasing import release_card
from app.requests import tell
from app.worker import Worker
from consent.access import accesses
from consent.controller import AUTHORITIES
from consent.gate import permits_for_rights, permits_in_force, require_permit
from consent.limits import Ground
from consent.purpose import Purpose, score_scope
from explain.report import score_history
from rights.errors import LiftTooEarly, ObjectionAbsolute, ReasonsMissing, SecondPersonNeeded
from rights.notice import notices_about
from rights.objection import About, confirm_override, find_objection, propose_override, uphold
from rights.request import Channel, RequestState, lines_of, requests_of
from rights.restriction import announce_lift, lift_as_staff, standing_restrictions
from sources.activity import Platform
from tests.app.releasing_people import scored_people, scored_person
from tests.model.test_release import kinder_card
from tests.people import (
    CollectingMailer,
    give_consent,
    import_archive,
    new_person,
    upload_archive,
    work,
    x_zip,
)
from tests.sharing import BRAND, SHARE, VALUES, agree_to_share, hand_over, new_recipient

AUTHORITY = AUTHORITIES["DE"]
TWO_WEEKS = timedelta(days=14)


@pytest.fixture
def person(house):
    person = new_person(house)
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    return person


def restrict(house, person):
    restrict_processing(house, person.subject_id, Ground.ACCURACY_CONTESTED, "wrong", Channel.PAGE)


def scores(house, person):
    with house.open_reading_vault() as vault:
        return len(score_history(vault, person.subject_id))


def object_to(house, person, about):
    return make_objection(house, person.subject_id, about, "", Channel.PAGE)


def objection(vault, person, about):
    request = find_objection(vault, person.subject_id, about)
    assert request is not None
    return request


def test_an_upload_of_just_before_waits_quietly_and_is_read_once_the_restriction_has_ended(house, person):
    upload_archive(house, person, Platform.X, x_zip(likes=90))
    restrict(house, person)

    work(house)
    assert scores(house, person) == 1
    end_own_restrictions(house, person.subject_id)
    work(house)

    assert scores(house, person) == 2
    with house.open_reading_vault() as vault:
        assert [one.reason for one in accesses(vault, person.subject_id) if one.reason] == []
        assert standing(vault, person.subject_id).restricted == ()


def test_a_restriction_in_the_middle_of_a_job_puts_it_back_as_if_it_had_not_been_taken_up(house, person):
    upload_archive(house, person, Platform.X, x_zip(likes=90))
    worker = Worker(house, CollectingMailer())
    job = worker._lease_one()
    assert job is not None

    restrict(house, person)
    worker.carry_through(job)
    end_own_restrictions(house, person.subject_id)
    work(house)

    assert scores(house, person) == 2


def test_what_was_restricted_is_stored_copied_and_erased_all_the_same(house, person):
    restrict(house, person)

    with house.open_reading_vault() as vault:
        assert score_scope("x") in permits_for_rights(vault, person.subject_id)
        assert [one.state for one in requests_of(vault, person.subject_id)] == [RequestState.FULFILLED]
    assert "erased_at" in erase_account(house, person.subject_id).certificate


def test_staff_end_a_restriction_only_days_after_its_person_was_told_by_mail(house, person, clock):
    restrict(house, person)
    with house.open_vault("staff", "anna") as vault:
        (made,) = standing_restrictions(vault, person.subject_id)
        with pytest.raises(ReasonsMissing):
            announce_lift(vault, made, "  ")
        announce_lift(vault, made, "The figure was checked and is right.")
        tell(vault, requests_of(vault, person.subject_id)[0], JobKind.MAIL_RESTRICTION_ENDS)
    clock.advance(TWO_WEEKS * 2)
    with house.open_vault("staff", "anna") as vault:  # decided long ago, and nobody was told
        (made,) = standing_restrictions(vault, person.subject_id)
        with pytest.raises(LiftTooEarly):
            lift_as_staff(vault, made, TWO_WEEKS)

    mails = work(house).sent
    clock.advance(TWO_WEEKS - timedelta(seconds=1))
    with house.open_vault("staff", "anna") as vault:
        (made,) = standing_restrictions(vault, person.subject_id)
        with pytest.raises(LiftTooEarly):
            lift_as_staff(vault, made, TWO_WEEKS)
    clock.advance(timedelta(seconds=1))
    with house.open_vault("staff", "anna") as vault:
        (made,) = standing_restrictions(vault, person.subject_id)
        lift_as_staff(vault, made, TWO_WEEKS)

    assert [subject for _, subject, _ in mails if "ends on 1 January 2027" in subject]
    with house.open_reading_vault("worker") as vault:
        assert require_permit(vault, person.subject_id, score_scope("x")).scope == "score.compute/x"


def test_whoever_objects_to_statistics_is_not_counted_where_a_card_is_released(house):
    scored_people(house, 10)
    objector = scored_person(house, 99)
    with house.open_vault("subject") as vault:
        assert find_objection(vault, objector, About.STATISTICS) is None
    make_objection(house, objector, About.STATISTICS, "", Channel.API)

    distribution = release_card(house, kinder_card(), TWO_WEEKS).distribution

    assert distribution is not None
    assert distribution.people == 10
    with house.open_reading_vault() as vault:
        assert {one.role for one in accesses(vault, objector)} == {"worker"}  # who computed the score


def test_one_member_of_staff_alone_never_overrides_an_objection(house, person):
    reference = object_to(house, person, About.SCORE)
    with house.open_vault("staff", "anna") as vault:
        request = objection(vault, person, About.SCORE)
        assert request.reference == reference
        with pytest.raises(ReasonsMissing):
            propose_override(vault, request, "", AUTHORITY, "en")
        propose_override(vault, request, "A court asks for it.", AUTHORITY, "en")
        with pytest.raises(SecondPersonNeeded):
            confirm_override(vault, request, "en")
    assert object_to(house, person, About.SCORE) == reference
    with house.open_reading_vault() as vault:
        assert standing(vault, person.subject_id).objected == (About.SCORE,)

    with house.open_vault("staff", "bert") as vault:
        confirm_override(vault, objection(vault, person, About.SCORE), "en")

    with house.open_reading_vault() as vault:
        assert standing(vault, person.subject_id).objected == ()
        (refused,) = requests_of(vault, person.subject_id)
        letter = lines_of(vault, refused)[-1].text
    assert refused.state is RequestState.REFUSED
    told = (
        "A court asks for it.",
        "Art. 21(1)",
        AUTHORITY.name,
        AUTHORITY.url,
        "go to court",
        "cost you nothing",
    )
    assert [words for words in told if words not in letter] == []


def test_an_upheld_objection_stays_until_its_person_takes_it_back(house, person):
    object_to(house, person, About.EVERYTHING)
    with house.open_vault("staff", "anna") as vault:
        uphold(vault, objection(vault, person, About.EVERYTHING), "It outweighs ours.")

    with house.open_reading_vault("worker") as vault:
        assert not permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)
    end_own_objection(house, person.subject_id, About.EVERYTHING)
    with house.open_reading_vault("worker") as vault:
        assert permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)


def test_an_objection_to_advertising_is_answered_at_once_and_nobody_overrides_it(sqlite_house):
    person = new_person(sqlite_house)
    object_to(sqlite_house, person, About.ADVERTISING)

    with sqlite_house.open_vault("staff", "anna") as vault:
        request = objection(vault, person, About.ADVERTISING)
        assert request.state is RequestState.FULFILLED
        with pytest.raises(ObjectionAbsolute):
            propose_override(vault, request, "It earns money.", AUTHORITY, "en")


def test_recipients_are_told_of_a_restriction_and_once_none_stands_any_more(house):
    person = new_person(house)
    new_recipient(house)
    agree_to_share(house, person.subject_id)
    hand_over(house, person.subject_id, BRAND, SHARE, VALUES)

    for ground in (Ground.ACCURACY_CONTESTED, Ground.UNLAWFUL):
        restrict_processing(house, person.subject_id, ground, "", Channel.PAGE)
    end_own_restrictions(house, person.subject_id)

    with house.open_reading_vault() as vault:
        told = [one.kind for one in notices_about(vault, person.subject_id)]
    assert sorted(told) == ["restriction", "restriction", "restriction-lifted"]
