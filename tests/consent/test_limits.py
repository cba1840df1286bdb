"""Restriction and objection, held by the gate against everybody but the person."""

import pytest

from app.imports import open_upload
from consent.access import accesses
from consent.errors import ProcessingLimited
from consent.gate import permits_for_rights, permits_in_force, require_permit
from consent.limits import Ground, LimitKind, find_limits, lift, limit
from consent.purpose import Purpose, score_scope
from model.score import compute
from sources.activity import Platform
from tests.people import give_consent, import_archive, new_person, x_zip

X = score_scope("x")


@pytest.fixture
def person(house):
    person = new_person(house)
    give_consent(house, person)
    import_archive(house, person, Platform.X, x_zip())
    with house.open_vault("subject") as vault:
        limit(vault, person.subject_id, LimitKind.RESTRICTED, Ground.ACCURACY_CONTESTED)
    return person


def test_while_restricted_nobody_but_the_person_gets_a_permit(house, person):
    with pytest.raises(ProcessingLimited), house.open_vault("worker") as vault:
        require_permit(vault, person.subject_id, X)
    with house.open_reading_vault() as vault:
        assert X in permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)
    with house.open_reading_vault("worker") as vault:
        assert X in permits_for_rights(vault, person.subject_id)


def test_the_refusal_is_there_for_the_person_to_see(house, person):
    with pytest.raises(ProcessingLimited), house.open_vault("worker") as vault:
        require_permit(vault, person.subject_id, X)

    with house.open_reading_vault() as vault:
        (denied,) = [one for one in accesses(vault, person.subject_id) if one.outcome == "denied"]
        assert (denied.role, denied.scope) == ("worker", "score.compute/x")
        assert denied.reason == "processing-limited"


def test_while_restricted_no_score_is_computed_and_no_archive_taken(house, person):
    with house.open_vault("worker") as vault:
        assert compute(vault, person.subject_id) is None
    with pytest.raises(ProcessingLimited):
        open_upload(house, person.subject_id, Platform.X)


def test_a_lifted_restriction_limits_nothing_any_more(house, person):
    with house.open_vault("staff", "anna") as vault:
        for made in find_limits(vault, person.subject_id):
            lift(vault, made)

    with house.open_vault("worker") as vault:
        assert require_permit(vault, person.subject_id, X).scope == "score.compute/x"


def test_an_objection_stops_one_purpose_and_leaves_the_others(house, person):
    with house.open_vault("subject") as vault:
        for made in find_limits(vault, person.subject_id):
            lift(vault, made)
        limit(vault, person.subject_id, LimitKind.OBJECTED, Ground.OWN_SITUATION, "score.compute/mastodon")

    with house.open_reading_vault("worker") as vault:
        assert list(permits_in_force(vault, person.subject_id, Purpose.SCORE_COMPUTE)) == [X]
