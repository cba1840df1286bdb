"""A browser that asks not to share: what the gate then refuses, and what brings it back."""

import pytest

from audit.entry import parse
from audit.stored import StoredLog
from consent.access import Shown, find_accesses
from consent.decision import give, withdraw
from consent.errors import ConsentMissing, SignalHeeded
from consent.gate import find_permit, permits_in_force, require_permit
from consent.notice import notice
from consent.part import SharedField
from consent.purpose import RULES, Purpose, Scope, score_scope
from consent.record import Decision, find_in_force, history
from consent.signal import hear
from tests.people import give_consent

SHARE = Scope(Purpose.BRAND_SHARE, "acme/box")
STUDY = Scope(Purpose.RESEARCH_TRAIN, "cards")
X = score_scope("x")
NAMES = {"brand": "Acme", "perk": "Box", "line": "cards"}


def words(scope):
    chosen = (SharedField.SCORE_BAND,) if scope.purpose is Purpose.BRAND_SHARE else ()
    return notice(scope, "en", chosen=chosen, names=NAMES)


def say_yes(house, person, scope, **said):
    with house.open_vault("subject") as vault:
        return give(vault, person.subject_id, words(scope), **said)


def hear_of(house, person):
    with house.open_vault("subject") as vault:
        hear(vault, person.subject_id)


def is_permitted(house, person, scope):
    """Whether the service itself gets a permit, by each of the gate's ways: they agree."""
    with house.open_reading_vault("worker") as vault:
        found = find_permit(vault, person.subject_id, scope) is not None
        listed = scope in permits_in_force(vault, person.subject_id, scope.purpose)
        try:
            require_permit(vault, person.subject_id, scope)
        except SignalHeeded:
            assert (found, listed) == (False, False)
            return False
    assert (found, listed) == (True, True)
    return True


def test_what_heeds_the_signal_is_sharing_mailing_and_research():
    heeding = {purpose for purpose, rule in RULES.items() if rule.heeds_signal}

    assert heeding == {Purpose.BRAND_SHARE, Purpose.MAIL_NEWS, Purpose.MAIL_PERKS, Purpose.RESEARCH_TRAIN}


def test_the_signal_stops_what_was_given_before_and_deletes_nothing(house, person):
    give_consent(house, person)
    for scope in (SHARE, STUDY):
        say_yes(house, person, scope)

    hear_of(house, person)

    assert [is_permitted(house, person, scope) for scope in (SHARE, STUDY, X)] == [False, False, True]
    with house.open_reading_vault() as vault:
        given = [record.decision for record in history(vault, person.subject_id)]
        assert given == [Decision.GIVEN] * 3
        assert find_in_force(vault, person.subject_id, SHARE) is not None
        with pytest.raises(SignalHeeded):  # not as the person either: it is a wish of theirs
            require_permit(vault, person.subject_id, SHARE)


def test_the_refusal_is_noted_for_the_person_to_see(house, person):
    say_yes(house, person, SHARE)
    hear_of(house, person)

    with pytest.raises(SignalHeeded), house.open_vault("recipient") as vault:
        require_permit(vault, person.subject_id, SHARE)

    with house.open_reading_vault() as vault:
        (denied,) = find_accesses(vault, person.subject_id, Shown.DENIED, offset=0, most=9)
    assert (denied.scope, denied.reason, denied.role) == (str(SHARE), "signal-heeded", "recipient")


def test_only_a_yes_in_view_of_the_signal_counts_and_later_signals_leave_it(house, person, clock):
    say_yes(house, person, SHARE, despite_signal=True)  # nothing was said of a signal: there was none
    hear_of(house, person)
    assert not is_permitted(house, person, SHARE)

    with pytest.raises(SignalHeeded):
        say_yes(house, person, SHARE)
    confirmed = say_yes(house, person, SHARE, despite_signal=True)
    hear_of(house, person)

    assert confirmed.despite_signal
    assert is_permitted(house, person, SHARE)
    with pytest.raises(SignalHeeded):  # specific: one scope, not all of them
        say_yes(house, person, STUDY)


def test_it_grants_nothing_and_leaves_the_way_out(house, person):
    hear_of(house, person)
    with pytest.raises(ConsentMissing), house.open_vault("worker") as vault:
        require_permit(vault, person.subject_id, SHARE)
    say_yes(house, person, SHARE, despite_signal=True)

    with house.open_vault("subject") as vault:
        withdraw(vault, person.subject_id, words(SHARE))

    with pytest.raises(ConsentMissing), house.open_vault("worker") as vault:
        require_permit(vault, person.subject_id, SHARE)


def test_the_log_says_that_it_was_seen_and_nobodys_name(house, person):
    hear_of(house, person)

    with house.open_reading_vault("system") as vault:
        log = StoredLog(vault.session)
        (seen,) = [e for body, _ in log.entries(0, log.size) if (e := parse(body)).action == "signal.seen"]
    assert (seen.actor, seen.legal_basis, seen.scope, bool(seen.subject_ref)) == (
        "subject",
        "gdpr-21-5",
        None,
        True,
    )
